"""Amending a deal: for a reason, from what to what, by whom, and what the answer says of it."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.events import Customer, Origin
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.track.judge import Met, NotMet
from dealflow.domain.values.refusal import Code
from tests.support.deals.stories import Story, day, money

SOURCE = Origin(source="crm.csv", row="2", key="amend")


@pytest.mark.parametrize("reason", ["", "   ", "\u200b\u00ad"])
def test_a_person_gives_a_reason_whatever_is_amended(reason: str) -> None:
    story = Story().opened()
    for asked in (c.AmendDeal(title="B", reason=reason), c.AmendDeal(amount=money("900"), reason=reason)):
        assert story.refused(asked).code is Code.REASON_NEEDED
    assert story.refused(c.AmendDeal(amount=money("1000"), reason=reason, confirm=True), who="dora").code is (
        Code.REASON_NEEDED
    )


def test_an_import_needs_no_reason() -> None:
    story = Story().opened()
    story.do(c.AmendDeal(amount=money("900"), origin=SOURCE))
    assert story.last(e.DealAmended).reason == ""


def test_an_import_that_says_the_amount_in_force_confirms_it() -> None:
    story = Story().opened(amount="1000")
    story.do(c.AmendDeal(amount=money("900"), reason="less"), at=day(1))
    assert story.deal.amounts == (money("1000"), money("900"))
    story.do(c.AmendDeal(title="Mine", amount=money("900"), origin=SOURCE), at=day(2))
    assert [fact for fact in story.topics()[-2:] if "amount" in fact] == ["amount_confirmed"]
    assert (story.last(e.AmountConfirmed).origin, story.deal.amounts) == (SOURCE, (money("900"),))
    story.do(c.AmendDeal(amount=money("900"), origin=SOURCE), at=day(3))
    assert story.topics()[-1] == "claim_agrees"


def test_a_person_who_names_the_amount_in_force_does_not_confirm_it_by_that() -> None:
    story = Story().opened(amount="1000")
    story.do(c.AmendDeal(amount=money("900"), reason="less"), at=day(1))
    asked = c.AmendDeal(amount=money("900"), reason="less")
    assert story.refused(asked, at=day(2), who="dora").code is Code.NOTHING_CHANGES


def test_the_event_says_what_was_and_what_is() -> None:
    story = Story().opened(amount="1000")
    story.do(c.AmendDeal(customer=Customer(id="old"), attributes={"region": "north"}, reason="known now"))
    story.do(
        c.AmendDeal(
            title="More",
            amount=money("800"),
            customer=Customer(id="new"),
            attributes={"region": "east"},
            reason="two seats less",
        )
    )
    fact = story.last(e.DealAmended)
    assert (fact.title_was, fact.title, fact.customer_was) == ("A sale", "More", "old")
    assert (fact.amount_was, fact.amount, fact.reason) == (money("1000"), money("800"), "two seats less")
    assert (fact.attributes_was, fact.attributes) == ({"region": "north"}, {"region": "east"})


def test_what_is_not_amended_has_no_value_before() -> None:
    story = Story().opened()
    story.do(c.AmendDeal(title="B", reason="a slip"))
    fact = story.last(e.DealAmended)
    assert (fact.amount, fact.amount_was, fact.customer_was, fact.attributes_was) == (None, None, None, None)


def test_a_negative_amount_is_refused_wherever_it_is_said() -> None:
    story = Story()
    opening = c.OpenDeal(title="A sale", process=story.context(day(0)).ref, owner="anna", amount=money("-1"))
    assert story.refused(opening).code is Code.FIELD_INVALID
    story.opened()
    assert story.refused(c.AmendDeal(amount=money("-1"), reason="r")).place == "amount"
    assert story.refused(c.ClaimOutcome(outcome="won", amount=money("-1"))).place == "amount"


def test_an_amount_of_nought_proves_nothing() -> None:
    story = Story().opened(amount="0")
    found = dict(story.evidence("offer", amount="600").verdicts)["price_named"]
    assert isinstance(found, NotMet) and [each.code for each in found.reasons] == [Code.DEAL_AMOUNT_MISSING]
    story.do(c.AmendDeal(amount=money("1000"), reason="known now"))
    assert story.deal.node("price_named").status == "reached" and story.deal.amounts == (money("1000"),)


def test_a_deal_that_is_lowered_to_nought_proves_nothing() -> None:
    story = Story().opened().moved_to("sign")
    story.do(c.AmendDeal(amount=money("0"), reason="a slip"), at=day(1))
    assert story.deal.node("price_named").status == "open"
    story.do(c.AmendDeal(amount=money("1000"), reason="a slip of mine"), at=day(2))
    assert story.deal.node("price_named").status == "reached"


def test_the_answer_names_the_nodes_that_changed_and_no_others() -> None:
    story = Story().opened().moved_to("sign")
    raised = story.do(c.AmendDeal(amount=money("5000"), reason="they want more"), at=day(1)).verdicts
    assert [(node, type(found)) for node, found in raised] == [("price_named", NotMet)]
    lowered = story.do(c.AmendDeal(amount=money("1000"), reason="no"), at=day(2), who="dora").verdicts
    assert [(node, type(found)) for node, found in lowered] == [("price_named", Met)]
    assert story.do(c.AmendDeal(amount=money("999"), reason="rounded"), at=day(3), who="dora").verdicts == ()


def test_whoever_is_not_above_has_to_wait_and_the_answer_says_so() -> None:
    story = Story().opened()
    lowered = story.do(c.AmendDeal(amount=money("900"), reason="one less"))
    assert lowered.notes == ("amount_waits",)
    assert story.do(c.AmendDeal(amount=money("800"), reason="one less"), who="dora").notes == ()


@pytest.mark.parametrize(
    ("who", "on_behalf_of", "confirms"),
    [
        ("anna", None, False),  # the owner
        ("anna", "dora", False),  # the owner for somebody above
        ("dora", "anna", False),  # somebody above for the owner
        ("mei", None, True),
        ("dora", None, True),
        ("sun", None, True),
        ("bob", "dora", True),
    ],
)
def test_only_somebody_above_the_owner_confirms_by_amending(
    who: str, on_behalf_of: str | None, *, confirms: bool
) -> None:
    story = Story().opened()
    story.do(c.AmendDeal(amount=money("900"), reason="one less"), who=who, on_behalf_of=on_behalf_of)
    assert story.last(e.DealAmended).confirms is confirms
    assert story.deal.amounts == ((money("900"),) if confirms else (money("1000"), money("900")))


def test_another_field_amended_by_somebody_above_confirms_no_amount() -> None:
    story = Story().opened()
    story.do(c.AmendDeal(amount=money("900"), reason="one less"))
    story.do(c.AmendDeal(title="B", reason="a slip"), who="dora")
    assert not story.last(e.DealAmended).confirms and len(story.deal.amounts) == 2


def test_a_director_is_not_above_a_deal_of_their_own() -> None:
    story = Story().opened(owner="dora")
    story.do(c.AmendDeal(amount=money("900"), reason="one less"), who="dora")
    assert len(story.deal.amounts) == 2
    story.do(c.AmendDeal(amount=money("900"), reason="seen", confirm=True), who="sun")
    assert story.deal.amounts == (money("900"),)


def test_without_people_an_amendment_counts_at_once_and_the_record_says_alone() -> None:
    story = Story(people=Organisation(declared=False)).opened()
    story.do(c.AmendDeal(amount=money("900"), reason="one less"))
    assert story.deal.amounts == (money("900"),)
    assert (story.last(e.DealAmended).confirms, story.last(e.DealAmended).alone) == (True, True)


def test_a_director_confirms_where_nobody_owns() -> None:
    story = Story().opened(owner=None)
    story.do(c.AmendDeal(amount=money("900"), reason="one less"), who="lin")
    assert story.deal.amounts == (money("900"),)
