"""Moves back and reopening: which nodes are open again, what counts for them, and which outcome comes back."""

import pytest

from dealflow.domain.clocks.due import next_due, wake_needed
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus, Outcome
from dealflow.domain.track.judge import NotMet, verdict
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import process_of, variant
from tests.support.deals.stories import Story, day, money

ONE_STAGE = """\
process: short
calendar: plain
evidence: {order: {}}
stages:
  - id: sell
    wins: true
    nodes: [{id: ordered, standard: {evidence: order}}]
    clocks: {stage_age: {limit: 5 days}}
"""


def back(to: str, *nodes: str) -> c.MoveBack:
    return c.MoveBack(to=to, reason="they want something else", nodes=nodes or None)


def reopen(to: str | None = None, nodes: tuple[str, ...] | None = None) -> c.ReopenDeal:
    return c.ReopenDeal(reason="they called again", to=to, nodes=nodes)


def lost_at(stage: str, at: float = 1) -> Story:
    story = Story().opened().moved_to(stage)
    story.do(c.LoseDeal(reason="price"), at=day(at))
    return story


def status(story: Story, *nodes: str) -> list[str]:
    return [story.deal.node(node).status.value for node in nodes]


def test_a_move_back_opens_the_target_stages_nodes_and_the_later_ones() -> None:
    story = Story().opened().moved_to("sign")
    story.do(back("learn"), at=day(1))
    moved = story.last(e.StageMovedBack)
    assert (moved.from_stage, moved.to_stage, moved.visit) == ("sign", "learn", 5)
    assert moved.reopened_nodes == ("need_confirmed", "price_named")
    assert status(story, "decider_met", "need_confirmed", "price_named") == ["reached", "open", "open"]


def test_a_move_back_is_not_undone_by_the_next_evaluation() -> None:
    story = Story().opened().moved_to("sign")
    story.do(back("learn"), at=day(1))
    assert story.progress(day(2)) == []
    assert story.deal.stage == "learn"


def test_reopened_nodes_need_evidence_recorded_afterwards() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(back("learn"), at=day(1))
    story.do(c.AmendDeal(amount=money("2000"), reason="it has changed"))
    context = story.context(day(1))
    found = verdict(context.process.nodes["need_confirmed"], story.deal, context.process, context.rules)
    assert isinstance(found, NotMet) and found.reasons[0].code is Code.NEEDS_NEW_EVIDENCE
    story.evidence("need", at=day(2), evidence_id="new")
    assert story.last(e.NodeReached).evidence == ("new",)


def test_evidence_observed_before_the_move_and_recorded_after_it_counts() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(back("learn"), at=day(5))
    story.evidence("need", at=day(6), observed=day(3))
    assert status(story, "need_confirmed") == ["reached"]


def test_confirming_makes_old_evidence_count_again() -> None:
    story = Story().opened().moved_to("collect")
    story.do(back("sign"), at=day(1))
    assert status(story, "deposit_paid") == ["open"]
    story.do(c.ConfirmEvidence(evidence_id="payment1", reason="no second payment"), at=day(2), who="dora")
    assert status(story, "deposit_paid") == ["reached"]
    story.progress(day(2))
    assert (story.deal.stage, story.deal.outcome) == ("collect", Outcome.WON)


def test_the_fold_keeps_recorded_order_whatever_the_times_of_the_judgements() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(back("learn"), at=day(9))
    story.do(c.ConfirmEvidence(evidence_id="need1", reason="it still holds"), at=day(11), who="dora")
    assert story.last(e.NodeReached).effective_at == day(11)
    seen = [story.as_of(day(at)) for at in (1, 9, 12)]
    # What was confirmed on day 11 counts again from then on; between the move back and that day the node was open.
    assert [deal and deal.node("need_confirmed").status for deal in seen] == [
        NodeStatus.REACHED,
        NodeStatus.OPEN,
        NodeStatus.REACHED,
    ]
    assert [deal and deal.stage for deal in seen] == ["haggle", "learn", "learn"]


