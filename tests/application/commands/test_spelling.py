"""The deal and the people of a command in any spelling: one deal, one person, and the answer says what was changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dealflow.application.commands.decide import DecideCommands
from dealflow.application.reading.board import kept_name
from dealflow.application.repeated import Asked
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.refusal import Code, CommandRefused
from dealflow.settings import Settings
from tests.support.deals.house import no_digest
from tests.support.running.prepared_home import PreparedHomes
from tests.support.unseen import INVISIBLE
from tests.support.workers.silent_waker import SilentWaker

WHO = c.Who(actor="ops")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedHomes:
    """Homes to copy."""
    return PreparedHomes(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def system(tmp_path: Path, prepared: PreparedHomes) -> Iterator[System]:
    """A store of its own with the standard sale."""
    prepared.with_process("standard-sale", tmp_path / "home")
    with open_system(Settings(home=tmp_path / "home", zone="UTC"), SilentWaker()) as opened:
        yield opened


def envelope(deal_id: str, command_id: str, *commands: c.Command, who: c.Who = WHO) -> c.Envelope:
    return c.Envelope(command_id=command_id, deal_id=deal_id, who=who, commands=commands)


def opening(system: System, owner: str = "anna") -> c.OpenDeal:
    return c.OpenDeal(title="A sale", process=system.processes.get("standard-sale").ref, owner=owner)


def kept_under(system: System, deal_id: str) -> None:
    """A deal of before there was one form: its stream has the very id that was given."""
    decide = DecideCommands(
        system.processes, system.people.current, system.clock, no_digest, lambda _person, _customer: False
    )
    given = envelope(deal_id, f"open {deal_id!r}", opening(system))
    decided = decide.command(given, Asked(given), (), system.store)
    system.store.append(decided.appends)


def test_a_deal_on_record_under_mixed_letters_is_found_and_worked_on(system: System) -> None:
    mixed = "D\u041e2"
    decide = DecideCommands(
        system.processes, system.people.current, system.clock, no_digest, lambda _person, _customer: False
    )
    given = envelope("D02", "open", opening(system))
    decided = decide.command(given, Asked(given), (), system.store)
    (opened,) = decided.appends
    facts = tuple((fact.model_copy(update={"deal_id": mixed}), stamp) for fact, stamp in opened.facts)
    system.store.append([replace(opened, stream=stream_of(mixed), facts=facts)])
    assert system.deals.handle(envelope(mixed, "a", c.RecordActivity(what="called"))).answer.deal_id == mixed
    assert system.reading.read(mixed).deal.id == mixed


@pytest.mark.parametrize("char", INVISIBLE[::4])
def test_a_deal_is_one_in_every_spelling(system: System, char: str) -> None:
    opened = system.deals.handle(envelope(f" D1{char}", "a", opening(system))).answer
    assert opened.deal_id == "D1"
    assert [(each.place, each.kept) for each in opened.respelled] == [("deal", "D1")]
    with pytest.raises(CommandRefused) as refused:
        system.deals.handle(envelope(f"{char}D1", "b", opening(system)))
    assert refused.value.reasons[0].code is Code.DEAL_EXISTS
    assert system.reading.read(f"D{char}1").deal.id == "D1"


@pytest.mark.parametrize("nothing", ["\u200b", " ", "\u3164", "\t"])
def test_an_id_of_nothing_is_refused(system: System, nothing: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        system.deals.handle(envelope(nothing, "a", opening(system)))
    assert refused.value.reasons[0].code is Code.FIELD_INVALID


def test_a_deal_on_record_under_an_odd_id_is_found_by_it_and_only_by_it(system: System) -> None:
    kept_under(system, "D1\u200b")
    act = c.RecordActivity(what="called")
    answer = system.deals.handle(envelope("D1\u200b", "a", act)).answer
    assert (answer.deal_id, answer.respelled) == ("D1\u200b", ())
    assert system.reading.read("D1\u200b").deal.version == answer.version
    with pytest.raises(CommandRefused) as refused:
        system.deals.handle(envelope("D1", "b", act))
    assert refused.value.reasons[0].code is Code.UNKNOWN_DEAL
    system.deals.handle(envelope("D1", "c", opening(system)))
    assert system.reading.read("D1").deal.version == 2
    assert system.reading.read("D1\u200b").deal.version == answer.version


def test_what_is_asked_for_is_taken_as_it_is_on_record(system: System) -> None:
    kept_under(system, "D1\u200b")
    assert kept_name(system.reading, system.board, "deal", "D1\u200b") == "D1\u200b"
    assert kept_name(system.reading, system.board, "deal", " D2 ") == "D2"
    assert kept_name(system.reading, system.board, "owner", " anna") == "anna"


def test_a_command_sent_again_gives_the_same_answer_with_what_was_changed(system: System) -> None:
    first = system.deals.handle(envelope(" D1", "a", opening(system, owner=" anna "))).answer
    again = system.deals.handle(envelope(" D1", "a", opening(system, owner=" anna "))).answer
    assert again == first.model_copy(update={"repeated": True})
    assert [each.place for each in again.respelled] == ["deal", "owner"]


def test_a_person_who_acts_is_known_in_every_spelling(tmp_path: Path, system: System) -> None:
    people = "people:\n  - {id: Anna Lee}\n  - {id: me, role: operations, acts_for: ['*']}\n"
    (tmp_path / "home" / "people.yaml").write_text(people)
    who = c.Who(actor="me", on_behalf_of=" Anna\u00a0 Lee")
    answer = system.deals.handle(envelope("D1", "a", opening(system, owner="Anna  Lee"), who=who)).answer
    assert [(each.place, each.kept) for each in answer.respelled] == [("person", "Anna Lee"), ("owner", "Anna Lee")]
    assert system.reading.read("D1").recorded[0].stamp.on_behalf_of == "Anna Lee"
