"""What takes back is subtracted from a sum, whenever it was recorded and however old it is."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus
from dealflow.domain.track.judge import Met, NotMet, verdict
from dealflow.domain.values.refusal import Code, Reason
from dealflow.wording.sentences import sentence
from tests.support.deals.plain_process import PlainRules
from tests.support.deals.proofs import proofs
from tests.support.deals.stories import Story, day


def told(amount: str | None = "1000") -> Story:
    return Story(proofs()).opened(amount=amount)


def reasons(story: Story, node: str = "paid") -> tuple[Reason, ...]:
    found = verdict(story.definition.nodes[node], story.deal, story.definition, PlainRules())
    return found.reasons if isinstance(found, NotMet) else ()


def status(story: Story, node: str = "paid") -> NodeStatus:
    return story.deal.node(node).status


def withdraw(evidence_id: str) -> c.WithdrawEvidence:
    return c.WithdrawEvidence(evidence_id=evidence_id, reason="a mistake")


def test_a_refund_opens_the_node_again_from_when_it_was_observed() -> None:
    story = told()
    story.evidence("payment", at=day(1), amount="1000")
    decision = story.evidence("refund", at=day(9), observed=day(5), amount="1000")
    reversal = story.last(e.NodeReversed)
    assert (reversal.node, reversal.evidence, reversal.effective_at) == ("paid", ("refund1",), day(5))
    assert isinstance(dict(decision.verdicts)["paid"], NotMet)
    assert status(story) is NodeStatus.OPEN


def test_the_answer_names_what_was_taken_back() -> None:
    story = told()
    story.evidence("payment", amount="1000")
    story.evidence("refund", amount="300")
    (reason,) = reasons(story)
    assert reason.data["subtracted"] == ["refund1"]
    assert sentence(reason, "en") == (
        "paid: The sum of amount is too small: 1,000.00 CNY needed, 700.00 CNY so far, "
        "after 300.00 CNY were taken back by refund1."
    )
    assert (
        sentence(reason, "zh")
        == "paid：amount合计不足：需要1,000.00 CNY，目前700.00 CNY，已扣除refund1退回的300.00 CNY。"
    )


def test_a_refund_that_leaves_enough_changes_nothing() -> None:
    story = told()
    story.evidence("payment", amount="1500")
    story.evidence("refund", at=day(1), amount="500")
    assert status(story) is NodeStatus.REACHED and story.facts(e.NodeReversed) == []


def test_a_refund_before_the_payment_is_subtracted_too() -> None:
    story = told()
    story.evidence("refund", amount="1000")
    story.evidence("payment", at=day(1), amount="1000")
    assert status(story) is NodeStatus.OPEN
    story.evidence("payment", at=day(2), amount="1000")
    assert status(story) is NodeStatus.REACHED


def test_a_later_payment_makes_good_what_was_taken_back() -> None:
    story = told()
    story.evidence("payment", at=day(1), amount="1000")
    story.evidence("refund", at=day(2), amount="400")
    story.evidence("payment", at=day(3), amount="400")
    assert story.last(e.NodeReached).effective_at == day(3)


def test_a_refund_recorded_late_shows_the_time_in_which_the_node_was_open() -> None:
    story = told()
    story.evidence("payment", at=day(1), amount="1000")
    story.evidence("payment", at=day(5), amount="400")
    story.evidence("refund", at=day(6), observed=day(3), amount="400")
    open_then, after = story.as_of(day(4)), story.as_of(day(6))
    assert open_then and open_then.node("paid").status is NodeStatus.OPEN
    assert after and after.node("paid").status is NodeStatus.REACHED


def test_neither_age_nor_a_move_back_spares_what_takes_back() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.progress()
    story.evidence("refund", at=day(60), observed=day(2), amount="200")
    story.evidence("payment", at=day(60), amount="100", evidence_id="before")
    story.evidence("payment", at=day(61), amount="300")
    story.progress()
    assert story.deal.stage == "collect"
    story.do(c.MoveBack(to="decide", reason="again"), at=day(62))
    story.evidence("payment", at=day(63), amount="1000")
    (reason,) = reasons(story)
    assert (reason.data["have"], reason.data["taken"]) == ("800.00 CNY", "200.00 CNY")


def test_confirming_a_payment_does_not_lose_what_was_taken_from_it() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("payment", at=day(1), amount="900", receipt="R-1")
    story.progress()
    story.evidence("refund", at=day(2), amount="400", receipt="R-1")
    story.do(c.MoveBack(to="decide", reason="again"), at=day(3))
    assert [reason.code for reason in reasons(story)] == [Code.NEEDS_NEW_EVIDENCE]
    story.do(c.ConfirmEvidence(evidence_id="payment1", reason="the receipt was checked"), at=day(4), who="dora")
    (reason,) = reasons(story)
    assert (reason.data["have"], status(story)) == ("500.00 CNY", NodeStatus.OPEN)


def test_a_negative_refund_takes_back_as_well() -> None:
    story = told()
    story.evidence("payment", amount="1000")
    story.evidence("refund", at=day(1), amount="-1")
    (reason,) = reasons(story)
    assert reason.data["have"] == "999.00 CNY"


def test_a_negative_payment_opens_the_node_again() -> None:
    story = told()
    story.evidence("payment", amount="1000", evidence_id="p1")
    story.evidence("payment", at=day(1), amount="-1000", evidence_id="p2")
    assert status(story) is NodeStatus.OPEN


def test_a_refund_in_another_currency_is_never_passed_over() -> None:
    story = told()
    story.evidence("payment", amount="5000")
    story.evidence("refund", at=day(1), amount="10 USD")
    (reason,) = reasons(story)
    assert (reason.code, reason.data["have"], reason.data["evidence"]) == (Code.CURRENCY_DIFFERS, "USD", ["refund1"])
    assert status(story) is NodeStatus.OPEN


def test_a_refund_of_unknown_amount_is_never_passed_over() -> None:
    story = told()
    story.evidence("payment", amount="5000")
    story.evidence("refund", at=day(1), receipt="R-1")
    assert [reason.code for reason in reasons(story)] == [Code.RULE_FAILED]
    assert status(story) is NodeStatus.OPEN


def test_numbers_are_taken_back_too() -> None:
    story = told()
    story.evidence("payment", amount="1", units=5)
    story.evidence("refund", at=day(1), amount="0", units=1)
    (reason,) = reasons(story, "seats")
    assert (reason.data["have"], reason.data["need"], reason.data["taken"]) == (4, 5, 1)


def test_a_refund_of_a_withdrawn_payment_takes_nothing_from_the_others() -> None:
    story = told()
    story.evidence("payment", amount="1000", receipt="R-1", evidence_id="p1")
    story.evidence("refund", at=day(1), amount="1000", receipt="R-1")
    story.evidence("payment", at=day(2), amount="1000", receipt="R-2", evidence_id="p2")
    assert status(story) is NodeStatus.REACHED
    story.do(withdraw("p1"), at=day(3))
    assert status(story) is NodeStatus.REACHED


@pytest.mark.parametrize("names", ["r-1", " R-1 ", "p1"])
def test_a_refund_names_its_payment_by_its_value_or_its_id_however_it_is_written(names: str) -> None:
    story = told()
    story.evidence("payment", amount="1000", receipt="R-1", evidence_id="p1")
    story.evidence("refund", amount="1000", receipt=names)
    story.do(withdraw("p1"), at=day(1))
    story.evidence("payment", at=day(2), amount="1000", receipt="R-2")
    assert status(story) is NodeStatus.REACHED


def test_a_refund_that_names_nothing_known_takes_from_the_sum() -> None:
    story = told()
    story.evidence("payment", amount="1000", receipt="R-1")
    story.evidence("refund", at=day(1), amount="200", receipt="R-9")
    assert status(story) is NodeStatus.OPEN


def test_what_a_refund_takes_beyond_a_payment_that_does_not_count_the_others_bear() -> None:
    story = told()
    story.evidence("payment", amount="10", receipt="R-1", evidence_id="p1")
    story.evidence("payment", amount="1000", receipt="R-2", evidence_id="p2")
    story.evidence("refund", at=day(1), amount="500", receipt="R-1")
    story.do(withdraw("p1"), at=day(2))
    (reason,) = reasons(story)
    assert reason.data["have"] == "510.00 CNY"


def test_a_sum_without_refunds_is_as_it_was() -> None:
    story = told()
    story.evidence("payment", amount="1000", receipt="R-1")
    story.evidence("refund", at=day(1), amount="1000")
    assert status(story, "receipts") is NodeStatus.REACHED


def test_a_refund_on_a_closed_deal_that_is_won_is_judged_and_moves_nothing() -> None:
    story = told()
    story.evidence("approval", at=day(1))
    story.evidence("payment", at=day(1), amount="1000")
    story.progress()
    assert not story.deal.in_progress and story.deal.outcome == "won"
    story.evidence("refund", at=day(2), amount="1000")
    assert (status(story), status(story, "deposit")) == (NodeStatus.OPEN, NodeStatus.OPEN)
    assert (story.deal.outcome, story.deal.in_progress) == ("won", False)


def test_a_refund_on_a_lost_deal_is_judged_when_it_is_reopened() -> None:
    story = told()
    story.evidence("payment", at=day(1), amount="1000")
    story.do(c.LoseDeal(reason="price"), at=day(2))
    story.evidence("refund", at=day(3), amount="1000")
    assert status(story) is NodeStatus.REACHED
    story.do(c.ReopenDeal(reason="they came back", nodes=()), at=day(4), who="dora")
    assert (status(story), story.last(e.NodeReversed).effective_at) == (NodeStatus.OPEN, day(3))


def test_payment_and_refund_in_one_command_are_judged_together() -> None:
    story = told()
    story.do(
        story.evidence_of("payment", amount="1000"),
        story.evidence_of("refund", amount="500"),
        story.evidence_of("payment", amount="500"),
        at=day(1),
    )
    assert story.last(e.NodeReached).evidence == ("payment1", "payment2")
    assert story.facts(e.NodeReversed) == []


def test_a_verdict_is_met_by_what_counts_and_not_by_what_takes_back() -> None:
    story = told()
    story.evidence("refund", amount="1")
    story.evidence("payment", amount="1001")
    found = verdict(story.definition.nodes["paid"], story.deal, story.definition, PlainRules())
    assert found == Met(("payment1",))