def test_evidence_that_is_old_counts_for_a_node_that_was_not_reopened() -> None:
    story = Story().opened().moved_to("collect")
    story.do(back("sign", "deposit_paid"), at=day(1))
    story.evidence("payment", at=day(2), amount="900")
    assert story.last(e.NodeReached).node == "paid_in_full"


def test_the_nodes_may_be_named() -> None:
    story = Story().opened().moved_to("sign")
    story.do(back("learn", "need_confirmed"), at=day(1))
    assert story.last(e.StageMovedBack).reopened_nodes == ("need_confirmed",)
    story.evidence("need", at=day(2))
    story.progress(day(2))
    assert story.deal.stage == "sign"


def test_a_node_of_the_target_stage_that_was_overridden_needs_new_evidence_too() -> None:
    story = Story().opened(amount="1000").moved_to("haggle")
    story.evidence("offer", amount="300")
    story.do(c.OverrideGate(reason="good enough"), who="dora")
    story.progress()
    story.do(back("haggle"), at=day(1))
    story.do(c.AmendDeal(amount=money("500"), reason="it has changed"), at=day(2), who="dora")
    assert status(story, "price_named") == ["open"]
    assert story.progress(day(2)) == []


def test_a_waiver_is_open_again_too() -> None:
    story = Story().opened()
    story.do(c.WaiveNode(node="decider_met", reason="known"), who="dora")
    story.progress()
    story.do(back("meet"), at=day(1))
    assert status(story, "decider_met") == ["open"]


def test_a_move_back_ends_stalls_and_begins_the_clock_of_the_new_visit() -> None:
    story = Story().opened().moved_to("haggle")
    story.progress(day(5))
    story.do(back("learn"), at=day(6))
    assert story.last(e.StallEnded).how == "moved"
    clock = story.deal.clocks["stage_age"]
    assert (clock.stage, clock.visit, clock.episode, clock.due_at) == ("learn", 4, 1, day(11))


def test_a_deal_goes_back_along_the_templates_ways_only() -> None:
    story = Story().opened().moved_to("collect")
    refused = story.refused(back("haggle"))
    assert (refused.code, refused.data["allowed"]) == (Code.BACK_NOT_ALLOWED, ["learn", "sign"])


def test_without_a_way_in_the_template_a_deal_goes_back_one_stage() -> None:
    story = Story(variant(("    back_to: [meet, learn]\n", ""))).opened().moved_to("haggle")
    assert story.refused(back("meet")).code is Code.BACK_NOT_ALLOWED
    story.do(back("learn"))
    assert story.deal.stage == "learn"


@pytest.mark.parametrize("stage", ["haggle", "sign"])
def test_back_is_not_forward(stage: str) -> None:
    assert Story().opened().moved_to("haggle").refused(back(stage)).code is Code.NOT_BACKWARD


def test_a_stage_or_node_that_does_not_exist_is_refused_with_the_nearest() -> None:
    story = Story().opened().moved_to("haggle")
    assert (story.refused(back("lern")).code, story.refused(back("lern")).suggestion) == (Code.UNKNOWN_STAGE, "learn")
    assert story.refused(back("learn", "need_confirmd")).suggestion == "need_confirmed"


@pytest.mark.parametrize(("to", "outcome"), [("sign", Outcome.OPEN), ("learn", Outcome.OPEN)])
def test_a_move_back_to_the_winning_stage_or_an_earlier_one_reopens_the_outcome(to: str, outcome: Outcome) -> None:
    story = Story().opened().moved_to("collect")
    story.do(back(to), at=day(1))
    assert (story.last(e.StageMovedBack).reopens_outcome, story.deal.outcome, story.deal.win) == (True, outcome, None)


def test_a_move_back_behind_the_win_keeps_the_outcome() -> None:
    story = Story().opened().moved_to("serve")
    story.do(back("collect"), at=day(1))
    assert (story.deal.outcome, story.deal.stage) == (Outcome.WON, "collect")
    assert status(story, "deposit_paid", "paid_in_full") == ["reached", "open"]


def test_a_deal_that_was_moved_back_is_won_again_by_new_evidence() -> None:
    story = Story().opened().moved_to("collect")
    story.do(back("sign"), at=day(1))
    story.evidence("payment", at=day(2), amount="100")
    story.progress(day(2))
    assert (len(story.facts(e.DealWon)), story.deal.outcome) == (2, Outcome.WON)


