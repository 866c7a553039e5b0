"""An import is taken back: the deal is folded as if it had never brought anything, and what comes after counts."""

from datetime import datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.brought import brought
from dealflow.domain.deal.evolve import behind, evolve, fold, last_known
from dealflow.domain.deal.state import Deal
from dealflow.domain.process.definition import ProcessRef
from tests.support.deals.stories import day

REF = ProcessRef(name="sale", version=1, digest="0" * 64)
FIRST, SECOND = "batch-1", "batch-2"


class Told:
    """The stream of one deal as it grows."""

    def __init__(self) -> None:
        self.recorded: list[e.Recorded] = []

    def add(self, fact: e.Fact, cause: str = "import", by: str = FIRST, actor: str = "ops") -> "Told":
        number = len(self.recorded) + 1
        stamp = e.Stamp(
            version=number,
            recorded_at=day(100 + number),
            actor=actor,
            command_id=f"{by}/{number}",
            correlation_id=by,
            cause=cause,
        )
        self.recorded.append(e.Recorded(stream="deal/d1", stamp=stamp, fact=fact))
        return self

    def undo(self, batch: str) -> "Told":
        found = brought(self.recorded, batch)
        assert found is not None
        fact = e.ImportUndone(effective_at=found.effective_at, batch=batch, back_to=found.back_to)
        return self.add(fact, cause="undo", by=f"undo/{batch}")

    @property
    def deal(self) -> Deal | None:
        return fold(self.recorded)

    def as_of(self, at: datetime) -> Deal | None:
        return fold(one for one in self.recorded if one.fact.effective_at <= at)


def opened(at: float = 1, run: int = 1) -> e.DealOpened:
    return e.DealOpened(
        effective_at=day(at),
        origin=e.Origin(source="crm", row="2", key="crm/open"),
        deal_id="d1",
        title="Deal",
        process=REF,
        stage="need",
        owner="anna",
        run=run,
    )


def owned_by(person: str, at: float) -> e.OwnerChanged:
    return e.OwnerChanged(effective_at=day(at), owner=person)


def by_itself(at: float) -> e.ActivityRecorded:
    return e.ActivityRecorded(effective_at=day(at), what="a call", reported_at=day(at))


def the_deal(told: Told) -> Deal:
    assert told.deal is not None
    return told.deal


def test_a_deal_that_the_import_opened_is_not_there_any_more() -> None:
    told = Told().add(opened()).add(owned_by("bob", 2)).undo(FIRST)
    assert told.deal is None
    known = last_known(told.recorded)
    assert known is not None and known.owner == "bob"


def test_a_later_import_is_taken_back_to_the_deal_before_it() -> None:
    told = Told().add(opened())
    before = the_deal(told)
    told.add(owned_by("bob", 5), by=SECOND).undo(SECOND)
    deal = the_deal(told)
    assert (deal.owner, deal.version, deal.recorded_at) == ("anna", 3, day(103))
    assert (deal.visits, deal.imported) == (before.visits, before.imported)


def test_batches_are_taken_back_one_after_the_other() -> None:
    told = Told().add(opened()).add(owned_by("bob", 5), by=SECOND)
    found = brought(told.recorded, FIRST)
    assert found is not None and found.later == SECOND
    told.undo(SECOND)
    found = brought(told.recorded, FIRST)
    assert found is not None and (found.later, found.back_to) == (None, 0)
    assert told.undo(FIRST).deal is None
    assert brought(told.recorded, FIRST) is None


def test_the_next_opening_is_another_run_whose_openings_count_from_one() -> None:
    told = Told().add(opened()).undo(FIRST)
    assert behind(told.recorded) == (2, 1)
    told.add(opened(at=3, run=2), by="batch-1-2")
    deal = the_deal(told)
    assert (deal.run, deal.opening, deal.opened_at, deal.version) == (2, 1, day(3), 3)
    assert told.undo("batch-1-2").deal is None
    assert behind(told.recorded) == (4, 2)


def test_as_of_an_instant_what_was_taken_back_never_was() -> None:
    told = Told().add(opened()).add(owned_by("bob", 5), by=SECOND).add(owned_by("carl", 9), by=SECOND).undo(SECOND)
    owners = [deal.owner if (deal := told.as_of(day(at))) else None for at in (0.5, 3, 6, 10)]
    assert owners == [None, "anna", "anna", "anna"]


def test_as_known_before_it_was_taken_back_it_counts() -> None:
    told = Told().add(opened()).add(owned_by("bob", 5)).undo(FIRST)
    known = fold(told.recorded[:2])
    assert known is not None and known.owner == "bob"


def test_what_followed_by_itself_goes_with_it_and_what_a_person_did_holds_it() -> None:
    told = Told().add(opened())
    told.add(
        e.ActivityRecorded(effective_at=day(2), what="by itself", reported_at=day(2)),
        cause="progress",
        by="progress/1",
        actor="dealflow",
    )
    found = brought(told.recorded, FIRST)
    assert found is not None and (found.act, found.events) == (None, 2)
    told.add(by_itself(3), cause="command", by="call")
    found = brought(told.recorded, FIRST)
    assert found is not None and found.act is not None and found.act.stamp.version == 3


def test_what_a_person_did_before_the_import_holds_nothing() -> None:
    told = Told().add(opened(), cause="command", by="open").add(owned_by("bob", 5)).undo(FIRST)
    assert the_deal(told).owner == "anna"


def test_an_import_that_goes_on_with_the_same_batch_is_one() -> None:
    told = Told().add(opened(), cause="command", by="open").add(owned_by("bob", 5))
    told.add(
        e.ActivityRecorded(effective_at=day(6), what="by itself", reported_at=day(2)), cause="progress", by="progress/1"
    )
    told.add(owned_by("carl", 7)).undo(FIRST)
    assert the_deal(told).owner == "anna"


def test_an_event_of_another_batch_takes_nothing_back() -> None:
    told = Told().add(opened()).add(owned_by("bob", 5), by=SECOND)
    deal = the_deal(told)
    stamp = told.recorded[-1].stamp.model_copy(update={"version": 3})
    after = evolve(deal, e.ImportUndone(effective_at=day(1), batch=FIRST, back_to=0), stamp)
    assert after is not None and (after.owner, after.version) == ("bob", 3)
