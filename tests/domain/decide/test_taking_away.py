"""What speaks against a node is not taken away by its owner: somebody above confirms it first."""

from collections.abc import Callable

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import EvidenceStatus, NodeStatus
from dealflow.domain.people.organisation import Organisation, Person
from dealflow.domain.track.judge import NotMet, verdict
from dealflow.domain.values.refusal import Code
from dealflow.wording.sentences import sentence
from tests.support.deals.plain_process import PlainRules
from tests.support.deals.proofs import proofs
from tests.support.deals.stories import Story, day

Act = Callable[..., c.WithdrawEvidence | c.DisputeEvidence]


def withdraw(evidence_id: str, *, confirms: bool = False) -> c.WithdrawEvidence:
    return c.WithdrawEvidence(evidence_id=evidence_id, reason="a mistake", confirms=confirms)


def dispute(evidence_id: str, *, confirms: bool = False) -> c.DisputeEvidence:
    return c.DisputeEvidence(evidence_id=evidence_id, reason="the customer denies it", confirms=confirms)


def refunded(people: Organisation | None = None) -> Story:
    """A deal of 1,000 that is paid and refunded: `paid` is open again."""
    story = Story(proofs(), people=people).opened() if people else Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="1000")
    story.evidence("refund", at=day(2), amount="1000")
    return story


def rejected() -> Story:
    """A deal that is approved and then rejected: `approved` is open again."""
    story = Story(proofs()).opened()
    story.evidence("approval", at=day(1))
    story.evidence("rejection", at=day(2))
    return story


def status(story: Story, node: str = "paid") -> NodeStatus:
    return story.deal.node(node).status


def codes(story: Story, node: str = "paid") -> list[Code]:
    found = verdict(story.definition.nodes[node], story.deal, story.definition, PlainRules())
    return [reason.code for reason in found.reasons] if isinstance(found, NotMet) else []


@pytest.mark.parametrize("act", [withdraw, dispute])
@pytest.mark.parametrize(
    ("told", "evidence", "node"), [(refunded, "refund1", "paid"), (rejected, "rejection1", "approved")]
)
def test_the_owner_takes_away_what_speaks_against_and_the_node_stays_open(
    act: Act, told: Callable[[], Story], evidence: str, node: str
) -> None:
    story = told()
    decision = story.do(act(evidence), at=day(3))
    short = [Code.SUM_SHORT] if node == "paid" else []  # the refund is still taken from the sum
    assert (status(story, node), codes(story, node)) == (NodeStatus.OPEN, [*short, Code.CHANGE_NOT_CONFIRMED])
    assert decision.notes == ("waits_for_confirmation",)
    assert isinstance(dict(decision.verdicts)[node], NotMet)


@pytest.mark.parametrize("act", [withdraw, dispute])
@pytest.mark.parametrize(
    ("told", "evidence", "node"), [(refunded, "refund1", "paid"), (rejected, "rejection1", "approved")]
)
def test_somebody_above_confirms_and_the_node_is_reached(
    act: Act, told: Callable[[], Story], evidence: str, node: str
) -> None:
    story = told()
    story.do(act(evidence), at=day(3))
    story.do(act(evidence, confirms=True), at=day(4), who="mei")
    confirmed = story.last(e.EvidenceRemovalConfirmed)
    assert (confirmed.evidence_id, confirmed.effective_at) == (evidence, day(2))
    assert status(story, node) is NodeStatus.REACHED


@pytest.mark.parametrize("act", [withdraw, dispute])
def test_somebody_above_takes_it_away_at_once(act: Act) -> None:
    story = refunded()
    decision = story.do(act("refund1"), at=day(3), who="mei")
    assert (status(story), decision.notes) == (NodeStatus.REACHED, ())
    assert not story.deal.evidence["refund1"].waits


def test_an_import_takes_it_away_at_once() -> None:
    story = refunded()
    origin = e.Origin(source="bank", row="7", key="bank/7")
    story.do(withdraw("refund1").model_copy(update={"origin": origin}), at=day(3))
    assert status(story) is NodeStatus.REACHED


def test_where_nobody_stands_above_there_is_nobody_to_wait_for() -> None:
    alone = Organisation(people={"anna": Person(id="anna", name="Anna")})
    story = refunded(alone)
    story.do(withdraw("refund1"), at=day(3))
    assert status(story) is NodeStatus.REACHED


def test_who_acts_for_the_owner_confirms_nothing() -> None:
    story = refunded()
    story.do(withdraw("refund1"), at=day(3))
    refusal = story.refused(withdraw("refund1", confirms=True), who="mei", on_behalf_of="anna")
    assert refusal.code is Code.OWN_DEAL


@pytest.mark.parametrize(
    ("who", "code"), [("anna", Code.OWN_DEAL), ("bob", Code.UNKNOWN_DEAL), ("ops", Code.NOT_PERMITTED)]
)
def test_nobody_but_somebody_above_confirms(who: str, code: Code) -> None:
    story = refunded()
    story.do(withdraw("refund1"), at=day(3))
    assert story.refused(withdraw("refund1", confirms=True), who=who).code is code
    assert status(story) is NodeStatus.OPEN


@pytest.mark.parametrize("told", [refunded, lambda: _withdrawn_by("mei")])
def test_there_is_nothing_to_confirm_where_nothing_waits(told: Callable[[], Story]) -> None:
    story = told()
    refusal = story.refused(withdraw("refund1", confirms=True), who="mei")
    assert refusal.code is Code.NOTHING_TO_CONFIRM
    assert sentence(refusal, "en").startswith("There is nothing to confirm: evidence refund1 is ")
    assert sentence(refusal, "zh").startswith("没有待确认的变更：")