def test_a_milestone_from_before_the_move_back_does_not_meet_a_gate_again() -> None:
    definition = process_of(
        """\
process: calls
calendar: plain
evidence: {}
stages:
  - {id: call, milestones: [{id: called, leaves: true}]}
  - {id: visit, milestones: [{id: visited, leaves: true}], back_to: [call]}
  - {id: sign, wins: true, milestones: [{id: signed, leaves: true}], back_to: [call]}
"""
    )
    story = Story(definition).opened()
    story.do(c.RecordMilestone(milestone="called"))
    story.progress()
    story.do(back("call"), at=day(1))
    assert story.progress(day(1)) == []
    story.do(c.RecordMilestone(milestone="called"), at=day(2))
    story.progress(day(2))
    assert story.deal.stage == "visit"


def test_reopening_begins_a_new_opening_with_a_visit_and_a_clock_of_its_own() -> None:
    story = lost_at("haggle")
    before = story.deal
    story.do(reopen(), at=day(9), who="dora")
    reopened = story.last(e.DealReopened)
    assert (reopened.opening, reopened.stage, reopened.visit, reopened.outcome) == (2, "haggle", 4, "open")
    assert (story.deal.outcome, story.deal.loss_reason, story.deal.in_progress) == (Outcome.OPEN, None, True)
    assert next_due(story.deal) == day(14)
    assert wake_needed(before, story.deal)


def test_reopening_keeps_everything() -> None:
    story = lost_at("haggle")
    evidence = dict(story.deal.evidence)
    story.do(reopen(), at=day(9), who="dora")
    assert dict(story.deal.evidence) == evidence
    assert status(story, "decider_met", "need_confirmed") == ["reached", "reached"]
    assert story.deal.owner == "anna" and len(story.deal.visits) == 4


def test_stalls_of_the_new_opening_have_names_of_their_own() -> None:
    story = Story().opened()
    story.progress(day(10))
    story.do(c.LoseDeal(reason="price"), at=day(11))
    story.do(reopen(), at=day(20), who="dora")
    story.progress(day(30))
    assert list(story.deal.stalls) == ["d1/1/1/stage_age/1", "d1/2/2/stage_age/1"]


def test_reopening_to_an_earlier_stage_opens_its_nodes_and_the_later_ones() -> None:
    story = lost_at("sign")
    story.do(reopen("learn"), at=day(9), who="dora")
    assert story.deal.stage == "learn"
    assert status(story, "decider_met", "need_confirmed", "price_named") == ["reached", "open", "open"]
    assert story.progress(day(9)) == []


def test_reopening_never_skips_a_gate() -> None:
    assert lost_at("learn").refused(reopen("sign"), who="dora").code is Code.NOT_BACKWARD


def test_facts_recorded_while_the_deal_was_closed_are_judged_when_it_is_reopened() -> None:
    story = lost_at("learn")
    story.evidence("need", at=day(5), evidence_id="meanwhile")
    story.do(reopen(), at=day(9), who="dora")
    assert story.last(e.NodeReached).evidence == ("meanwhile",)
    story.progress(day(9))
    assert story.deal.stage == "haggle"


def test_evidence_from_before_the_closing_does_not_count_for_a_node_that_reopening_opens() -> None:
    story = lost_at("sign")
    story.evidence("offer", at=day(5), amount="700", evidence_id="meanwhile")
    story.do(reopen("learn"), at=day(9), who="dora")
    assert status(story, "need_confirmed", "price_named") == ["open", "reached"]
    assert story.deal.node("price_named").evidence == ("meanwhile",)


def test_a_withdrawal_recorded_while_the_deal_was_closed_is_judged_when_it_is_reopened() -> None:
    story = lost_at("haggle")
    story.do(c.WithdrawEvidence(evidence_id="need1", reason="another customer's"), at=day(5))
    assert status(story, "need_confirmed") == ["reached"]
    story.do(reopen(), at=day(9), who="dora")
    assert status(story, "decider_met", "need_confirmed") == ["reached", "open"]
    assert story.last(e.NodeReversed).evidence == ("need1",)


