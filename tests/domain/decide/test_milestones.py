"""A milestone that was recorded wrongly is taken back: standing, gap and gate follow, and no stage that was left."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.track.gap import GapSpan
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import Story, day

BY_MILESTONES = ("  - id: learn\n", "  - id: learn\n    gate: milestones\n")


def record(name: str, observed: float | None = None) -> c.RecordMilestone:
    return c.RecordMilestone(milestone=name, observed_at=None if observed is None else day(observed))


def withdraw(name: str, reason: str = "it was another deal's") -> c.WithdrawMilestone:
    return c.WithdrawMilestone(milestone=name, reason=reason)


def test_a_milestone_taken_back_is_effective_at_its_own_instant_and_the_gap_never_was() -> None:
    story = Story().opened()
    story.do(record("quote_sent", observed=1), at=day(2))
    assert (story.tracks.standing, story.tracks.gap) == ("haggle", 2)
    story.do(withdraw("quote_sent"), at=day(6))
    withdrawn = story.last(e.MilestoneWithdrawn)
    assert (withdrawn.effective_at, withdrawn.stage, withdrawn.reason) == (day(1), "haggle", "it was another deal's")
    assert (story.tracks.standing, story.tracks.gap, story.tracks.gap_since) == ("meet", 0, day(0))
    assert story.tracks.gaps == ()


def test_a_gate_that_rested_on_the_milestone_is_lost() -> None:
    story = Story(variant(BY_MILESTONES)).opened().moved_to("learn")
    story.do(record("written_up"), at=day(1))
    assert story.deal.ready is not None
    story.do(withdraw("written_up"), at=day(2))
    assert (story.deal.ready, story.last(e.GateLost).stage) == (None, "learn")
    assert story.progress(day(2)) == []
    story.do(record("written_up"), at=day(3))
    story.progress()
    assert story.deal.stage == "haggle"


def test_a_gate_that_rests_on_nodes_stays_met() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.do(record("invited"), at=day(1))
    story.do(withdraw("invited"), at=day(1))
    assert story.facts(e.GateLost) == []
    story.progress()
    assert story.deal.stage == "learn"


def test_a_deal_that_has_left_the_stage_does_not_go_back() -> None:
    story = Story(variant(BY_MILESTONES)).opened().moved_to("learn")
    story.do(record("written_up"), at=day(1))
    story.progress()
    before = story.deal
    story.do(withdraw("written_up"), at=day(2))
    assert (story.deal.stage, story.deal.visits, story.deal.clocks) == ("haggle", before.visits, before.clocks)
    assert story.facts(e.GateLost) == []


def test_a_milestone_recorded_again_counts_again_from_its_new_instant() -> None:
    story = Story().opened()
    story.do(record("quote_sent"), at=day(1))
    story.do(withdraw("quote_sent"), at=day(2))
    story.do(record("quote_sent"), at=day(3))
    assert (story.tracks.gap, story.tracks.gap_since) == (2, day(3))


def test_an_earlier_record_does_not_come_back_by_itself() -> None:
    story = Story().opened()
    story.do(record("quote_sent"), at=day(1))
    story.do(record("quote_sent"), at=day(3))
    story.do(withdraw("quote_sent"), at=day(4))
    assert (story.tracks.gap, story.tracks.gap_since) == (0, day(3))
    assert story.tracks.gaps == (GapSpan(2, day(1), day(3)),)


def test_what_another_milestone_vouches_for_stays() -> None:
    story = Story().opened()
    story.do(record("written_up"), at=day(1))
    story.do(record("quote_sent"), at=day(2))
    story.do(withdraw("quote_sent"), at=day(3))
    assert (story.tracks.standing, story.tracks.gap, story.tracks.gap_since) == ("learn", 1, day(1))


def test_a_milestone_that_was_never_recorded_or_is_withdrawn_already_is_refused() -> None:
    story = Story().opened()
    refused = story.refused(withdraw("quote_sent"))
    assert (refused.code, refused.place) == (Code.MILESTONE_NOT_RECORDED, "quote_sent")
    story.do(record("quote_sent"), at=day(1))
    story.do(withdraw("quote_sent"))
    assert story.refused(withdraw("quote_sent")).code is Code.ALREADY_SO
    assert story.refused(withdraw("quote")).code is Code.UNKNOWN_MILESTONE
    assert story.refused(withdraw("quote")).suggestion == "quote_sent"


def test_a_withdrawal_needs_a_reason() -> None:
    story = Story().opened()
    story.do(record("quote_sent"))
    assert story.refused(withdraw("quote_sent", " ")).code is Code.REASON_NEEDED


def test_on_a_closed_deal_the_withdrawal_is_kept_as_history_and_moves_nothing() -> None:
    story = Story().opened()
    story.do(record("quote_sent"), at=day(1))
    story.do(c.LoseDeal(reason="price"), at=day(2))
    before = story.deal
    decision = story.do(withdraw("quote_sent"), at=day(4))
    assert (decision.notes, decision.facts) == (("kept_as_history",), (story.last(e.MilestoneWithdrawn),))
    assert (story.deal.stage, story.deal.outcome, story.deal.life) == (before.stage, before.outcome, before.life)
    assert story.tracks.gaps == ()


def test_a_milestone_recorded_and_withdrawn_while_the_deal_was_closed_counts_for_nothing_when_it_is_reopened() -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"), at=day(1))
    story.do(record("quote_sent"), at=day(2))
    story.do(withdraw("quote_sent"), at=day(3))
    story.do(c.ReopenDeal(reason="they came back"), at=day(4), who="dora")
    assert (story.tracks.standing, story.tracks.gap) == ("meet", 0)