def _withdrawn_by(who: str) -> Story:
    story = refunded()
    story.do(withdraw("refund1"), at=day(3), who=who)
    return story


def test_a_dispute_is_not_confirmed_as_a_withdrawal() -> None:
    story = refunded()
    story.do(dispute("refund1"), at=day(3))
    assert story.refused(withdraw("refund1", confirms=True), who="mei").code is Code.NOTHING_TO_CONFIRM


def test_a_confirmation_needs_a_reason() -> None:
    story = _withdrawn_by("anna")
    refusal = story.refused(c.WithdrawEvidence(evidence_id="refund1", reason=" ", confirms=True), who="mei")
    assert refusal.code is Code.REASON_NEEDED


def test_what_waits_speaks_only_against() -> None:
    story = Story(proofs()).opened()
    story.evidence("approval", at=day(1))
    story.do(withdraw("approval1"), at=day(2))
    assert (status(story, "approved"), codes(story, "approved")) == (NodeStatus.OPEN, [Code.EVIDENCE_NOT_COUNTED])


@pytest.mark.parametrize("act", [withdraw, dispute])
def test_what_was_taken_away_is_named_and_not_said_to_be_missing(act: Act) -> None:
    story = Story(proofs()).opened()
    story.evidence("approval", at=day(1))
    story.do(act("approval1"), at=day(2))
    found = verdict(story.definition.nodes["approved"], story.deal, story.definition, PlainRules())
    assert isinstance(found, NotMet)
    assert "that counts: evidence approval1 is " in sentence(found.reasons[0], "en")


def test_a_removal_in_several_steps_leaves_the_node_open() -> None:
    story = refunded()
    story.evidence("refund", at=day(3), amount="1")
    story.do(dispute("refund1"), at=day(4))
    story.do(withdraw("refund1"), at=day(5))
    story.do(withdraw("refund2"), at=day(6))
    assert status(story) is NodeStatus.OPEN
    story.do(withdraw("refund1", confirms=True), at=day(7), who="mei")
    assert status(story) is NodeStatus.OPEN
    story.do(withdraw("refund2", confirms=True), at=day(8), who="mei")
    assert status(story) is NodeStatus.REACHED


def test_a_dispute_that_was_confirmed_needs_no_second_word_for_the_withdrawal() -> None:
    story = refunded()
    story.do(dispute("refund1"), at=day(3), who="mei")
    story.do(withdraw("refund1"), at=day(4))
    assert status(story) is NodeStatus.REACHED


def test_new_evidence_in_between_does_not_bring_back_what_was_refunded() -> None:
    story = refunded()
    story.do(withdraw("payment1"), at=day(3))
    story.do(withdraw("refund1"), at=day(4))
    story.evidence("payment", at=day(5), amount="1000")
    assert (status(story), set(codes(story))) == (NodeStatus.OPEN, {Code.SUM_SHORT, Code.CHANGE_NOT_CONFIRMED})


def test_a_payment_that_makes_good_the_refund_needs_nobodys_word() -> None:
    story = refunded()
    story.do(withdraw("refund1"), at=day(3))
    story.evidence("payment", at=day(4), amount="1000")
    assert status(story) is NodeStatus.REACHED


def test_an_approval_after_the_rejection_needs_nobodys_word() -> None:
    story = rejected()
    story.do(withdraw("rejection1"), at=day(3))
    story.evidence("approval", at=day(4))
    assert status(story, "approved") is NodeStatus.REACHED


def test_an_approval_of_before_the_rejection_waits_for_the_confirmation() -> None:
    story = rejected()
    story.do(withdraw("rejection1"), at=day(3))
    story.evidence("approval", at=day(4), observed=day(1.5))
    assert status(story, "approved") is NodeStatus.OPEN


def test_a_reached_node_stays_reached_when_a_refund_that_it_bears_is_taken_away() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="1500")
    story.evidence("refund", at=day(2), amount="500")
    story.do(withdraw("refund1"), at=day(3))
    assert status(story) is NodeStatus.REACHED and story.facts(e.NodeReversed) == []


def test_what_speaks_against_no_node_is_taken_away_without_a_word() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="1000")
    decision = story.do(withdraw("payment1"), at=day(2))
    assert story.last(e.EvidenceWithdrawn).confirmed and decision.notes == ()


def test_the_earlier_piece_of_a_receipt_keeps_its_place_until_somebody_above_confirms() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", at=day(1), amount="10", receipt="R-1")
    story.evidence("payment", at=day(2), amount="1000", receipt="R-1")
    story.do(withdraw("payment1"), at=day(3))
    assert status(story, "receipts") is NodeStatus.OPEN
    story.do(withdraw("payment1", confirms=True), at=day(4), who="mei")
    assert status(story, "receipts") is NodeStatus.REACHED


def test_a_disputed_refund_that_is_confirmed_as_evidence_waits_no_longer() -> None:
    story = refunded()
    story.do(dispute("refund1"), at=day(3))
    story.do(c.ConfirmEvidence(evidence_id="refund1", reason="the bank says so"), at=day(4), who="mei")
    refund = story.deal.evidence["refund1"]
    assert (refund.status, refund.waits, status(story)) == (EvidenceStatus.VALID, False, NodeStatus.OPEN)


def test_events_from_before_say_that_nothing_waits() -> None:
    stored = {"effective_at": "2026-03-02T09:30:00Z", "evidence_id": "ev-1", "reason": "wrong deal"}
    assert e.EvidenceWithdrawn.model_validate(stored).confirmed
    assert e.EvidenceDisputed.model_validate(stored).confirmed
