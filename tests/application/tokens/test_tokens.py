"""Tokens: made once, recognised whole, listed to whom they concern, worthless when revoked, expired or left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from dealflow.application.repeated import row_of
from dealflow.application.tokens.handle import Tokens
from dealflow.application.tokens.known import RecogniseTokens, list_tokens
from dealflow.domain.people.actor import ByToken, Who
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.token import commands as c
from dealflow.domain.token import secret as s
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.house import StoppedClock, no_digest
from tests.support.stores.memory_store import MemoryStore

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANNA, OPS, DORA, AUD = (Who(actor=person) for person in ("anna", "ops", "dora", "aud"))


def id_of(token: str) -> str:
    """Of a whole token, or the id itself."""
    return s.token_in(token) or token


class Desk:
    """Tokens of a small firm on a store in memory, at a clock that is set."""

    def __init__(self) -> None:
        self.store, self.clock = MemoryStore(), StoppedClock(AT)
        self.people = Organisation(
            people={
                person.id: person
                for person in (
                    Person(id="anna", name="Anna"),
                    Person(id="dora", name="Dora", role="director"),
                    Person(id="ops", name="Ops", role="operations"),
                    Person(id="aud", name="Aud", role="auditor"),
                )
            }
        )
        self.tokens = Tokens(self.store, lambda: self.people, self.clock, no_digest)
        self.known = RecogniseTokens(self.store, lambda: self.people, self.clock.now)
        self._commands = 0

    def create(self, person: str = "anna", who: Who = ANNA, command_id: str = "", **more: object) -> str:
        self._commands += 1
        command = c.CreateToken.model_validate({"person": person, **more})
        envelope = c.TokenEnvelope(command_id=command_id or f"t{self._commands}", who=who, commands=(command,))
        made = self.tokens.handle(envelope)
        return made.token or made.done.token_id

    def revoke(self, token: str, who: Who = ANNA, command_id: str = "revoke") -> tuple[str, ...]:
        command = c.RevokeToken(token_id=id_of(token), reason="lost")
        return self.tokens.handle(c.TokenEnvelope(command_id=command_id, who=who, commands=(command,))).done.made_by_it

    def wrong(self, token: str) -> str:
        with pytest.raises(CommandRefused) as refused:
            self.known.recognise(token, "DEALFLOW_TOKEN")
        [reason] = refused.value.reasons
        assert (reason.code, reason.place) == (Code.TOKEN_REFUSED, "DEALFLOW_TOKEN")
        assert token not in repr(reason)
        return str(reason.data["wrong"])

    def listed(self, who: Who, **more: Any) -> list[str]:
        page = list_tokens(self.store, who, self.people, self.clock.now(), **more)
        return [row.person for row in page.tokens]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_whoever_has_the_token_whole_is_its_person(desk: Desk) -> None:
    token = desk.create(only=["open"])
    assert desk.known.recognise(f" {token}\n", "p").used == ByToken(id=id_of(token), only=("open",))
    assert desk.known.recognise(token, "p").person == "anna"


def test_nothing_that_opens_anything_is_kept_of_it(desk: Desk) -> None:
    token = desk.create(label="laptop")
    [stream] = desk.store.streams("token/")
    row = row_of(desk.store, "anna", "t1")
    assert row is not None
    kept = repr(list(desk.store.load(stream))) + repr(row)
    assert token[len(s.PREFIX) + s.ID_LENGTH :] not in kept and s.digest_of_token(token) in kept


def test_an_unknown_id_and_a_wrong_secret_are_answered_alike(desk: Desk) -> None:
    token = desk.create()
    guessed = s.token_text(id_of(token), "A" * s.SECRET_LENGTH)
    unknown = s.token_text("zzzzzzzz", "A" * s.SECRET_LENGTH)
    assert desk.wrong(guessed) == desk.wrong(unknown) == "this store does not know it; it may be another store's"
    desk.revoke(token)
    assert desk.wrong(guessed) == desk.wrong(unknown), "nor is a stranger told that it was revoked"


def test_it_ends_by_its_time_by_being_revoked_and_with_its_person(desk: Desk) -> None:
    expiring, revoked, left = desk.create(lasts="1 hour"), desk.create(), desk.create("dora", OPS, endless=True)
    desk.clock.passes(minutes=59)
    assert desk.known.recognise(expiring, "p").person == "anna"
    desk.clock.passes(minutes=1)
    assert "it expired on 2026-03-02" in desk.wrong(expiring)
    desk.revoke(revoked, OPS)
    assert "it was revoked on 2026-03-02" in desk.wrong(revoked)
    desk.clock.passes(days=4000)
    assert desk.known.recognise(left, "p").person == "dora"
    people = {person: one for person, one in desk.people.people.items() if person != "dora"}
    desk.people = Organisation(people=people)
    assert desk.wrong(left) == "its person is not among the people of this store any more"


def test_a_reader_is_told_of_their_own_and_operations_and_auditors_of_all(desk: Desk) -> None:
    desk.create()
    desk.clock.passes(minutes=1)
    desk.create("dora", DORA)
    assert [desk.listed(who) for who in (ANNA, DORA)] == [["anna"], ["dora"]]
    assert desk.listed(OPS) == desk.listed(AUD) == ["dora", "anna"]
    assert desk.listed(OPS, person="anna") == ["anna"] and desk.listed(DORA, person="anna") == []
    desk.clock.passes(days=91)
    assert desk.listed(OPS) == [] and desk.listed(OPS, ended=True) == ["dora", "anna"]
    with pytest.raises(CommandRefused):
        desk.listed(OPS, person="ana")


def test_of_others_there_is_none_and_the_nearest_is_one_that_the_reader_knows_of(desk: Desk) -> None:
    hers, his = desk.create(), desk.create("dora", DORA)
    with pytest.raises(CommandRefused) as refused:
        desk.revoke(hers, DORA)
    [reason] = refused.value.reasons
    assert (reason.code, reason.suggestion in (None, id_of(his))) == (Code.UNKNOWN_TOKEN, True)


def test_the_same_command_sent_again_has_one_effect_and_shows_nothing(desk: Desk) -> None:
    token = desk.create(command_id="once", label="a")
    assert desk.create(command_id="once", label="a") == id_of(token)
    successor = ByToken(id="7k2m9q4x")
    assert desk.create(who=Who(actor="anna", by=successor), command_id="once", label="a") == id_of(token)
    with pytest.raises(CommandRefused):
        desk.create(command_id="once", label="b")
    assert len(desk.store.streams("token/")) == 1


def test_what_was_made_by_means_of_a_revoked_one_is_named(desk: Desk) -> None:
    token = desk.create()
    by = Who(actor="anna", by=desk.known.recognise(token, "p").used)
    child, gone = desk.create(who=by), desk.create(who=by)
    desk.revoke(gone, command_id="r1")
    assert desk.revoke(token, command_id="r2") == (id_of(child),)
    assert desk.known.recognise(child, "p").created_by_token == id_of(token)


def test_many_are_made_at_once_each_for_itself(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: desk.create(command_id=f"many{n}"), range(40)))
    assert len({id_of(token) for token in made}) == 40
