"""A correction that nobody above has confirmed counts the way that is worse for the node."""

from datetime import datetime

from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.state import Deal
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.track.judge import Met, verdict
from tests.support.deals.plain_process import PlainRules
from tests.support.deals.proofs import proofs
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
