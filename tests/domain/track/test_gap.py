"""How far the seller stands ahead of the customer, since when, and what it was before."""

from dealflow.domain.deal import commands as c
from dealflow.domain.track.gap import GapSpan
from tests.support.deals.plain_process import process_of, variant
from tests.support.deals.stories import Story, day

SELLERS_GATES = """\
process: sellers-gates
calendar: plain
evidence: {note: {}, deed: {}, extra: {}}
stages:
  - id: plan
    gate: milestones
    milestones: [drafted, checked]
    nodes: [{id: noted, standard: {evidence: note}}]
  - id: agree
    gate: both
    milestones: [sent]
    nodes: [{id: agreed, standard: {evidence: note}}]
  - id: free
    milestones: [{id: called, leaves: true}, looked]
    nodes: [{id: extra_seen, optional: true, standard: {evidence: extra}}]
  - id: sign
    wins: true
    nodes: [{id: signed, standard: {evidence: deed}}]
"""


def milestone(story: Story, name: str, at: float, observed: float | None = None) -> None:
    observed_at = None if observed is None else day(observed)
    story.do(c.RecordMilestone(milestone=name, observed_at=observed_at), at=day(at))


def gap_of(story: Story) -> tuple[str, int, object]:
    return story.tracks.standing, story.tracks.gap, story.tracks.gap_since


def gaps_of(story: Story) -> list[GapSpan]:
    return list(story.tracks.gaps)


def test_a_new_deal_has_no_gap() -> None:
    story = Story().opened()
    assert gap_of(story) == ("meet", 0, day(0))
    assert gaps_of(story) == []


def test_the_seller_stands_at_the_furthest_stage_that_a_milestone_vouches_for() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    milestone(story, "invited", 2)
    assert story.tracks.standing == "haggle"


def test_the_seller_stands_no_earlier_than_the_deal() -> None:
    story = Story().opened().moved_to("haggle")
    milestone(story, "invited", 2)
    assert gap_of(story) == ("haggle", 0, day(0))


def test_a_quote_before_the_need_is_confirmed_is_forbidden_by_nothing_and_measured() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    milestone(story, "quote_sent", 3)
    assert (story.deal.stage, story.tracks.customer_stage) == ("meet", "learn")
    assert gap_of(story) == ("haggle", 1, day(3))


def test_a_customer_whose_nodes_are_passed_makes_no_gap_since_the_deal_moves_by_itself() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.evidence("need")
    assert (story.deal.stage, story.tracks.customer_stage, story.tracks.gap) == ("meet", "haggle", 0)


def test_a_customer_who_waits_for_the_sellers_milestones_makes_a_negative_gap() -> None:
    story = Story(process_of(SELLERS_GATES)).opened()
    story.evidence("note", at=day(2))
    assert (story.deal.stage, story.tracks.customer_stage) == ("plan", "sign")
    assert gap_of(story) == ("plan", -3, day(2))
    milestone(story, "drafted", 3)
    assert gap_of(story) == ("plan", -3, day(2))
    milestone(story, "checked", 4)
    assert gap_of(story) == ("plan", 0, day(4))
    story.progress(day(4))
    assert gap_of(story) == ("agree", -2, day(4))
    milestone(story, "sent", 5)
    assert gap_of(story) == ("agree", 0, day(5))


def test_a_stage_without_required_nodes_waits_for_the_milestones_that_leave_it() -> None:
    story = Story(process_of(SELLERS_GATES)).opened()
    story.evidence("note")
    milestone(story, "drafted", 1)
    milestone(story, "checked", 1)
    milestone(story, "sent", 1)
    story.progress()
    assert (story.deal.stage, *gap_of(story)) == ("free", "free", -1, day(1))
    milestone(story, "called", 2)
    assert gap_of(story) == ("free", 0, day(2))


def test_the_gap_is_zero_when_no_required_node_is_left() -> None:
    story = Story().opened().moved_to("serve")
    milestone(story, "quote_sent", 1)
    assert (story.tracks.customer_stage, story.tracks.gap) == (None, 0)


def test_the_gap_tells_since_when_it_has_been_what_it_is() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    assert gap_of(story) == ("haggle", 2, day(1))
    milestone(story, "quote_sent", 2)
    assert gap_of(story) == ("haggle", 2, day(1))
    story.evidence("talk", at=day(4), whom="decider")
    assert gap_of(story) == ("haggle", 1, day(4))
    assert gaps_of(story) == [GapSpan(2, day(1), day(4)), GapSpan(1, day(4), None)]


