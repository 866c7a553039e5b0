"""Evidence withdrawn, disputed, confirmed: its nodes are judged again on the rest; the deal does not go back by itself."""

from collections.abc import Callable

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import EvidenceStatus, NodeStatus
from dealflow.domain.values.refusal import Code
from dealflow.wording.sentences import sentence
from tests.support.deals.stories import Story, day


def withdraw(evidence_id: str) -> c.WithdrawEvidence:
    return c.WithdrawEvidence(evidence_id=evidence_id, reason="a mistake")


def dispute(evidence_id: str) -> c.DisputeEvidence:
    return c.DisputeEvidence(evidence_id=evidence_id, reason="the customer denies it")


def confirm(evidence_id: str) -> c.ConfirmEvidence:
    return c.ConfirmEvidence(evidence_id=evidence_id, reason="seen the receipt")


@pytest.mark.parametrize("change", [withdraw, dispute])
def test_a_node_without_its_evidence_is_open_again_from_the_time_that_was_observed(
    change: Callable[[str], c.Command],
) -> None:
    story = Story().opened()
    story.evidence("talk", at=day(3), observed=day(2), evidence_id="t1", whom="decider")
    story.do(change("t1"), at=day(7))
    reversal = story.last(e.NodeReversed)
    assert (reversal.node, reversal.evidence, reversal.effective_at) == ("decider_met", ("t1",), day(2))
    assert story.deal.node("decider_met").status is NodeStatus.OPEN


def test_a_node_is_judged_on_the_evidence_that_is_left() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(1), evidence_id="t1", whom="decider")
    story.evidence("talk", at=day(2), evidence_id="t2", whom="decider")
    story.do(withdraw("t1"), at=day(7))
    assert story.last(e.NodeReached).evidence == ("t2",)
    assert story.deal.node("decider_met").status is NodeStatus.REACHED
    assert story.facts(e.GateLost) == []


def test_a_node_that_the_rest_reaches_later_was_open_in_between() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(1), evidence_id="t1", whom="decider")
    story.evidence("talk", at=day(5), evidence_id="t2", whom="decider")
    story.do(withdraw("t1"), at=day(7))
    assert story.topics()[-2:] == ["node_reversed", "node_reached"]
    between, after = story.as_of(day(3)), story.as_of(day(8))
    assert between and between.node("decider_met").status is NodeStatus.OPEN
    assert after and after.node("decider_met").status is NodeStatus.REACHED


def test_a_node_that_the_rest_reaches_as_early_is_not_reversed() -> None:
    story = Story().opened(amount="1000")
    story.evidence("payment", at=day(1), evidence_id="p1", amount="100")
    story.evidence("payment", at=day(2), observed=day(1), evidence_id="p2", amount="100")
    story.do(withdraw("p1"), at=day(3))
    assert story.facts(e.NodeReversed) == []
    assert story.deal.node("deposit_paid").evidence == ("p2",)


def test_evidence_that_no_node_rests_on_changes_no_node() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    story.evidence("talk", evidence_id="t2", whom="decider")
    story.do(withdraw("t2"), at=day(1))
    assert story.topics()[-1] == "evidence_withdrawn"


def test_the_deal_does_not_go_back_by_itself() -> None:
    story = Story().opened().moved_to("learn")
    story.do(dispute("talk1"), at=day(1))
    assert story.progress(day(2)) == []
    assert (story.deal.stage, story.tracks.position, story.tracks.customer_stage) == ("learn", None, "meet")


def test_a_gate_that_was_met_is_lost_with_its_evidence() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    story.do(withdraw("t1"), at=day(0.001))
    assert story.topics()[-3:] == ["evidence_withdrawn", "node_reversed", "gate_lost"]
    assert story.progress(day(1)) == [] and story.deal.stage == "meet"


def test_a_gate_that_other_evidence_still_meets_stays_met() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    story.evidence("talk", evidence_id="t2", whom="decider")
    story.do(withdraw("t1"), at=day(1))
    assert story.facts(e.GateLost) == []
    story.progress()
    assert story.deal.stage == "learn"


def test_one_payment_less_reverses_the_sum_and_not_the_deposit() -> None:
    story = Story().opened(amount="1000")
    story.evidence("payment", at=day(1), evidence_id="p1", amount="400")
    story.evidence("payment", at=day(2), evidence_id="p2", amount="600")
    story.do(withdraw("p2"), at=day(3))
    assert story.deal.node("deposit_paid").status is NodeStatus.REACHED
    assert story.deal.node("paid_in_full").status is NodeStatus.OPEN
    assert story.last(e.NodeReversed).effective_at == day(2)


def test_a_won_deal_stays_won_when_its_deposit_is_disputed() -> None:
    story = Story().opened().moved_to("collect")
    story.do(dispute("payment1"), at=day(1))
    assert (story.deal.outcome, story.deal.stage) == ("won", "collect")
    assert story.deal.node("deposit_paid").status is NodeStatus.OPEN


