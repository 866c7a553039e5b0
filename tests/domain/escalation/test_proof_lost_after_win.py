"""Proof lost after the win: while the deal is delivered, on a closed deal, and when it is opened again."""

import pytest

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from tests.support.deals.stories import Story, day


def withdrawn(evidence: str = "payment1") -> c.WithdrawEvidence:
    return c.WithdrawEvidence(evidence_id=evidence, reason="the transfer was recalled")


def won(stage: str = "collect") -> Story:
    return Story().opened().moved_to(stage)


def closed_won() -> Story:
    story = won()
    story.do(c.CloseDeal(reason="another house delivers"), at=day(1))
    return story


def test_a_win_stays_and_its_lost_proof_has_a_clock() -> None:
    story = won()
    story.do(withdrawn(), at=day(1))
    lost = story.last(e.ProofLost)
    assert (lost.node, lost.after_win, story.deal.outcome, story.deal.stage) == ("deposit_paid", True, "won", "collect")
    story.progress(day(3))
    assert [stall.id for stall in story.deal.open_stalls] == ["d1/1/deposit_paid/proof_lost/1"]


def test_a_win_on_record_says_nothing_of_a_proof_that_fell_later() -> None:
    story = won()
    story.do(withdrawn(), at=day(1))
    assert story.deal.win and story.deal.win.unproven == ()


def test_the_way_back_opens_the_outcome_again() -> None:
    story = won()
    story.do(withdrawn(), at=day(1))
    story.do(c.MoveBack(to="sign", reason="no deposit"), at=day(2))
    assert (story.deal.outcome, story.deal.stage, story.deal.lost) == ("open", "sign", {})


def test_a_proof_of_a_stage_after_the_win_is_lost_there_too() -> None:
    story = won("serve")
    story.do(withdrawn("payment2"), at=day(1))
    lost = story.last(e.ProofLost)
    assert (lost.node, lost.stage, lost.after_win) == ("paid_in_full", "collect", True)


def test_a_stage_that_closes_by_itself_takes_the_clock_with_it() -> None:
    story = won("serve")
    story.do(withdrawn("payment2"), at=day(39))
    story.progress(day(50))
    assert not story.deal.in_progress and next_due(story.deal) is None
    assert [(stall.clock, stall.due_at) for stall in story.deal.stalls.values()] == []
    assert [lost.node for lost in story.deal.proofs_lost] == ["paid_in_full"]


def test_closing_ends_clock_and_stall_and_the_loss_stays_on_record() -> None:
    story = won()
    story.do(withdrawn(), at=day(1))
    story.progress(day(3))
    story.do(c.CloseDeal(reason="another house delivers"), at=day(4))
    assert (story.ended("d1/1/deposit_paid/proof_lost/1").how, story.deal.clocks) == ("closed", {})
    assert [lost.node for lost in story.deal.proofs_lost] == ["deposit_paid"]


def test_on_a_closed_won_deal_the_loss_is_judged_and_told_at_once_and_nothing_else_happens() -> None:
    story = closed_won()
    decision = story.do(withdrawn(), at=day(5))
    assert [fact.topic for fact in decision.facts] == [
        "deal.evidence_withdrawn.v1", "deal.node_reversed.v1", "deal.proof_lost.v1",
    ]  # fmt: skip
    lost = story.last(e.ProofLost)
    assert (lost.node, lost.after_win, lost.recipients) == ("deposit_paid", True, ("anna", "dora"))
    assert (story.deal.clocks, next_due(story.deal), story.deal.outcome) == ({}, None, "won")


def test_of_a_loss_on_a_closed_deal_it_is_not_said_that_it_moves_nothing() -> None:
    story = closed_won()
    assert story.do(withdrawn(), at=day(5)).notes == ("judged_though_closed",)
    assert story.evidence("reply", at=day(6)).notes == ("kept_as_history",)


def test_a_change_that_waits_on_a_closed_won_deal_is_not_said_to_move_nothing() -> None:
    story = closed_won()
    decision = story.do(c.CorrectEvidence(evidence_id="payment1", fields={"amount": "900"}, reason="r"), at=day(6))
    assert decision.notes == ("waits_for_confirmation", "judged_though_closed")


def test_a_proof_given_again_on_a_closed_won_deal_ends_the_loss() -> None:
    story = closed_won()
    story.do(c.DisputeEvidence(evidence_id="payment1", reason="denied"), at=day(5))
    story.do(c.ConfirmEvidence(evidence_id="payment1", reason="seen"), at=day(6), who="dora")
    assert (story.deal.proofs_lost, story.last(e.ProofRegained).how) == ((), "passed")


def test_the_way_back_from_a_closed_deal_is_to_reopen_it_at_the_nodes_stage() -> None:
    story = closed_won()
    story.do(withdrawn(), at=day(5))
    story.do(c.ReopenDeal(to="sign", reason="no deposit"), at=day(6), who="dora")
    assert (story.deal.outcome, story.deal.stage, story.deal.lost) == ("open", "sign", {})
    assert list(story.deal.clocks) == ["stage_age"]


def test_reopening_starts_the_clock_again_for_each_proof_that_is_still_lost() -> None:
    story = won()
    story.do(withdrawn("need1"), at=day(1))
    story.do(withdrawn(), at=day(1))
    story.do(c.CloseDeal(reason="r"), at=day(2))
    since = len(story.recorded)
    story.do(c.ReopenDeal(reason="they pay again"), at=day(9), who="dora")
    clocks = {clock.node: (clock.episode, clock.due_at) for clock in story.deal.clocks.values() if clock.node}
    assert clocks == {"need_confirmed": (1, day(11)), "deposit_paid": (1, day(11))}
    assert "proof_lost" not in story.topics(since)
    story.progress(day(11))
    assert {stall.id for stall in story.deal.open_stalls} == {
        "d1/2/need_confirmed/proof_lost/1", "d1/2/deposit_paid/proof_lost/1",
    }  # fmt: skip


def test_what_was_withdrawn_while_a_lost_deal_was_closed_is_lost_when_it_is_reopened() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    story.do(withdrawn("need1"), at=day(2))
    assert story.facts(e.ProofLost) == []
    story.do(c.ReopenDeal(reason="they came back"), at=day(9), who="dora")
    lost = story.deal.lost["need_confirmed"]
    assert (lost.since, lost.stage, lost.after_win) == (day(9), "learn", False)
    assert story.deal.clocks["proof_lost/need_confirmed"].due_at == day(11)


def test_a_proof_lost_and_the_deal_lost_in_one_act_waits_for_the_reopening() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(withdrawn("need1"), c.LoseDeal(reason="price"), at=day(1))
    assert (story.deal.proofs_lost, story.deal.clocks) == ((), {})
    story.do(c.ReopenDeal(reason="they came back"), at=day(9), who="dora")
    assert story.deal.clocks["proof_lost/need_confirmed"].due_at == day(11)


@pytest.mark.parametrize("lost_again", [True, False])
def test_a_deal_that_is_lost_after_all_has_no_lost_proof_to_show(lost_again: bool) -> None:
    story = closed_won()
    story.do(withdrawn(), at=day(5))
    if lost_again:
        story.do(c.LoseDeal(reason="refund"), at=day(6))
    assert bool(story.deal.proofs_lost) != lost_again