def test_a_milestone_recorded_while_the_deal_was_closed_counts_when_it_is_reopened() -> None:
    definition = variant(("  - id: learn\n", "  - id: learn\n    gate: milestones\n"))
    story = Story(definition).opened().moved_to("learn")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    story.do(c.RecordMilestone(milestone="written_up"), c.RecordMilestone(milestone="quote_sent"), at=day(5))
    assert story.tracks.standing == "learn"
    story.do(reopen(), at=day(9), who="dora")
    assert story.tracks.standing == "haggle"
    story.progress(day(9))
    assert story.deal.stage == "haggle"


def test_an_amount_amended_while_the_deal_was_closed_is_judged_when_it_is_reopened() -> None:
    story = Story().opened(amount="1000").moved_to("haggle")
    story.evidence("offer", amount="300")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    story.do(c.AmendDeal(amount=money("500"), reason="it has changed"), at=day(2), who="dora")
    story.do(reopen(nodes=()), at=day(9), who="dora")
    assert status(story, "price_named") == ["reached"]


def test_reopening_restores_the_win_that_a_refund_had_ended() -> None:
    story = Story().opened().moved_to("collect")
    story.do(c.LoseDeal(reason="refund"), at=day(1))
    story.do(reopen(), at=day(2), who="dora")
    assert (story.deal.outcome, story.deal.stage) == (Outcome.WON, "collect")
    assert story.deal.win is not None


def test_reopening_a_deal_that_was_closed_as_won_restores_the_win() -> None:
    story = Story().opened().moved_to("serve")
    story.progress(day(99))
    story.do(reopen(), at=day(100), who="dora")
    assert (story.deal.outcome, story.deal.stage, next_due(story.deal)) == (Outcome.WON, "again", day(120))


def test_reopening_restores_the_outcome_before_the_closing_act_not_before_a_later_refund() -> None:
    story = Story().opened().moved_to("serve")
    story.do(c.CloseDeal(reason="all is done"), at=day(1))
    story.do(c.LoseDeal(reason="refund"), at=day(30))
    story.do(reopen(), at=day(31), who="dora")
    assert story.deal.outcome is Outcome.WON


def test_a_win_that_was_itself_the_closing_act_is_undone_by_reopening() -> None:
    story = Story(process_of(ONE_STAGE)).opened()
    story.evidence("order", at=day(1))
    story.progress(day(1))
    assert (story.deal.outcome, story.deal.in_progress) == (Outcome.WON, False)
    story.do(reopen(), at=day(2), who="dora")
    assert (story.deal.outcome, story.deal.win) == (Outcome.OPEN, None)
    story.evidence("order", at=day(3))
    story.progress(day(3))
    assert len(story.facts(e.DealWon)) == 2


def test_reopening_before_the_win_leaves_the_outcome_open() -> None:
    story = Story().opened().moved_to("collect")
    story.do(c.LoseDeal(reason="refund"), at=day(1))
    story.do(reopen("learn"), at=day(2), who="dora")
    assert (story.deal.outcome, story.deal.win) == (Outcome.OPEN, None)


def test_a_deal_in_progress_is_not_reopened() -> None:
    assert Story().opened().refused(reopen(), who="dora").code is Code.DEAL_IN_PROGRESS


def test_nobody_reopens_a_deal_they_own() -> None:
    assert lost_at("learn").refused(reopen()).code is Code.OWN_DEAL


def test_nothing_reopens_by_itself() -> None:
    story = lost_at("learn")
    story.evidence("need", at=day(2))
    assert story.progress(day(50)) == [] and not story.deal.in_progress


def test_a_win_that_a_person_closes_a_little_later_comes_back_with_reopening() -> None:
    story = Story().opened()
    story.do(c.ClaimStage(stage="collect", observed_at=day(0)))
    story.do(c.WinDeal(reason="they pay by the year"), at=day(1), who="dora")
    story.do(c.CloseDeal(reason="all is done"), at=day(1.1))
    story.do(reopen(), at=day(2), who="dora")
    assert story.deal.outcome is Outcome.WON
