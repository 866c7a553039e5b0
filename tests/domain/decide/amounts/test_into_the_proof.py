"""An owner does not lower a deal into its proof; what somebody above says counts; both ways, and in any currency."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.events import Origin
from dealflow.domain.deal.state import Outcome
from dealflow.domain.track.judge import NotMet
from dealflow.domain.values.refusal import Code
from tests.support.deals.stories import Story, day, money

SOURCE = Origin(source="crm.csv", row="2", key="amend")


def amend(story: Story, amount: str, at: float, who: str = "anna", origin: Origin | None = None) -> None:
    story.do(c.AmendDeal(amount=money(amount), reason="r", origin=origin), at=day(at), who=who)


def confirm(story: Story, amount: str, at: float) -> None:
    story.do(c.AmendDeal(amount=money(amount), reason="seen", confirm=True), at=day(at), who="dora")


def status(story: Story, node: str) -> str:
    return story.deal.node(node).status.value


def at_deposit() -> Story:
    """A deal of 50,000 with a payment of 10."""
    story = Story().opened(amount="50000")
    story.do(
        story.evidence_of("talk", whom="decider"), story.evidence_of("need"), story.evidence_of("offer", amount="30000")
    )
    for _ in range(3):
        story.progress()
    assert story.deal.stage == "sign"
    story.evidence("payment", amount="10")
    return story


def test_a_seller_does_not_win_by_lowering_the_amount_and_raising_it_again() -> None:
    story = at_deposit()
    amend(story, "10", 1)
    amend(story, "50000", 2)
    story.progress(day(2))
    assert (status(story, "deposit_paid"), status(story, "paid_in_full")) == ("open", "open")
    assert (story.deal.outcome, story.deal.stage) == (Outcome.OPEN, "sign")


def test_the_reason_names_the_amounts_that_are_not_confirmed() -> None:
    story = at_deposit()
    amend(story, "10", 1)
    found = dict(story.evidence("payment", amount="5").verdicts)["deposit_paid"]
    assert isinstance(found, NotMet)
    [waits] = (each for each in found.reasons if each.code is Code.AMOUNT_NOT_CONFIRMED)
    assert waits.data["amounts"] == ["50,000.00 CNY", "10.00 CNY"]


@pytest.mark.parametrize("how", ["amended by somebody above", "confirmed by somebody above", "imported"])
def test_the_lower_amount_counts_when_it_comes_from_above(how: str) -> None:
    story = at_deposit()
    if how == "confirmed by somebody above":
        amend(story, "10", 1)
        confirm(story, "10", 2)
    else:
        amend(story, "10", 2, *(("dora",) if how.startswith("amended") else ("ops", SOURCE)))
    assert (status(story, "deposit_paid"), status(story, "paid_in_full")) == ("reached", "reached")
    assert story.last(e.NodeReached).effective_at == day(2)


def test_raising_opens_what_the_evidence_no_longer_meets() -> None:
    story = Story().opened(amount="1000").moved_to("sign")
    amend(story, "1200", 1)
    assert status(story, "price_named") == "reached"
    amend(story, "1201", 2)
    reversal = story.last(e.NodeReversed)
    assert (status(story, "price_named"), reversal.effective_at, reversal.why) == ("open", day(2), "amended")
    assert (reversal.node, reversal.evidence) == ("price_named", ())


def test_a_smaller_amount_that_still_meets_says_nothing_new() -> None:
    story = Story().opened(amount="1000").moved_to("sign")
    before = len(story.recorded)
    amend(story, "1100", 1)
    assert story.topics(before) == ["amended"]


def test_the_gate_is_met_no_more_when_the_amount_is_raised_before_the_deal_moves() -> None:
    story = Story().opened(amount="1000").moved_to("sign")
    story.evidence("payment", amount="100")
    amend(story, "2000", 1)
    story.progress(day(1))
    assert (story.deal.stage, story.deal.outcome) == ("sign", Outcome.OPEN)
    assert story.facts(e.GateLost)


def test_another_currency_proves_nothing_until_somebody_above_confirms_it() -> None:
    story = Story().opened(amount="1000").moved_to("haggle")
    amend(story, "1000 USD", 1)
    found = dict(story.evidence("offer", amount="600 USD").verdicts)["price_named"]
    assert isinstance(found, NotMet) and Code.AMOUNT_NOT_CONFIRMED in [each.code for each in found.reasons]
    assert story.deal.proven_amount is None
    confirm(story, "1000 USD", 2)
    assert (status(story, "price_named"), story.deal.proven_amount) == ("reached", money("1000 USD"))


def test_the_way_through_another_currency_and_back_proves_nothing() -> None:
    story = at_deposit()
    amend(story, "10 JPY", 1)
    amend(story, "50000", 2)
    story.evidence("payment", amount="6000")
    assert status(story, "deposit_paid") == "open"
    confirm(story, "50000", 3)
    assert status(story, "deposit_paid") == "reached"


def test_confirming_another_amount_than_the_one_in_force_is_refused_with_both() -> None:
    story = at_deposit()
    amend(story, "10", 1)
    asked = c.AmendDeal(amount=money("50000"), reason="seen", confirm=True)
    refused = story.refused(asked, who="dora")
    assert (refused.code, refused.data) == (Code.AMOUNT_DIFFERS, {"given": "50,000.00 CNY", "in_force": "10.00 CNY"})


def test_a_confirmation_names_the_amount() -> None:
    story = at_deposit()
    assert story.refused(c.AmendDeal(reason="seen", confirm=True), who="dora").code is Code.FIELD_MISSING


def test_what_is_confirmed_is_not_confirmed_again() -> None:
    story = at_deposit()
    amend(story, "10", 1)
    confirm(story, "10", 2)
    asked = c.AmendDeal(amount=money("10"), reason="seen", confirm=True)
    assert story.refused(asked, who="dora").code is Code.ALREADY_SO


@pytest.mark.parametrize("who", ["anna", "ops"])
def test_whoever_is_not_above_confirms_nothing(who: str) -> None:
    story = at_deposit()
    amend(story, "10", 1)
    refused = story.refused(c.AmendDeal(amount=money("10"), reason="seen", confirm=True), who=who)
    assert refused.code in (Code.OWN_DEAL, Code.NOT_PERMITTED)
    assert refused.data["who_may"] == ["mei", "dora", "sun"]


def test_after_a_confirmation_the_next_amendment_waits_again() -> None:
    story = at_deposit()
    amend(story, "20000", 1)
    confirm(story, "20000", 2)
    amend(story, "10", 3)
    assert story.deal.amounts == (money("20000"), money("10"))
    assert status(story, "deposit_paid") == "open"