def test_a_waived_node_does_not_depend_on_evidence() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="helper")
    story.do(c.WaiveNode(node="decider_met", reason="known"), who="dora")
    story.do(withdraw("t1"), at=day(1))
    assert story.deal.node("decider_met").status is NodeStatus.WAIVED


def test_disputed_evidence_counts_again_when_a_permitted_person_confirms_it() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    story.do(dispute("t1"), at=day(1))
    assert story.deal.evidence["t1"].status is EvidenceStatus.DISPUTED
    story.do(confirm("t1"), at=day(2), who="dora")
    assert story.deal.evidence["t1"].status is EvidenceStatus.VALID
    assert story.deal.node("decider_met").status is NodeStatus.REACHED
    story.progress()
    assert story.deal.stage == "learn"


def test_nobody_confirms_evidence_on_a_deal_they_own() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    story.do(dispute("t1"))
    assert story.refused(confirm("t1")).code is Code.OWN_DEAL


def test_withdrawn_evidence_stays_withdrawn() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    story.do(withdraw("t1"))
    for change in (withdraw("t1"), dispute("t1"), confirm("t1")):
        assert story.refused(change, who="dora").code is Code.ALREADY_SO


def test_disputed_evidence_may_be_withdrawn_and_is_not_disputed_twice() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    story.do(dispute("t1"))
    assert story.refused(dispute("t1")).code is Code.ALREADY_SO
    story.do(withdraw("t1"))
    assert story.deal.evidence["t1"].status is EvidenceStatus.WITHDRAWN


def test_evidence_that_is_not_on_record_is_refused_with_the_nearest_id() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="talk-monday", whom="decider")
    reason = story.refused(withdraw("talk-mondya"))
    assert (reason.code, reason.suggestion) == (Code.UNKNOWN_EVIDENCE, "talk-monday")


def test_a_change_of_evidence_needs_a_reason() -> None:
    story = Story().opened()
    story.evidence("talk", evidence_id="t1", whom="decider")
    refused = story.refused(c.WithdrawEvidence(evidence_id="t1", reason="  "))
    assert refused.code is Code.REASON_NEEDED


def test_evidence_withdrawn_after_the_closing_act_is_history_and_said_so() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    decision = story.do(withdraw("talk1"), at=day(2))
    assert [fact.topic for fact in decision.facts] == ["deal.evidence_withdrawn.v1"]
    assert decision.notes == ("kept_as_history",)
    assert story.deal.node("decider_met").status is NodeStatus.REACHED


def test_a_withdrawn_piece_is_never_counted_again_after_a_move_back() -> None:
    story = Story().opened().moved_to("learn")
    story.do(withdraw("talk1"), at=day(1))
    story.evidence("talk", at=day(2), whom="decider")
    assert story.last(e.NodeReached).evidence == ("talk2",)


def test_what_nobody_doubts_and_no_node_waits_for_is_not_confirmed() -> None:
    story = Story().opened().moved_to("learn")
    before = story.deal
    reason = story.refused(confirm("talk1"), who="mei")
    assert (reason.code, reason.place) == (Code.NOTHING_TO_CONFIRM, "talk1")
    assert "nobody doubts it" in sentence(reason, "en")
    assert story.deal == before


def test_a_dispute_is_settled_once() -> None:
    story = Story().opened().moved_to("learn")
    story.do(dispute("talk1"))
    story.do(confirm("talk1"), who="mei")
    assert story.deal.node("decider_met").status is NodeStatus.REACHED
    assert story.refused(confirm("talk1"), who="mei").code is Code.NOTHING_TO_CONFIRM


def test_what_a_node_that_was_opened_again_waits_for_is_confirmed_once() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.MoveBack(to="learn", reason="again"))
    assert story.refused(confirm("talk1"), who="mei").code is Code.NOTHING_TO_CONFIRM  # its node was not opened again
    story.do(confirm("need1"), who="mei")
    assert story.deal.node("need_confirmed").status is NodeStatus.REACHED
    assert story.refused(confirm("need1"), who="mei").code is Code.NOTHING_TO_CONFIRM


def test_on_a_closed_deal_a_piece_is_confirmed_for_its_reopening() -> None:
    story = Story().opened().moved_to("haggle")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    story.do(confirm("need1"), at=day(2), who="mei")
    assert story.refused(confirm("need1"), at=day(2), who="mei").code is Code.NOTHING_TO_CONFIRM
    story.do(c.ReopenDeal(reason="they called", to="learn"), at=day(3), who="mei")
    assert story.deal.node("need_confirmed").status is NodeStatus.REACHED


def test_what_serves_no_node_is_never_confirmed_but_after_a_dispute() -> None:
    story = Story().opened().moved_to("haggle")
    story.evidence("reply")
    story.do(c.MoveBack(to="meet", reason="again"))
    assert story.refused(confirm("reply1"), who="mei").code is Code.NOTHING_TO_CONFIRM
    story.do(dispute("reply1"))
    story.do(confirm("reply1"), who="mei")
    assert story.deal.evidence["reply1"].status is EvidenceStatus.VALID
