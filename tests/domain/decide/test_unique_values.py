"""A unique value stands once in a deal: the second piece is refused and names the first."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.values.refusal import Code
from dealflow.wording.sentences import sentence
from tests.support.deals.plain_process import with_receipts
from tests.support.deals.stories import Story, day


def paid() -> Story:
    story = Story(with_receipts()).opened()
    story.evidence("payment", at=day(1), evidence_id="p1", amount="50", receipt="R-1")
    return story


def second(receipt: str) -> c.RecordEvidence:
    return c.RecordEvidence(evidence_id="p2", kind="payment", fields={"amount": "70", "receipt": receipt})


@pytest.mark.parametrize("written", ["R-1", " r-1 ", "\uff32-1", "R\u200b-1"])
def test_the_second_piece_is_refused_and_names_the_first(written: str) -> None:
    reason = paid().refused(second(written), at=day(2))
    assert (reason.code, reason.place, reason.data["first"]) == (Code.VALUE_TAKEN, "payment.receipt", "p1")


def test_a_value_given_twice_at_once_is_not_said_to_be_on_record() -> None:
    first = c.RecordEvidence(evidence_id="p1", kind="payment", fields={"amount": "50", "receipt": "R-1"})
    reason = Story(with_receipts()).opened().refused(first, second("R-1"), at=day(2))
    assert sentence(reason, "en") == "payment.receipt: R-1 is given twice, first with evidence p1."
    assert sentence(reason, "zh") == "payment.receipt：R-1重复给出，首次见凭证p1。"


def test_a_disputed_piece_holds_its_value_and_a_withdrawn_one_does_not() -> None:
    story = paid()
    story.do(c.DisputeEvidence(evidence_id="p1", reason="denied"), at=day(2))
    assert story.refused(second("R-1")).code is Code.VALUE_TAKEN
    story.do(c.WithdrawEvidence(evidence_id="p1", reason="bounced"), at=day(3))
    story.do(second("R-1"), at=day(4))
    assert "p2" in story.deal.evidence


def test_a_correction_keeps_its_value_and_takes_no_other_piece_s() -> None:
    story = paid()
    story.do(second("R-2"), at=day(2))
    change = c.CorrectEvidence(evidence_id="p2", fields={"amount": "80"}, reason="misread")
    story.do(change, at=day(3))
    taken = c.CorrectEvidence(evidence_id="p2", fields={"receipt": "r-1"}, reason="misread")
    assert story.refused(taken, at=day(4)).code is Code.VALUE_TAKEN
    story.do(c.CorrectEvidence(evidence_id="p1", fields={"receipt": "R-9"}, reason="misread"), at=day(5), who="dora")
    story.do(taken, at=day(6))
    assert story.deal.evidence["p2"].fields["receipt"] == "r-1"


def test_pieces_without_the_value_are_not_the_same() -> None:
    story = Story(with_receipts()).opened()
    story.evidence("payment", at=day(1), amount="50")
    story.evidence("payment", at=day(2), amount="50")
    assert len(story.deal.evidence) == 2


def test_a_correction_that_waits_keeps_the_value_before_it_as_well() -> None:
    story = paid()
    story.do(c.CorrectEvidence(evidence_id="p1", fields={"receipt": "R-9"}, reason="misread"), at=day(2))
    assert [story.refused(second(receipt), at=day(3)).data["first"] for receipt in ("R-1", "R-9")] == ["p1", "p1"]
    story.do(c.CorrectEvidence(evidence_id="p1", reason="seen", confirms=True), at=day(4), who="dora")
    story.do(second("R-1"), at=day(5))
    assert "p2" in story.deal.evidence
