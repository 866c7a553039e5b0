"""Changes of evidence on top of one another: none of them hides what another, or somebody's confirmation, stands for."""

from datetime import datetime

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import NodeStatus
from dealflow.domain.values.refusal import Code
from tests.support.deals.proofs import proofs
from tests.support.deals.stories import Story, day


def withdraw(evidence: str) -> c.WithdrawEvidence:
    return c.WithdrawEvidence(evidence_id=evidence, reason="by mistake")


def dispute(evidence: str, *, confirms: bool = False) -> c.DisputeEvidence:
    return c.DisputeEvidence(evidence_id=evidence, reason="denied", confirms=confirms)


def correct(
    evidence: str, *, observed: datetime | None = None, confirms: bool = False, **fields: str
) -> c.CorrectEvidence:
    return c.CorrectEvidence(
        evidence_id=evidence, fields=fields, observed_at=observed, reason="misread", confirms=confirms
    )


def status(story: Story, node: str) -> NodeStatus:
    return story.deal.node(node).status


def status_as_of(story: Story, node: str, at: datetime) -> NodeStatus:
    then = story.as_of(at)
    assert then is not None
    return then.node(node).status


def test_a_negative_amount_that_is_corrected_and_then_withdrawn_still_takes_away() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="1000", receipt="a")
    story.evidence("payment", at=day(2), amount="-500", receipt="b", evidence_id="minus")
    story.do(correct("minus", amount="1"), at=day(3))
    story.do(withdraw("minus"), at=day(4))
    assert (status(story, "paid"), story.last(e.EvidenceWithdrawn).confirmed) == (NodeStatus.OPEN, False)


def test_a_receipt_that_is_corrected_and_then_withdrawn_still_stands_for_its_first_number() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="1", receipt="r1", evidence_id="first")
    story.evidence("payment", at=day(2), amount="1000", receipt="r1")
    story.do(correct("first", receipt="r2"), at=day(3))
    story.do(withdraw("first"), at=day(4))
    assert status(story, "receipts") is NodeStatus.OPEN


def test_a_refund_is_counted_together_with_what_a_correction_in_doubt_took_away() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="1500")
    story.evidence("payment", at=day(2), amount="-400", evidence_id="minus")
    story.do(correct("minus", amount="1"), at=day(3))
    story.evidence("refund", at=day(4), amount="200")
    assert status(story, "paid") is NodeStatus.OPEN


def test_agreeing_to_a_correction_is_no_agreement_to_a_dispute() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="1000")
    story.evidence("refund", at=day(2), amount="600", evidence_id="back")
    story.do(correct("back", amount="500"), at=day(3))
    story.do(dispute("back"), at=day(4))
    assert story.refused(correct("back", confirms=True), at=day(5), who="mei").code is Code.NOTHING_TO_CONFIRM
    assert status(story, "paid") is NodeStatus.OPEN
    story.do(dispute("back", confirms=True), at=day(6), who="mei")
    assert status(story, "paid") is NodeStatus.REACHED


def test_what_was_corrected_while_the_deal_was_lost_is_judged_when_it_is_reopened() -> None:
    story = Story().opened().moved_to("learn")
    story.do(c.LoseDeal(reason="price"), at=day(2))
    story.do(correct("talk1", whom="helper"), at=day(3), who="mei")
    story.do(c.ReopenDeal(reason="they called"), at=day(4), who="mei")
    assert status(story, "decider_met") is NodeStatus.OPEN
    assert [lost.node for lost in story.deal.proofs_lost] == ["decider_met"]


def test_agreeing_to_a_correction_keeps_the_instant_of_an_earlier_confirmation() -> None:
    story = Story().opened(amount="1000")
    story.evidence("payment", at=day(1), amount="100", evidence_id="p1")
    story.do(dispute("p1"), at=day(2))
    story.do(c.ConfirmEvidence(evidence_id="p1", reason="seen"), at=day(5), who="mei")
    story.do(correct("p1", amount="10"), at=day(6), who="mei")
    story.do(correct("p1", amount="200"), at=day(7))
    story.do(correct("p1", confirms=True), at=day(8), who="mei")
    assert (status(story, "deposit_paid"), story.last(e.NodeReached).effective_at) == (NodeStatus.REACHED, day(5))


def test_two_corrections_at_once_are_judged_from_the_first_time() -> None:
    story = Story().opened()
    story.evidence("payment", at=day(1), amount="100", evidence_id="p1")
    story.do(correct("p1", observed=day(5)), correct("p1", observed=day(7)), at=day(9), who="mei")
    assert status_as_of(story, "deposit_paid", day(3)) is NodeStatus.OPEN
    assert status_as_of(story, "deposit_paid", day(8)) is NodeStatus.REACHED


def test_a_piece_that_is_corrected_and_withdrawn_at_once_never_counted() -> None:
    story = Story().opened()
    story.evidence("payment", at=day(1), amount="100", evidence_id="p1")
    story.do(correct("p1", observed=day(5)), withdraw("p1"), at=day(9), who="mei")
    assert status_as_of(story, "deposit_paid", day(3)) is NodeStatus.OPEN


def test_an_agreement_gives_no_values_of_its_own() -> None:
    story = Story().opened(amount="1000")
    story.evidence("payment", at=day(1), amount="10", evidence_id="p1")
    story.do(correct("p1", amount="100"), at=day(2))
    both = (correct("p1", confirms=True, amount="900"), correct("p1", confirms=True, observed=day(0.5)))
    for agreement in both:
        assert story.refused(agreement, at=day(3), who="mei").code is Code.FIELD_INVALID
    assert story.deal.evidence["p1"].waits
