"""Evidence corrected: the same piece with other values, judged again; its recording and what it was stay on record."""

from typing import Any

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import EvidenceStatus, NodeStatus
from dealflow.domain.values.refusal import Code
from tests.support.deals.plain_process import variant
from tests.support.deals.stories import Story, day, money


def correct(evidence_id: str, **changes: Any) -> c.CorrectEvidence:
    observed = changes.pop("observed", None)
    return c.CorrectEvidence(evidence_id=evidence_id, fields=changes, observed_at=observed, reason="misread")


def paid(amount: str, *, at: float = 3, observed: float = 2) -> Story:
    """A deal of 1,000 with one payment; 100 is the deposit."""
    story = Story().opened(amount="1000")
    story.evidence("payment", at=day(at), observed=day(observed), evidence_id="p1", amount=amount)
    return story


def test_a_value_that_was_too_high_opens_the_node_from_the_time_that_was_observed() -> None:
    story = paid("100")
    story.do(correct("p1", amount="10"), at=day(7))
    corrected, reversal = story.last(e.EvidenceCorrected), story.last(e.NodeReversed)
    assert (corrected.effective_at, reversal.effective_at) == (day(2), day(2))
    assert (reversal.node, reversal.why) == ("deposit_paid", "corrected")
    assert story.deal.node("deposit_paid").status is NodeStatus.OPEN
    then = story.as_of(day(4))
    assert then and then.node("deposit_paid").status is NodeStatus.OPEN
    assert then.evidence["p1"].fields["amount"] == money("10")


def test_a_value_that_was_too_low_reaches_the_node() -> None:
    story = paid("10")
    story.do(correct("p1", amount="100"), at=day(7), who="dora")
    reached = story.last(e.NodeReached)
    assert (reached.node, reached.evidence, reached.effective_at) == ("deposit_paid", ("p1",), day(2))


def test_the_piece_keeps_its_recording_its_author_and_what_it_was() -> None:
    story = paid("100")
    before = story.deal.evidence["p1"]
    story.do(correct("p1", amount="200"), at=day(7), who="mei")
    piece = story.deal.evidence["p1"]
    assert (piece.reported_at, piece.author, piece.version) == (before.reported_at, "anna", before.version)
    assert piece.status is EvidenceStatus.VALID
    assert [version.fields["amount"] for version in piece.earlier] == [money("100")]
    assert story.deal.node("deposit_paid").status is NodeStatus.REACHED


def test_freshness_goes_by_the_first_recording() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(40), observed=day(20), evidence_id="t1", whom="helper")
    story.do(correct("t1", whom="decider"), at=day(60), who="dora")
    assert story.deal.node("decider_met").status is NodeStatus.REACHED
    story.do(correct("t1", observed=day(5)), at=day(61), who="dora")
    assert story.deal.node("decider_met").status is NodeStatus.OPEN  # 35 days old when it was recorded


def test_fields_that_are_not_named_stay_and_an_empty_one_is_cleared() -> None:
    story = Story().opened()
    story.evidence("need", at=day(1), evidence_id="n1", budget=5)
    story.do(correct("n1", observed=day(0.5)), at=day(2))
    assert story.deal.evidence["n1"].fields == {"budget": 5}
    story.do(correct("n1", budget=""), at=day(3))
    assert story.deal.evidence["n1"].fields == {}


def test_a_reading_between_the_right_time_and_the_one_first_given_has_the_piece() -> None:
    story = paid("100", at=8, observed=6)
    story.do(correct("p1", observed=day(2)), at=day(9))
    then = story.as_of(day(4))
    assert then and then.evidence["p1"].observed_at == day(2)
    assert then.node("deposit_paid").status is NodeStatus.REACHED
    assert story.deal.nodes["deposit_paid"].changes[-1][0] == day(2)


def test_a_piece_that_was_observed_later_reaches_its_node_later() -> None:
    story = paid("100", at=8, observed=2)
    story.do(correct("p1", observed=day(6)), at=day(9))
    then, after = story.as_of(day(4)), story.as_of(day(7))
    assert then and then.node("deposit_paid").status is NodeStatus.OPEN
    assert after and after.node("deposit_paid").status is NodeStatus.REACHED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (correct("p1", amount="100"), Code.NOTHING_CHANGES),
        (correct("p1"), Code.NOTHING_CHANGES),
        (correct("p2", amount="5"), Code.UNKNOWN_EVIDENCE),
        (correct("p1", amount=""), Code.FIELD_MISSING),
        (correct("p1", amount="much"), Code.FIELD_INVALID),
        (correct("p1", payer="Wang"), Code.UNKNOWN_FIELD),
        (correct("p1", observed=day(20)), Code.TIME_IN_FUTURE),
        (c.CorrectEvidence(evidence_id="p1", fields={"amount": "5"}, reason=" "), Code.REASON_NEEDED),
    ],
)
def test_what_cannot_be_corrected_is_refused_and_changes_nothing(change: c.CorrectEvidence, code: Code) -> None:
    story = paid("100")
    before = story.deal
    assert story.refused(change, at=day(7)).code is code
    assert story.deal == before