def test_evidence_observed_before_it_was_recorded_closes_the_gap_at_the_observed_time() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    story.evidence("talk", at=day(9), observed=day(5), whom="decider")
    assert story.tracks.gap_since == day(5)


def test_a_milestone_observed_before_it_was_recorded_opens_the_gap_at_the_observed_time() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 9, observed=4)
    assert gap_of(story) == ("haggle", 2, day(4))


def test_a_gap_that_closed_and_opened_again_counts_from_the_second_opening() -> None:
    story = Story().opened()
    milestone(story, "written_up", 1)
    story.evidence("talk", at=day(3), whom="decider")
    assert gap_of(story) == ("learn", 0, day(3))
    milestone(story, "quote_sent", 6)
    assert gap_of(story) == ("haggle", 1, day(6))
    assert gaps_of(story) == [GapSpan(1, day(1), day(3)), GapSpan(1, day(6), None)]


def test_a_withdrawal_opens_the_gap_from_where_it_would_have_been_without_the_evidence() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    story.evidence("talk", at=day(3), evidence_id="e1", whom="decider")
    story.do(c.WithdrawEvidence(evidence_id="e1", reason="another customer's"), at=day(8))
    assert gap_of(story) == ("haggle", 2, day(1))


def test_a_move_back_takes_the_standing_with_it() -> None:
    story = Story().opened().moved_to("haggle")
    milestone(story, "contract_sent", 1)
    assert gap_of(story) == ("sign", 1, day(1))
    story.do(c.MoveBack(to="learn", reason="they want something else"), at=day(2))
    assert (story.tracks.customer_stage, *gap_of(story)) == ("learn", "learn", 0, day(2))
    milestone(story, "contract_sent", 3)
    assert gap_of(story) == ("sign", 2, day(3))
    assert gaps_of(story) == [GapSpan(1, day(1), day(2)), GapSpan(2, day(3), None)]


def test_a_move_back_that_keeps_the_nodes_leaves_a_customer_ahead_without_a_gap() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.MoveBack(to="meet", reason="a new boss", nodes=("decider_met",)), at=day(2))
    assert (story.tracks.customer_stage, story.tracks.gap) == ("meet", 0)
    story.evidence("talk", at=day(3), whom="decider")
    assert (story.deal.stage, story.tracks.customer_stage, story.tracks.gap) == ("meet", "haggle", 0)


def test_a_reopening_takes_the_standing_with_it() -> None:
    story = Story().opened().moved_to("learn")
    milestone(story, "quote_sent", 1)
    story.do(c.LoseDeal(reason="price"), at=day(2))
    assert gap_of(story) == ("haggle", 1, day(1))
    story.do(c.ReopenDeal(reason="they came back"), at=day(5), who="dora")
    assert gap_of(story) == ("learn", 0, day(5))


def test_a_gap_ends_with_the_life_of_the_deal_and_another_begins_with_a_reopening() -> None:
    story = Story().opened()
    story.do(c.ClaimStage(stage="haggle", observed_at=day(1)), at=day(1))
    story.do(c.LoseDeal(reason="price"), at=day(3))
    assert gaps_of(story) == [GapSpan(2, day(1), day(3))]
    story.do(c.ReopenDeal(reason="they came back"), at=day(7), who="dora")
    assert gaps_of(story) == [GapSpan(2, day(1), day(3)), GapSpan(2, day(7), None)]


def test_an_overridden_gate_puts_the_seller_ahead() -> None:
    story = Story().opened()
    story.do(c.OverrideGate(reason="they sign on Friday"), at=day(2), who="dora")
    story.progress()
    assert (story.deal.stage, *gap_of(story)) == ("learn", "learn", 1, day(2))


def test_the_gap_of_the_present_is_that_of_the_deal_folded_as_of_now_after_late_facts() -> None:
    story = Story(variant(("not_older_than: 30 days", "not_older_than: 90 days"))).opened()
    milestone(story, "quote_sent", 10, observed=2)
    story.evidence("talk", at=day(12), observed=day(4), whom="decider")
    assert gaps_of(story) == [GapSpan(2, day(2), day(4)), GapSpan(1, day(4), None)]
