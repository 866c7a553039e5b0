"""A correction that nobody above has confirmed counts the way that is worse for the node."""

from datetime import datetime

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.state import Deal
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.track.judge import Met, NotMet, verdict
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import PlainRules, variant
from tests.support.deals.proofs import PROOFS, proofs
from tests.support.deals.stories import Story, day, money


def corrected(
    deal: Deal, evidence_id: str, *, observed: datetime | None = None, in_doubt: int = 1, **fields: FieldValue
) -> Deal:
    """The deal after a correction of this piece."""
    before = deal.evidence[evidence_id]
    after = replace(
        before,
        fields={**before.fields, **fields},
        observed_at=observed or before.observed_at,
        earlier=(*before.earlier, before),
        in_doubt=in_doubt,
    )
    return replace(deal, evidence={**deal.evidence, evidence_id: after})


def is_met(deal: Deal, node: str) -> bool:
    definition = proofs()
    return isinstance(verdict(definition.nodes[node], deal, definition, PlainRules()), Met)


def test_of_a_corrected_refund_the_larger_amount_counts_until_it_is_confirmed() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", amount="1100")
    story.evidence("refund", amount="1000")
    assert not is_met(corrected(story.deal, "refund1", amount=money("1")), "paid")
    assert is_met(corrected(story.deal, "refund1", amount=money("1"), in_doubt=0), "paid")


def test_of_a_corrected_payment_the_smaller_amount_counts_until_it_is_confirmed() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", amount="10")
    assert not is_met(corrected(story.deal, "payment1", amount=money("1000")), "paid")
    assert is_met(corrected(story.deal, "payment1", amount=money("1000"), in_doubt=0), "paid")


def test_a_rejection_that_is_dated_back_speaks_from_both_days_until_it_is_confirmed() -> None:
    story = Story(proofs()).opened()
    story.evidence("approval", at=day(3))
    story.evidence("rejection", at=day(5))
    assert not is_met(corrected(story.deal, "rejection1", observed=day(1)), "approved")
    assert is_met(corrected(story.deal, "rejection1", observed=day(1), in_doubt=0), "approved")


def test_a_refund_of_a_receipt_that_was_corrected_takes_nothing_from_the_others() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", amount="1000", receipt="R-1")
    story.evidence("refund", amount="1000", receipt="R-1")
    assert not is_met(corrected(story.deal, "payment1", receipt="R-2"), "paid")
    assert is_met(corrected(story.deal, "payment1", receipt="R-2", in_doubt=0), "paid")


def lacks(story: Story, node: str) -> list[tuple[Code, object, object]]:
    """Why the node is not met: code, what there is so far, and what was taken back."""
    definition = proofs()
    found = verdict(definition.nodes[node], story.deal, definition, PlainRules())
    assert isinstance(found, NotMet)
    return [(reason.code, reason.data.get("have"), reason.data.get("taken")) for reason in found.reasons]


@pytest.mark.parametrize("act", [c.WithdrawEvidence, c.DisputeEvidence])
@pytest.mark.parametrize(("paid", "left"), [("1000", "600.00 CNY"), ("900", "500.00 CNY")])
def test_the_sum_so_far_is_without_a_refund_whose_removal_waits(
    act: type[c.WithdrawEvidence | c.DisputeEvidence], paid: str, left: str
) -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", amount=paid)
    story.evidence("refund", amount="400")
    assert lacks(story, "paid") == [(Code.SUM_SHORT, left, "400.00 CNY")]
    story.do(act(evidence_id="refund1", reason="a mistake"))
    assert lacks(story, "paid") == [(Code.SUM_SHORT, left, "400.00 CNY"), (Code.CHANGE_NOT_CONFIRMED, None, None)]


def test_the_sum_so_far_has_of_a_corrected_piece_what_it_counts_for() -> None:
    story = Story(proofs()).opened()
    story.evidence("payment", amount="300")
    story.do(c.CorrectEvidence(evidence_id="payment1", fields={"amount": "700"}, reason="misread"))
    assert lacks(story, "paid")[0] == (Code.SUM_SHORT, "300.00 CNY", None)


def test_so_does_the_number_of_pieces() -> None:
    definition = variant(
        (
            "standard: {evidence: reply, count: 2, distinct: author}",
            "standard: {evidence: reply, where: 'said == \"yes\"', count: 3}",
        ),
        text=PROOFS,
    )
    story = Story(definition).opened()
    for said in ("yes", "no"):
        story.evidence("reply", said=said)
    story.do(c.CorrectEvidence(evidence_id="reply2", fields={"said": "yes"}, reason="misheard"))
    found = verdict(definition.nodes["answered"], story.deal, definition, PlainRules())
    assert isinstance(found, NotMet)
    assert [(reason.code, reason.data.get("have")) for reason in found.reasons] == [
        (Code.COUNT_SHORT, 1),
        (Code.CHANGE_NOT_CONFIRMED, None),
    ]
