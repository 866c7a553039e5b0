"""Outcome and life apart: won and still in progress, closed by the last gate, by `closes_after` or by a person."""

import pytest

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Closed, NodeStatus, Outcome
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
lost_reasons: [price]
"""


def at_win(at: float = 0) -> Story:
    story = Story().opened().moved_to("sign")
    story.evidence("payment", at=day(at), amount="100")
    return story


def test_a_deal_is_won_when_the_gate_of_the_winning_stage_is_met_and_its_life_goes_on() -> None:
    story = at_win()
    story.progress(day(1))
    won = story.last(e.DealWon)
    assert (won.stage, won.basis, won.unproven, won.effective_at) == ("sign", "gate", (), day(1))
    assert (story.deal.outcome, story.deal.stage, story.deal.in_progress) == (Outcome.WON, "collect", True)


def test_lateness_of_the_worker_wins_the_deal_all_the_same() -> None:
    story = at_win(at=2)
    story.progress(day(40))
    assert story.deal.outcome is Outcome.WON and story.facts(e.StallRecorded) == []


def test_the_gate_of_the_last_stage_closes_the_life() -> None:
    story = Story(process_of(ONE_STAGE)).opened()
    story.evidence("order", at=day(1))
    story.progress(day(2))
    assert story.topics()[-2:] == ["won", "closed"]
    assert (story.last(e.DealClosed).how, story.deal.outcome, story.deal.in_progress) == ("last_gate", "won", False)
    assert (story.deal.clocks, story.deal.visits[-1].left_at, next_due(story.deal)) == ({}, day(2), None)


def test_a_stage_after_the_win_leaves_itself_and_the_last_one_ends_the_life() -> None:
    story = Story().opened().moved_to("serve")
    assert next_due(story.deal) == day(20)
    assert story.progress(day(19.9)) == []
    story.progress(day(20))
    assert (story.deal.stage, story.deal.entered_at, next_due(story.deal)) == ("again", day(20), day(40))
    story.progress(day(40))
    assert (story.last(e.DealClosed).how, story.last(e.DealClosed).effective_at) == ("closes_after", day(40))
    assert (story.deal.outcome, story.deal.in_progress) == (Outcome.WON, False)


def test_an_automatic_closing_is_dated_at_its_instant_however_late_the_worker() -> None:
    story = Story().opened().moved_to("serve")
    story.progress(day(300))
    assert [fact.effective_at for fact in story.facts(e.StageAdvanced)][-1] == day(20)
    assert story.last(e.DealClosed).effective_at == day(40)


def test_closes_after_is_never_a_stall() -> None:
    story = Story().opened().moved_to("serve")
    story.progress(day(300))
    assert story.facts(e.StallRecorded) == [] and story.facts(e.EscalationRaised) == []


def test_closes_after_waits_for_the_win() -> None:
    story = Story().opened()
    story.do(c.ClaimStage(stage="serve", observed_at=day(0)))
    assert next_due(story.deal) is None
    assert story.progress(day(300)) == []


def test_a_late_win_does_not_close_a_stage_before_the_win() -> None:
    story = Story().opened()
    story.do(c.ClaimStage(stage="serve", observed_at=day(0)))
    story.do(c.WinDeal(reason="they pay by the year"), at=day(100), who="dora")
    assert (story.deal.stage, next_due(story.deal)) == ("serve", day(120))


def test_an_optional_node_leaves_such_a_stage_before_its_time() -> None:
    story = Story().opened().moved_to("serve")
    story.evidence("referral", at=day(3), referred="Li")
    story.progress(day(3))
    assert (story.deal.stage, story.last(e.StageAdvanced).effective_at) == ("again", day(3))


def test_a_fact_recorded_after_the_closing_instant_does_not_keep_the_deal_open_till_the_worker_comes() -> None:
    story = Story().opened().moved_to("serve")
    story.progress(day(20))
    story.evidence("order", at=day(45))
    story.progress(day(50))
    assert (story.last(e.DealClosed).how, story.last(e.DealClosed).effective_at) == ("closes_after", day(40))


def test_withdrawing_what_left_such_a_stage_arms_its_time_again() -> None:
    story = Story().opened().moved_to("serve")
    story.evidence("referral", at=day(3), evidence_id="r1", referred="Li")
    story.do(c.WithdrawEvidence(evidence_id="r1", reason="not meant so"))
    assert next_due(story.deal) == day(20)


def test_a_node_that_opens_a_deal_names_it_once() -> None:
    story = Story().opened().moved_to("serve")
    story.evidence("referral", at=day(3), evidence_id="r1", referred="Li")
    story.evidence("referral", at=day(4), evidence_id="r2", referred="Bo")
    story.do(c.WithdrawEvidence(evidence_id="r1", reason="not meant so"), at=day(5))
    story.do(c.WithdrawEvidence(evidence_id="r2", reason="not meant so"), at=day(6))
    story.evidence("referral", at=day(7), referred="Wu")
    (due,) = story.facts(e.LinkedDealDue)
    assert (due.linked_deal_id, due.kind, due.node, due.effective_at) == ("d1.refers", "referred", "refers", day(3))
    assert story.deal.linked == ("d1.refers",)


def test_a_person_wins_a_deal_without_proof_and_the_missing_nodes_are_listed() -> None:
    story = Story().opened().moved_to("learn")
    story.do(c.WinDeal(reason="shook hands"), at=day(1), who="dora")
    won = story.last(e.DealWon)
    assert (won.basis, won.reason, won.stage) == ("person", "shook hands", "sign")
    assert won.unproven == ("need_confirmed", "price_named", "deposit_paid")
    assert story.deal.win is not None and story.deal.win.unproven == won.unproven
    assert (story.deal.stage, story.deal.outcome, story.deal.in_progress) == ("collect", Outcome.WON, True)


def test_optional_and_waived_nodes_are_not_unproven() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.WaiveNode(node="price_named", reason="list price"), who="dora")
    story.do(c.WinDeal(reason="shook hands"), at=day(1), who="dora")
    assert story.last(e.DealWon).unproven == ("deposit_paid",)


def test_a_win_by_a_person_ends_a_stall_as_moved_and_begins_the_clock_behind_the_win() -> None:
    story = Story().opened().moved_to("learn")
    story.progress(day(6))
    story.do(c.WinDeal(reason="shook hands"), at=day(7), who="dora")
    assert story.last(e.StallEnded).how == "moved"
    assert [clock.stage for clock in story.deal.clocks.values()] == ["collect"]


def test_a_win_by_a_person_where_the_deal_stands_behind_the_win_already_leaves_its_clock_and_stall() -> None:
    story = Story().opened()
    story.do(c.ClaimStage(stage="collect", observed_at=day(0)))
    story.progress(day(31))
    stalls = story.deal.open_stalls
    story.do(c.WinDeal(reason="they pay by the year"), at=day(32), who="dora")
    assert (story.deal.stage, story.deal.outcome, story.deal.visit) == ("collect", Outcome.WON, 2)
    assert [stall.id for stall in story.deal.open_stalls] == [stall.id for stall in stalls]
    assert len(story.facts(e.ClockStarted)) == 2


def test_a_win_by_a_person_in_the_last_stage_closes_the_life() -> None:
    story = Story(process_of(ONE_STAGE)).opened()
    story.do(c.WinDeal(reason="shook hands"), at=day(1), who="dora")
    assert (story.last(e.DealClosed).how, story.deal.in_progress) == ("person", False)


def test_a_deal_is_not_won_twice() -> None:
    story = Story().opened().moved_to("collect")
    assert story.refused(c.WinDeal(reason="again"), who="dora").code is Code.ALREADY_SO


def test_an_override_of_the_winning_stage_wins_as_override() -> None:
    story = Story().opened().moved_to("sign")
    story.do(c.OverrideGate(reason="paid in kind"), at=day(1), who="dora")
    story.progress(day(1))
    won = story.last(e.DealWon)
    assert (won.basis, won.unproven, won.reason) == ("override", ("deposit_paid",), "paid in kind")


def test_a_person_loses_a_deal_for_a_reason_of_the_template() -> None:
    story = Story().opened().moved_to("learn")
    story.do(c.LoseDeal(reason="price", note="ten per cent over"), at=day(1))
    lost = story.last(e.DealLost)
    assert (lost.reason, lost.note, lost.basis) == ("price", "ten per cent over", "person")
    assert (story.deal.outcome, story.deal.loss_reason, story.last(e.DealClosed).how) == ("lost", "price", "lost")
    assert next_due(story.deal) is None


@pytest.mark.parametrize("command", [c.LoseDeal(reason="prise"), c.CancelDeal(reason="because")])
def test_a_reason_that_the_template_does_not_know_is_refused_with_the_list(command: c.Command) -> None:
    reason = Story().opened().refused(command)
    assert (reason.code, reason.data["known"]) == (Code.UNKNOWN_REASON, ["price", "rival", "refund"])


def test_a_template_without_reasons_takes_any() -> None:
    story = Story(variant(("lost_reasons: [price, rival, refund]\n", ""))).opened()
    story.do(c.LoseDeal(reason="no budget at all"))
    assert story.deal.outcome is Outcome.LOST


def test_a_timeout_never_loses_a_deal() -> None:
    story = Story().opened()
    for number in range(0, 400, 20):
        story.progress(day(number))
    assert (story.deal.outcome, story.deal.in_progress) == (Outcome.OPEN, True)


def test_a_cancelled_deal_is_closed_and_neither_lost_nor_won() -> None:
    story = Story().opened()
    story.do(c.CancelDeal(reason="price"), at=day(1))
    assert (story.deal.outcome, story.last(e.DealClosed).how) == (Outcome.CANCELLED, "cancelled")


def test_a_won_deal_in_progress_may_be_lost_again_and_the_win_stays_in_history() -> None:
    story = Story().opened().moved_to("collect")
    story.do(c.LoseDeal(reason="refund"), at=day(9))
    assert (story.deal.outcome, story.deal.in_progress) == (Outcome.LOST, False)
    assert len(story.facts(e.DealWon)) == 1
    before = story.as_of(day(8))
    assert before is not None and before.outcome is Outcome.WON


def test_losing_a_closed_won_deal_changes_its_outcome_only() -> None:
    story = Story().opened().moved_to("serve")
    story.do(c.CloseDeal(reason="all is done"), at=day(1))
    life = story.deal.life
    story.do(c.LoseDeal(reason="refund"), at=day(30))
    assert story.topics()[-1] == "lost"
    assert (story.deal.outcome, story.deal.life) == (Outcome.LOST, life)


def test_a_lost_deal_is_not_lost_again() -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"))
    assert story.refused(c.LoseDeal(reason="rival"), at=day(1)).code is Code.DEAL_CLOSED


def test_a_person_closes_a_won_deal_and_no_other() -> None:
    story = Story().opened().moved_to("sign")
    assert story.refused(c.CloseDeal(reason="done")).code is Code.OUTCOME_OPEN
    story.moved_to("collect")
    story.do(c.CloseDeal(reason="paid in cash"), at=day(1))
    closed = story.last(e.DealClosed)
    assert (closed.how, closed.stage, closed.reason) == ("person", "collect", "paid in cash")


def test_what_was_due_before_a_person_ends_the_deal_is_recorded_first() -> None:
    story = at_win(at=1)
    story.do(c.LoseDeal(reason="price"), at=day(3))
    assert story.topics()[-5:] == ["won", "stage_advanced", "clock_started", "lost", "closed"]


@pytest.mark.parametrize(
    "command",
    [
        c.WaiveNode(node="need_confirmed", reason="r"),
        c.OverrideGate(reason="r"),
        c.MoveBack(to="meet", reason="r"),
        c.WinDeal(reason="r"),
        c.CancelDeal(reason="r"),
        c.CloseDeal(reason="r"),
        c.PlanStep(step_id="s", what="call", by=day(9)),
    ],
)
def test_a_closed_deal_is_reopened_before_it_is_moved(command: c.Command) -> None:
    story = Story().opened().moved_to("learn")
    story.do(c.LoseDeal(reason="price"))
    assert story.refused(command, who="dora").code is Code.DEAL_CLOSED


def test_facts_after_the_closing_act_are_kept_move_nothing_and_start_no_clock() -> None:
    story = Story().opened().moved_to("learn")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    before = story.deal
    recorded = story.evidence("need", at=day(2))
    milestone = story.do(c.RecordMilestone(milestone="quote_sent"))
    activity = story.do(c.RecordActivity(what="called"))
    assert [d.notes for d in (recorded, milestone, activity)] == [("kept_as_history",)] * 3
    assert story.topics()[-3:] == ["evidence_recorded", "milestone_recorded", "activity_recorded"]
    after = story.deal
    assert (after.stage, after.outcome, after.clocks, after.ready) == (before.stage, before.outcome, {}, None)
    assert after.node("need_confirmed").status is NodeStatus.OPEN
    assert story.tracks.standing == "learn"
    assert story.progress(day(99)) == []


def test_evidence_and_losing_in_one_envelope_are_folded_before_the_closing_is_judged() -> None:
    story = Story().opened().moved_to("sign")
    story.do(c.LoseDeal(reason="refund"), story.evidence_of("payment", amount="100"), at=day(1))
    assert story.topics()[-8:] == [
        "evidence_recorded", "node_reached", "gate_met", "won", "stage_advanced", "clock_started", "lost", "closed",
    ]  # fmt: skip


def test_a_close_keeps_what_reopening_restores() -> None:
    story = Story().opened().moved_to("collect")
    story.do(c.LoseDeal(reason="refund"), at=day(1))
    assert isinstance(story.deal.life, Closed) and story.deal.life.outcome_before is Outcome.WON


def test_an_amended_amount_of_a_closed_deal_moves_nothing() -> None:
    story = Story().opened().moved_to("haggle")
    story.evidence("offer", amount="300")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    story.do(c.AmendDeal(amount=money("400"), reason="it has changed"), at=day(2))
    assert story.deal.node("price_named").status is NodeStatus.OPEN
