"""Whatever happens in whatever order: nothing due is missed, nothing is done twice, and no fold ever fails."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.domain.clocks.due import next_due, wake_needed
from dealflow.domain.deal import events as e
from dealflow.domain.deal.events import Recorded
from dealflow.domain.deal.evolve import evolve, fold
from dealflow.domain.decide.progress import progress
from dealflow.domain.track.gap import tracks
from dealflow.domain.track.position import is_passed, statuses_of
from tests.support.deals.facts import EXAMPLES
from tests.support.deals.lives import Move, at_next, lived, lives
from tests.support.deals.stories import Story

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def is_due(story: Story) -> bool:
    due = next_due(story.deal)
    return due is not None and due <= story.now


@quick
@given(lives())
def test_something_is_due_exactly_when_progress_finds_something(moves: list[Move]) -> None:
    story = Story().opened()
    for move in moves:
        at_next(story, move)
        facts = progress(story.deal, story.context(story.now))
        assert is_due(story) == bool(facts)
        if move.act:
            move.act(story)
        else:
            story.add(facts)


@quick
@given(lives())
def test_after_progress_nothing_is_due_and_progress_finds_nothing(moves: list[Move]) -> None:
    story = lived(moves)
    story.progress()
    due = next_due(story.deal)
    assert due is None or due > story.now
    assert story.progress() == []


@quick
@given(lives(), st.integers(1, 40))
def test_looking_once_late_does_the_same_stalls_as_looking_every_day(moves: list[Move], days: int) -> None:
    patient, eager = lived(moves), lived(moves)
    start = eager.now
    for number in range(days + 1):
        eager.progress(start + timedelta(days=number))
    patient.progress(start + timedelta(days=days))
    if patient.deal.visit == eager.deal.visit == lived(moves).deal.visit:
        assert set(patient.deal.stalls) == set(eager.deal.stalls)


@quick
@given(lives())
def test_whatever_is_due_has_a_wake_or_a_timer(moves: list[Move]) -> None:
    story = Story().opened()
    woken, armed = True, None
    for move in moves:
        before = story.deal
        at_next(story, move)
        if move.act:
            move.act(story)
            woken = woken or wake_needed(before, story.deal)
            assert woken or not is_due(story) or (armed is not None and armed <= story.now)
            assert woken or story.deal.in_progress == before.in_progress
        elif woken or (armed is not None and armed <= story.now):
            story.progress()
            woken, armed = False, next_due(story.deal)


@quick
@given(lives())
def test_a_stall_is_recorded_once_and_one_at_most_is_open_per_clock(moves: list[Move]) -> None:
    story = lived(moves)
    names = [fact.stall_id for fact in story.facts(e.StallRecorded)]
    assert len(names) == len(set(names))
    open_clocks = [(stall.clock, stall.node) for stall in story.deal.open_stalls]
    assert len(open_clocks) == len(set(open_clocks))
    raised = [fact.stall_id for fact in story.facts(e.EscalationRaised)]
    assert len(raised) == len(set(raised)) and set(raised) <= set(names)
    rungs = [(fact.stall_id, fact.rung) for fact in story.facts(e.RungReached)]
    assert len(rungs) == len(set(rungs))


@quick
@given(lives())
def test_every_due_stall_is_recorded_at_its_deadline_and_no_other(moves: list[Move]) -> None:
    story = lived(moves)
    story.progress()
    expected = {
        (fact.stage, fact.clock, fact.node, fact.visit, fact.episode, fact.due.due_at)
        for index, fact in enumerate(r.fact for r in story.recorded)
        if isinstance(fact, e.ClockStarted) and fact.due.due_at <= _ended(story.recorded, index, story.now)
    }
    found = {(f.stage, f.clock, f.node, f.visit, f.episode, f.effective_at) for f in story.facts(e.StallRecorded)}
    assert found == expected


def _ended(recorded: Sequence[Recorded], started: int, now: datetime) -> datetime:
    """Until when this clock ran: a gate that was met counts from when it was, whoever came late."""
    clock = recorded[started].fact
    assert isinstance(clock, e.ClockStarted)
    if clock.node:
        return _regained(recorded, started, clock.node, now)
    ready: datetime | None = None
    for index, each in enumerate(recorded):
        match each.fact:
            case e.GateMet(visit=clock.visit):
                ready = each.fact.ready_at
            case e.GateLost():
                if index > started and ready and ready < clock.due.due_at <= each.stamp.recorded_at:
                    return ready  # it was met at the deadline: the next episode begins
                ready = None
            case e.StageAdvanced() | e.DealClosed() if index > started:
                return ready or each.stamp.recorded_at
            case e.StageMovedBack() if index > started:
                return each.stamp.recorded_at
            case e.ClockStarted(node=None) if index > started:
                return each.stamp.recorded_at
            case e.StageClaimed() if index > started and each.fact.visit > clock.visit:
                return each.stamp.recorded_at
    return ready or now


def _regained(recorded: Sequence[Recorded], started: int, node: str, now: datetime) -> datetime:
    """Until when the clock of a lost proof ran: no move stops it; a deal that is late to close had closed before."""
    ready: datetime | None = None
    for index, each in enumerate(recorded):
        match each.fact:
            case e.GateMet():
                ready = each.fact.ready_at
            case e.GateLost() | e.StageAdvanced() | e.StageClaimed() | e.StageMovedBack():
                ready = None
            case e.DealClosed(how="last_gate" | "closes_after") if index > started:
                return ready or each.stamp.recorded_at
            case e.DealClosed() if index > started:
                return each.stamp.recorded_at
            case e.ProofRegained(node=known) | e.ClockStarted(node=known) if known == node and index > started:
                return each.stamp.recorded_at
    return now


@quick
@given(lives())
def test_every_lost_proof_of_a_deal_in_progress_has_a_clock_and_is_open(moves: list[Move]) -> None:
    story = lived(moves)
    deal, timed = story.deal, {clock.node for clock in story.deal.clocks.values() if clock.node}
    assert timed == (set(deal.lost) if deal.in_progress else set())
    if deal.in_progress:
        assert not any(is_passed(node, story.definition, statuses_of(deal)) for node in deal.lost)


@quick
@given(lives())
def test_outcome_and_life_never_contradict_each_other(moves: list[Move]) -> None:
    deal = lived(moves).deal
    if deal.in_progress:
        assert deal.outcome in ("open", "won")
    else:
        assert (deal.clocks, deal.ready, deal.open_stalls) == ({}, None, ())
    assert [visit.number for visit in deal.visits] == list(range(1, len(deal.visits) + 1))
    assert all(visit.left_at is not None for visit in deal.visits[:-1])


@quick
@given(lives(), st.integers(-1000, 40_000))
def test_folding_as_of_any_instant_never_fails(moves: list[Move], hours: int) -> None:
    story = lived(moves)
    deal = story.as_of(story.deal.opened_at + timedelta(hours=hours))
    if deal is not None:
        tracks(deal, story.definition)


@quick
@given(lives(), st.integers(0, 60))
def test_folding_goes_on_from_any_point(moves: list[Move], cut: int) -> None:
    recorded = lived(moves).recorded
    deal = fold(recorded[:cut])
    for each in recorded[cut:]:
        deal = evolve(deal, each.fact, each.stamp)
    assert deal == fold(recorded)


@quick
@given(lives(), st.randoms(use_true_random=False))
def test_folding_never_fails_on_any_facts_in_any_order(moves: list[Move], random: Random) -> None:
    story = lived(moves)
    known = [r.fact for r in story.recorded] + list(EXAMPLES.values())
    facts = random.choices(known, k=60)
    stamp = story.recorded[0].stamp
    for opened in (None, story.deal):
        deal = opened
        for version, fact in enumerate(facts, start=1):
            deal = evolve(deal, fact, stamp.model_copy(update={"version": version}))
        if deal is not None and deal.process.name == "small":
            next_due(deal)
            wake_needed(opened, deal)