def test_withdrawn_evidence_is_not_corrected() -> None:
    story = paid("100")
    story.do(c.WithdrawEvidence(evidence_id="p1", reason="bounced"), at=day(4))
    assert story.refused(correct("p1", amount="200")).code is Code.ALREADY_SO


def test_disputed_evidence_stays_disputed() -> None:
    story = paid("100")
    story.do(c.DisputeEvidence(evidence_id="p1", reason="denied"), at=day(4))
    story.do(correct("p1", amount="200"), at=day(5))
    assert story.deal.evidence["p1"].status is EvidenceStatus.DISPUTED
    assert story.deal.node("deposit_paid").status is NodeStatus.OPEN


def test_on_a_lost_deal_a_correction_is_history_and_is_judged_when_it_is_opened_again() -> None:
    story = paid("10")
    story.do(c.LoseDeal(reason="price"), at=day(4))
    decision = story.do(correct("p1", amount="100"), at=day(5), who="dora")
    assert "kept_as_history" in decision.notes
    assert story.facts(e.NodeReached) == []
    story.do(c.ReopenDeal(reason="they called", nodes=()), at=day(6), who="dora")
    assert story.deal.node("deposit_paid").status is NodeStatus.REACHED


def test_personal_values_are_named_as_such_again() -> None:
    story = Story(
        variant(("{referred: {person: personal}}", "{referred: {person: personal}, on: {date: optional}}"))
    ).opened()
    story.evidence("referral", at=day(1), evidence_id="r1", referred="Wang")
    story.do(correct("r1", on="2026-03-02"), at=day(2))
    corrected = story.last(e.EvidenceCorrected)
    assert (corrected.personal, corrected.fields["referred"]) == (("referred",), "Wang")


def test_a_correction_by_the_owner_that_would_reach_a_node_waits_for_somebody_above() -> None:
    story = paid("10")
    decision = story.do(correct("p1", amount="100"), at=day(7))
    assert "waits_for_confirmation" in decision.notes
    assert story.deal.node("deposit_paid").status is NodeStatus.OPEN
    story.do(correct("p1", amount="150"), at=day(8))
    agree = c.CorrectEvidence(evidence_id="p1", reason="the receipt says so", confirms=True)
    assert story.refused(agree, at=day(9)).code is Code.OWN_DEAL
    story.do(agree, at=day(9), who="dora")
    assert story.deal.node("deposit_paid").status is NodeStatus.REACHED
    assert story.refused(agree, at=day(10), who="dora").code is Code.NOTHING_TO_CONFIRM


def test_a_correction_by_the_owner_that_opens_a_node_counts_at_once() -> None:
    story = paid("100")
    story.do(correct("p1", amount="10"), at=day(7))
    assert story.deal.node("deposit_paid").status is NodeStatus.OPEN


OWN_KIND = ("reply: {side: customer}", "reply: {side: customer, fields: {said: {type: text, required: false}}}")
WITH_PAYER = (
    "payment: {side: customer, fields: {amount: money}}",
    "payment: {side: customer, fields: {amount: money, payer: {type: text, required: false}}}",
)


@pytest.mark.parametrize("who", ["anna", "mei"])
def test_a_correction_that_bears_on_no_node_waits_for_nobody(who: str) -> None:
    story = Story(variant(OWN_KIND)).opened()
    story.evidence("reply", at=day(1), evidence_id="r1", said="yes")
    decision = story.do(correct("r1", said="no"), at=day(2), who=who)
    assert (decision.notes, story.deal.evidence["r1"].waits) == ((), False)


def test_a_correction_of_what_no_standard_looks_at_waits_for_nobody() -> None:
    story = Story(variant(WITH_PAYER)).opened(amount="1000")
    story.evidence("payment", at=day(1), evidence_id="p1", amount="100", payer="Wang")
    decision = story.do(correct("p1", payer="Li", observed=day(0.5)), at=day(2))
    assert (decision.notes, story.deal.evidence["p1"].waits) == ((), False)


def test_such_a_correction_does_not_settle_one_that_waits() -> None:
    story = Story(variant(WITH_PAYER)).opened(amount="1000")
    story.evidence("payment", at=day(1), evidence_id="p1", amount="10", payer="Wang")
    story.do(correct("p1", amount="100"), at=day(2))
    decision = story.do(correct("p1", payer="Li"), at=day(3))
    assert decision.notes == ("waits_for_confirmation",)
    assert story.deal.node("deposit_paid").status is NodeStatus.OPEN


def test_a_unique_value_is_looked_at_whatever_the_standard_asks() -> None:
    unique = (
        "{amount: money, payer: {type: text, required: false}}",
        "{amount: money, payer: {type: text, unique: everywhere}}",
    )
    story = Story(variant((WITH_PAYER[0], WITH_PAYER[1].replace(*unique)))).opened(amount="1000")
    story.evidence("payment", at=day(1), evidence_id="p1", amount="100", payer="R-1")
    notes = story.do(correct("p1", payer="R-2"), at=day(2)).notes
    assert notes == ("waits_for_confirmation", "holds_former_value")


def test_the_time_is_looked_at_where_age_or_order_matters() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(3), observed=day(2), evidence_id="t1", whom="decider")
    assert story.do(correct("t1", observed=day(1)), at=day(4)).notes == ("waits_for_confirmation",)
