"""A clock that runs out: dated at its deadline, once per episode, and the race of evidence against it."""

import pytest

from dealflow.domain.clocks.due import next_due, wake_needed
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import Story, day

LATE = [10, 10.5, 17, 300]


def escalations(story: Story) -> list[str]:
    return [topic for topic in story.topics() if topic in ("escalation_raised", "rung_reached", "warning_given")]


def test_opening_starts_the_clock_with_what_its_deadline_was_computed_from() -> None:
    started = Story().opened().last(e.ClockStarted)
    assert (started.clock, started.stage, started.visit, started.episode, started.limit) == (
        "stage_age", "meet", 1, 1, "10 days",
    )  # fmt: skip
    assert (started.due.due_at, started.due.provisional, started.granted) == (day(10), False, False)
    assert started.warn is not None and started.warn.due_at == day(8)


def test_a_plain_day_is_24_elapsed_hours() -> None:
    assert Story().opened().last(e.ClockStarted).due.due_at == day(10)


def test_nothing_is_due_before_the_deadline() -> None:
    story = Story().opened()
    story.progress(day(8))
    assert next_due(story.deal) == day(10) and story.progress(day(9.999)) == []


@pytest.mark.parametrize("late", LATE)
def test_a_stall_is_dated_at_its_deadline_not_when_noticed(late: float) -> None:
    story = Story().opened()
    story.progress(day(late))
    stall = story.last(e.StallRecorded)
    assert (stall.effective_at, stall.since, stall.limit) == (day(10), day(0), "10 days")
    assert (stall.stall_id, stall.visit, stall.episode) == ("d1/1/1/stage_age/1", 1, 1)


def test_a_stall_names_what_is_missing() -> None:
    story = Story().opened()
    story.evidence("talk", whom="helper")
    story.progress(day(10))
    assert story.last(e.StallRecorded).missing == ("decider_met",)


def test_there_is_one_stall_per_episode_however_often_the_engine_looks() -> None:
    story = Story().opened()
    for at in (10, 10, 11, 30, 90):
        story.progress(day(at))
    assert len(story.facts(e.StallRecorded)) == 1 and len(story.deal.open_stalls) == 1


def test_progress_run_again_on_its_own_result_finds_nothing() -> None:
    story = Story().opened()
    assert story.progress(day(10)) != []
    assert story.progress() == []


@pytest.mark.parametrize("late", LATE)
def test_evidence_recorded_before_the_deadline_is_no_stall_however_late_the_worker(late: float) -> None:
    story = Story().opened()
    story.evidence("talk", at=day(9.9), whom="decider")
    story.progress(day(late))
    assert story.facts(e.StallRecorded) == []
    assert (story.deal.stage, story.deal.entered_at) == ("learn", day(late))


@pytest.mark.parametrize("late", [10.2, 13, 300])
def test_evidence_recorded_after_the_deadline_is_a_stall_dated_at_the_deadline_that_nobody_is_told_of(
    late: float,
) -> None:
    story = Story().opened()
    story.progress(day(8))
    warnings = len(escalations(story))
    story.evidence("talk", at=day(10.1), whom="decider")
    story.progress(day(late))
    stall = story.ended("d1/1/1/stage_age/1")
    assert (stall.due_at, stall.how, stall.ended_at) == (day(10), "moved", day(late))
    assert len(escalations(story)) == warnings
    assert story.deal.stage == "learn"


def test_a_deadline_comes_before_facts_of_the_same_instant() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(10), whom="decider")
    story.progress(day(10))
    assert story.topics()[-5:] == ["gate_met", "stall_recorded", "stall_ended", "stage_advanced", "clock_started"]
    stall = story.ended("d1/1/1/stage_age/1")
    assert (stall.due_at, stall.ended_at) == (day(10), day(10))


def test_evidence_observed_before_the_deadline_and_recorded_after_it_comes_too_late() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(11), observed=day(9), whom="decider")
    story.progress(day(11))
    assert len(story.facts(e.StallRecorded)) == 1


def test_evidence_that_does_not_meet_the_gate_resets_no_stage_clock() -> None:
    story = Story().opened()
    story.evidence("reply", at=day(9))
    story.evidence("talk", at=day(9), whom="helper")
    assert next_due(story.deal) == day(8)
    story.progress(day(10))
    assert len(story.deal.open_stalls) == 1


def test_a_new_stage_has_a_clock_and_a_stall_of_its_own() -> None:
    story = Story().opened()
    story.progress(day(10))
    story.evidence("talk", at=day(12), whom="decider")
    story.progress(day(12))
    story.progress(day(17))
    assert list(story.deal.stalls) == ["d1/1/1/stage_age/1", "d1/1/2/stage_age/1"]
    assert [stall.id for stall in story.deal.open_stalls] == ["d1/1/2/stage_age/1"]


