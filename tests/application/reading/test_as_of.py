"""One past for every reading: what is effective by an instant, of what was recorded by another."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from dealflow.application.ports.store import Append
from dealflow.application.reading.as_of import NOW, AsOf, ReadDeals, deals_as_of
from dealflow.application.reading.history import HistoryQuery, history
from dealflow.application.reading.inventory import take_inventory
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.evolve import fold
from dealflow.domain.values.refusal import Code, CommandRefused
from dealflow.wording.history import FactTeller
from tests.support.deals.house import StoppedClock, processes_on
from tests.support.deals.shipped_process import standard_sale
from tests.support.deals.told_deals import PEOPLE, ToldDeal, day, meeting, process_in_force
from tests.support.stores.memory_store import MemoryStore

STANDARD = process_in_force()
TELL = FactTeller(STANDARD.definition, "en", ZoneInfo("UTC"), PEOPLE)
CONTACT = {"channel": "wechat", "phone": "+86 138 0000 0000", "added_on": "2026-01-06"}
PASTS = [
    AsOf(as_of, as_known_at) for as_of in (None, day(5), day(7), day(20)) for as_known_at in (None, day(6), day(9))
]


def reader_of(*stories: ToldDeal) -> ReadDeals:
    """Reads a store in which the process was published and these deals were recorded one after another."""
    store, clock = MemoryStore(), StoppedClock(day(30))
    processes = processes_on(store, clock)
    processes.publish(standard_sale(), who=c.Who(actor="ops"), command_id="p1")
    for told in stories:
        facts = tuple((one.fact, one.stamp) for one in told.recorded)
        store.append([Append(f"deal/{told.deal_id}", 0, facts, subject="acme")])
    return ReadDeals(store, processes, lambda: PEOPLE, clock, None)


def told_late() -> ToldDeal:
    """A contact of day 6 that was recorded on day 8, and a meeting planned on day 10."""
    story = ToldDeal(process=STANDARD)
    evidence = c.RecordEvidence(evidence_id="e1", kind="messenger_contact", fields=CONTACT, observed_at=day(6))
    story.does(day(6), evidence, recorded_at=day(8)).looks(day(8, 3))
    return story.does(day(10), c.PlanStep(step_id="s1", what="meet", by=day(15)))


@pytest.mark.parametrize("asked", PASTS, ids=str)
def test_a_deal_its_history_and_the_log_have_the_same_past(asked: AsOf) -> None:
    story = told_late()
    reader = reader_of(story)
    kept = [one for one in story.recorded if asked.keeps(one)]
    found = reader.read("d1", asked)
    assert found.deal == fold(kept) == deals_as_of(reader.store, asked).deals["deal/d1"]
    wanted = HistoryQuery(as_of=asked.as_of, as_known_at=asked.as_known_at)
    assert [entry.n for entry in history(found.recorded, TELL, wanted).entries] == [one.stamp.version for one in kept]


def test_a_past_is_what_had_happened_or_what_was_known() -> None:
    reader = reader_of(told_late())
    assert list(reader.read("d1", AsOf(day(7))).deal.evidence) == ["e1"]
    assert list(reader.read("d1", AsOf(day(7), day(7))).deal.evidence) == []
    assert list(reader.read("d1", AsOf(as_known_at=day(7))).deal.evidence) == []
    assert (reader.read("d1", AsOf(day(7))).at, reader.read("d1").at) == (day(7), day(30))


def test_a_deal_is_shown_by_the_title_of_that_time() -> None:
    reader = reader_of(ToldDeal(process=STANDARD).does(day(8), c.AmendDeal(title="200 desks", reason="it has changed")))
    assert [reader.read("d1", asked).deal.title for asked in (AsOf(day(7)), NOW)] == ["100 desks", "200 desks"]


def test_an_instant_before_the_first_opening_is_refused_by_every_reading() -> None:
    early = ToldDeal(process=STANDARD, opened=day(7))
    early.does(day(8), c.RecordEvidence(evidence_id="e1", kind="messenger_contact", fields=CONTACT, observed_at=day(5)))
    reader = reader_of(early)
    asked = AsOf(day(6))
    assert refusal(lambda: reader.read("d1", asked)) == (Code.TIME_BEFORE_FIRST, "as-of", day(7))
    assert refusal(
        lambda: take_inventory(reader.store, lambda _: STANDARD.definition, Viewer(None, PEOPLE, day(30)), asked=asked)
    ) == (Code.TIME_BEFORE_FIRST, "as-of", day(7))


def test_a_sentence_is_told_of_the_deal_of_that_past() -> None:
    story = meeting(ToldDeal(process=STANDARD), day(8), "m1")
    story.does(day(6), c.ClaimStage(stage="learn_need", observed_at=day(6)), recorded_at=day(9))
    [claimed] = [entry.what for entry in history(story.recorded, TELL, HistoryQuery(kind="stage_claimed")).entries]
    wanted = HistoryQuery(kind="stage_claimed", as_of=day(7))
    [claimed_then] = [entry.what for entry in history(story.recorded, TELL, wanted).entries]
    assert "Talk with the decider" in claimed_then
    assert "Talk with the decider" not in claimed


def refusal(ask: Callable[[], object]) -> tuple[Code, str, object]:
    with pytest.raises(CommandRefused) as refused:
        ask()
    [reason] = refused.value.reasons
    return reason.code, reason.place, reason.data["first"]
