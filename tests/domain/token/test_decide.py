"""Who may have which token made, how long it holds, and who may make it worthless."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dealflow.domain.deal import events as e
from dealflow.domain.people.actor import ByToken, Who
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.people.rights import Rights
from dealflow.domain.token import commands as c
from dealflow.domain.token.decide import decide_new_token, decide_revoked, sees_tokens_of
from dealflow.domain.token.secret import WrittenToken
from dealflow.domain.token.state import KnownToken, token_after
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.refusal import Code, CommandRefused

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MADE = WrittenToken("7k2m9q4x", "5e" * 32)
PEOPLE = Organisation(
    people={
        person.id: person
        for person in (
            Person(id="anna", name="Anna"),
            Person(id="dora", name="Dora", role="director"),
            Person(id="ops", name="Ops", role="operations"),
            Person(id="aud", name="Aud", role="auditor"),
            Person(id="pay", name="Pay", role="integrator", kinds=("payment",)),
            Person(id="sec", name="Sec", acts_for=("anna", "ops")),
        )
    }
)
NOBODYS = Organisation(declared=False)
LIMITED = ByToken(id="limited0", only=("open", "token"))


def who(actor: str, *, on_behalf_of: str | None = None, by: ByToken | None = None) -> Who:
    return Who(actor=actor, on_behalf_of=on_behalf_of, by=by)


def made(person: str, by: Who, people: Organisation = PEOPLE, **more: Any) -> e.TokenCreated:
    return decide_new_token(c.CreateToken(person=person, **more), MADE, by, people, AT)


def code(do: Callable[..., object], *arguments: object, **more: object) -> Code:
    with pytest.raises(CommandRefused) as refused:
        do(*arguments, **more)
    return refused.value.reasons[0].code


def known(person: str = "anna", by: str = "anna") -> KnownToken:
    stamp = e.Stamp(version=1, recorded_at=AT, actor=by, command_id="c", correlation_id="c", cause="command")
    token = token_after([e.Recorded("token/7k2m9q4x", stamp, made(person, who("ops")))])
    assert token is not None
    return token


@pytest.mark.parametrize(
    ("person", "by", "comes_of_it"),
    [
        ("anna", who("anna"), None),
        ("aud", who("aud"), None),
        ("anna", who("ops"), None),
        ("pay", who("ops"), None),
        ("pay", who("pay"), Code.NOT_PERMITTED),
        ("dora", who("anna"), Code.NOT_PERMITTED),
        ("anna", who("dora"), Code.NOT_PERMITTED),
        ("anna", who("aud"), Code.NOT_PERMITTED),
        ("anna", who("sec", on_behalf_of="anna"), Code.NOT_PERMITTED),
        ("anna", who("sec", on_behalf_of="ops"), None),
        ("sec", who("sec", on_behalf_of="anna"), Code.NOT_PERMITTED),
        ("eve", who("ops"), Code.UNKNOWN_PERSON),
        ("eve", who("eve"), Code.UNKNOWN_PERSON),
    ],
)
def test_everybody_has_tokens_of_their_own_and_operations_make_those_of_others(
    person: str, by: Who, comes_of_it: Code | None
) -> None:
    if comes_of_it is None:
        assert made(person, by).person == person
    else:
        assert code(made, person, by) is comes_of_it


def test_a_home_without_people_belongs_to_whoever_works_in_it() -> None:
    assert made("li", who("wang"), NOBODYS).person == "li"
    assert code(made, "dealflow", who("wang"), NOBODYS) is Code.TEXT_INVALID


def test_a_token_that_is_good_for_some_acts_makes_none_that_is_good_for_more() -> None:
    limited = who("anna", by=LIMITED)
    assert made("anna", limited, only=("open",)).only == ("open",)
    assert code(made, "anna", limited) is Code.TOKEN_LIMITED
    assert code(made, "anna", limited, only=("open", "amend")) is Code.TOKEN_LIMITED
    assert code(made, "anna", who("anna", by=ByToken(id="limited1", only=("open",))), only=("open",)) is (
        Code.TOKEN_LIMITED
    )
    assert made("anna", who("anna", by=ByToken(id="whole000"))).only == ()


def test_it_holds_ninety_days_unless_said_and_never_more_than_a_year() -> None:
    assert made("anna", who("anna")).expires_at == AT + timedelta(days=90)
    assert made("anna", who("anna"), lasts=Duration.model_validate("8 hours")).expires_at == AT + timedelta(hours=8)
    assert made("anna", who("anna"), until=AT + timedelta(days=366)).expires_at == AT + timedelta(days=366)
    assert made("anna", who("anna"), endless=True).expires_at is None
    refused: dict[Code, list[dict[str, Any]]] = {
        Code.DEADLINE_TOO_FAR: [{"lasts": "367 days"}, {"lasts": "9999999 days"}, {"until": AT + timedelta(days=367)}],
        Code.DEADLINE_PAST: [{"lasts": "0 days"}, {"until": AT}],
        Code.FIELD_INVALID: [{"lasts": "5 working days"}],
    }
    for wanted, ends in refused.items():
        for end in ends:
            assert code(made, "anna", who("anna"), **end) is wanted


@pytest.mark.parametrize(
    ("by", "comes_of_it"),
    [
        (who("anna"), None),
        (who("ops"), None),
        (who("aud"), Code.NOT_PERMITTED),
        (who("dora"), Code.UNKNOWN_TOKEN),
        (who("sec", on_behalf_of="anna"), Code.NOT_PERMITTED),
        (who("anna", by=ByToken(id="other000", only=("open",))), Code.TOKEN_LIMITED),
        (who("anna", by=ByToken(id="7k2m9q4x", only=("open",))), None),
        (who("eve"), Code.UNKNOWN_PERSON),
    ],
)
def test_whose_it_is_and_operations_make_it_worthless_and_for_others_it_is_not_there(
    by: Who, comes_of_it: Code | None
) -> None:
    command = c.RevokeToken(token_id="7k2m9q4x", reason="lost")
    if comes_of_it is None:
        fact = decide_revoked(command, known(), by, PEOPLE, AT)
        assert (fact.token_id, fact.person, fact.reason) == ("7k2m9q4x", "anna", "lost")
    else:
        assert code(decide_revoked, command, known(), by, PEOPLE, AT) is comes_of_it


def test_a_token_that_is_good_for_some_acts_makes_no_other_worthless() -> None:
    command = c.RevokeToken(token_id="7k2m9q4x", reason="lost")
    for limited in (LIMITED, ByToken(id="limited1", only=("amend",))):
        assert code(decide_revoked, command, known(), who("anna", by=limited), PEOPLE, AT) is Code.TOKEN_LIMITED
    itself = ByToken(id="7k2m9q4x", only=("amend",))
    assert decide_revoked(command, known(), who("anna", by=itself), PEOPLE, AT).token_id == "7k2m9q4x"


def test_whoever_may_make_those_of_others_may_make_them_worthless() -> None:
    command = c.RevokeToken(token_id="7k2m9q4x", reason="stolen")
    of_directors = PEOPLE.model_copy(update={"rights": Rights(changed={"token": ("director",)})})
    without_operations = Organisation(people={name: PEOPLE.people[name] for name in ("anna", "dora")})
    for people in (of_directors, without_operations):
        assert made("anna", who("dora"), people).person == "anna"
        assert sees_tokens_of("anna", "dora", people)
        assert decide_revoked(command, known(), who("dora"), people, AT).reason == "stolen"


def test_it_is_made_worthless_once_and_for_a_reason() -> None:
    assert code(decide_revoked, c.RevokeToken(token_id="7k2m9q4x", reason=" "), known(), who("anna"), PEOPLE, AT) is (
        Code.REASON_NEEDED
    )
    stamp = e.Stamp(version=2, recorded_at=AT, actor="ops", command_id="c", correlation_id="c", cause="command")
    gone = token_after([e.Recorded("", stamp, e.TokenRevoked(effective_at=AT, token_id="7k2m9q4x", person="anna",
                                                             reason="lost"))], known())  # fmt: skip
    assert gone is not None and not gone.holds(AT) and (gone.revoked_by, gone.version) == ("ops", 2)
    assert code(decide_revoked, c.RevokeToken(token_id="7k2m9q4x", reason="r"), gone, who("anna"), PEOPLE, AT) is (
        Code.ALREADY_SO
    )
    assert known().holds(AT + timedelta(days=90, microseconds=-1)) and not known().holds(AT + timedelta(days=90))