def test_an_open_stall_ends_when_the_deal_moves() -> None:
    story = Story().opened()
    story.progress(day(10))
    story.evidence("talk", at=day(11), whom="decider")
    story.progress(day(11))
    ended = story.last(e.StallEnded)
    assert (ended.how, ended.effective_at) == ("moved", day(11))


def test_closing_ends_stalls_and_clocks() -> None:
    story = Story().opened()
    story.progress(day(10))
    story.do(c.LoseDeal(reason="price"), at=day(11))
    assert story.last(e.StallEnded).how == "closed"
    assert (story.deal.open_stalls, next_due(story.deal), story.progress(day(99))) == ((), None, [])


def test_a_deadline_that_passed_before_the_deal_was_lost_is_a_stall_on_record_that_nobody_is_told_of() -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"), at=day(11))
    assert story.last(e.StallRecorded).effective_at == day(10)
    assert escalations(story) == [] and story.progress(day(12)) == []


def test_a_deal_lost_at_its_deadline_has_stalled() -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"), at=day(10))
    assert len(story.facts(e.StallRecorded)) == 1


def test_an_owners_change_keeps_stage_clock_and_stall() -> None:
    story = Story().opened()
    story.progress(day(10))
    before = story.deal
    story.do(c.ReassignDeal(owner="bob", reason="r"), at=day(11), who="mei")
    assert (story.deal.stage, story.deal.clocks) == (before.stage, before.clocks)
    (stall,), (kept,) = before.open_stalls, story.deal.open_stalls
    assert (kept.id, kept.due_at, kept.missing) == (stall.id, stall.due_at, stall.missing)


def test_a_gate_that_was_lost_before_the_deadline_stalls() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(2), evidence_id="t1", whom="decider")
    story.do(c.WithdrawEvidence(evidence_id="t1", reason="a mistake"), at=day(3))
    story.progress(day(10))
    assert len(story.deal.open_stalls) == 1


def test_a_gate_that_was_met_over_the_deadline_and_lost_before_the_worker_came_stalls_from_the_withdrawal() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(9), evidence_id="t1", whom="decider")
    story.do(c.WithdrawEvidence(evidence_id="t1", reason="a mistake"), at=day(11))
    story.progress(day(11.5))
    (stall,) = story.facts(e.StallRecorded)
    assert (stall.stall_id, stall.effective_at, stall.since) == ("d1/1/1/stage_age/2", day(11), day(0))
    assert story.last(e.EscalationRaised).counted_from == day(11)


def test_a_gate_met_by_a_waiver_before_the_deadline_is_no_stall() -> None:
    story = Story().opened()
    story.do(c.WaiveNode(node="decider_met", reason="known"), at=day(9), who="dora")
    story.progress(day(20))
    assert story.facts(e.StallRecorded) == []


def test_a_stage_without_a_clock_never_stalls() -> None:
    story = Story(variant(("    clocks: {stage_age: {limit: 10 days, warn: 8 days}}\n", ""))).opened()
    assert next_due(story.deal) is None and story.progress(day(900)) == []


def test_what_is_due_is_worked_through_in_time_order() -> None:
    story = Story().opened().moved_to("collect")
    story.do(c.ClaimStage(stage="serve", observed_at=day(0)))
    story.progress(day(99))
    instants = [r.fact.effective_at for r in story.recorded]
    assert instants == sorted(instants)


def test_an_append_needs_a_wake_when_a_transition_is_ready_or_a_deadline_moved_earlier() -> None:
    story = Story()
    story.opened()
    opened = story.deal
    assert wake_needed(None, opened)
    story.evidence("reply", at=day(1))
    assert not wake_needed(opened, story.deal)
    before = story.deal
    story.evidence("talk", at=day(2), whom="decider")
    assert wake_needed(before, story.deal)


def test_a_deadline_that_moved_later_needs_no_wake() -> None:
    story = Story().opened()
    story.progress(day(10))
    before = story.deal
    story.do(c.DecideEscalation(decision="extend", reason="they are on holiday"), at=day(11), who="dora")
    due = next_due(story.deal)
    assert due is not None and due > day(12) and not wake_needed(before, story.deal)


def test_closing_needs_a_wake() -> None:
    story = Story().opened()
    before = story.deal
    story.do(c.LoseDeal(reason="price"))
    assert wake_needed(before, story.deal)


def test_a_fact_for_a_closed_deal_needs_no_wake() -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"))
    before = story.deal
    story.evidence("reply")
    assert not wake_needed(before, story.deal)
