"""After the win: only somebody above amends, the win keeps its amount, and what was wrong then is said to be so."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.events import Origin
from dealflow.domain.deal.state import NodeStatus, Outcome
from dealflow.domain.values.refusal import Code
from tests.support.deals.stories import Story, day, money

SOURCE = Origin(source="crm.csv", row="2", key="amend")


def won(stage: str = "collect") -> Story:
    return Story().opened(amount="1000").moved_to(stage)


def amend(story: Story, amount: str, at: float, **asked: object) -> None:
    who = "ops" if "origin" in asked else "dora"
    command = c.AmendDeal.model_validate({"amount": money(amount), "reason": "r", **asked})
    story.do(command, at=day(at), who=who)


def statuses(story: Story, *nodes: str) -> list[str]:
    return [story.deal.node(node).status.value for node in nodes]


def test_the_win_keeps_the_amount_that_was_in_force() -> None:
    story = won()
    assert story.last(e.DealWon).amount == money("1000")
    assert story.deal.win and (story.deal.win.amount, story.deal.win.amounts) == (money("1000"), (money("1000"),))


@pytest.mark.parametrize("amount", ["900", "1100", "1000 USD"])
@pytest.mark.parametrize(("who", "code"), [("anna", Code.OWN_DEAL), ("ops", Code.NOT_PERMITTED)])
def test_whoever_is_not_above_amends_nothing_and_learns_who_may(amount: str, who: str, code: Code) -> None:
    refused = won().refused(c.AmendDeal(amount=money(amount), reason="r"), at=day(1), who=who)
    assert refused.code is code
    assert refused.data["who_may"][-3:] == ["mei", "dora", "sun"]


def test_the_owner_may_still_amend_what_is_not_the_amount() -> None:
    story = won()
    story.do(c.AmendDeal(title="B", reason="a slip"), at=day(1))
    assert story.deal.title == "B"


def test_a_change_order_leaves_the_win_and_judges_what_comes_after_it() -> None:
    story = won("serve")
    amend(story, "5000", 1)
    assert statuses(story, "price_named", "deposit_paid", "paid_in_full") == ["reached", "reached", "open"]
    assert story.deal.win and (story.deal.win.amount, story.deal.amount) == (money("1000"), money("5000"))
    story.evidence("payment", at=day(2), amount="4000")
    assert statuses(story, "paid_in_full") == ["reached"]


def test_an_import_after_the_win_is_a_change_order_too() -> None:
    story = won("serve")
    amend(story, "5000", 1, origin=SOURCE)
    assert statuses(story, "deposit_paid", "paid_in_full") == ["reached", "open"]
    assert story.deal.win and story.deal.win.amount == money("1000")


def test_what_was_wrong_at_the_win_judges_all() -> None:
    story = won("serve")
    amend(story, "50000", 1, as_won=True)
    assert statuses(story, "price_named", "deposit_paid", "paid_in_full") == ["open", "open", "open"]
    assert story.deal.win and story.deal.win.amount == money("50000")
    amend(story, "1000", 2, as_won=True)
    assert statuses(story, "price_named", "deposit_paid", "paid_in_full") == ["reached", "reached", "reached"]


def test_a_change_order_that_was_so_at_the_win_is_said_with_the_amount_in_force() -> None:
    story = won()
    amend(story, "5000", 1)
    amend(story, "5000", 2, as_won=True)
    assert statuses(story, "deposit_paid") == ["open"]
    refused = story.refused(c.AmendDeal(amount=money("5000"), reason="r", as_won=True), who="dora")
    assert refused.code is Code.NOTHING_CHANGES


def test_there_is_no_amount_as_won_before_the_win_and_none_without_an_amount() -> None:
    story = Story().opened()
    asked = c.AmendDeal(amount=money("5"), reason="r", as_won=True)
    assert story.refused(asked, who="dora").code is Code.NOT_WON
    assert won().refused(c.AmendDeal(reason="r", as_won=True), who="dora").place == "as_won"
    both = c.AmendDeal(amount=money("1000"), reason="r", as_won=True, confirm=True)
    assert won().refused(both, who="dora").code in (Code.FIELD_INVALID, Code.ALREADY_SO)


def test_late_evidence_is_judged_by_the_amount_as_won() -> None:
    story = Story().opened(amount="1000").moved_to("sign")
    story.do(c.WinDeal(reason="signed by hand"), at=day(1), who="dora")
    amend(story, "90000", 2)
    story.evidence("payment", at=day(3), amount="100")
    assert statuses(story, "deposit_paid", "paid_in_full") == ["reached", "open"]


def test_what_the_owner_had_lowered_before_the_win_is_confirmed_for_the_win_too() -> None:
    story = Story().opened(amount="5000").moved_to("haggle")
    story.do(c.AmendDeal(amount=money("1000"), reason="less"), at=day(1))
    story.do(c.WinDeal(reason="signed by hand"), at=day(2), who="dora")
    story.evidence("payment", at=day(3), amount="100")
    assert statuses(story, "deposit_paid") == ["open"]
    amend(story, "1000", 4, confirm=True)
    assert statuses(story, "deposit_paid") == ["reached"]
    assert story.last(e.NodeReached).effective_at == day(4)


def test_a_closed_won_deal_is_judged_at_once_and_nothing_moves() -> None:
    story = won("serve")
    story.do(c.CloseDeal(reason="done"), at=day(1))
    before = len(story.recorded)
    amend(story, "5000", 2)
    assert story.topics(before) == ["amended", "node_reversed", "proof_lost"]
    amend(story, "1000", 3)
    assert statuses(story, "paid_in_full") == ["reached"]
    assert (story.deal.in_progress, story.deal.outcome, story.deal.clocks) == (False, Outcome.WON, {})


def test_a_lost_deal_is_judged_when_it_is_reopened_from_the_amendment_on() -> None:
    story = Story().opened(amount="1000").moved_to("sign")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    amend(story, "5000", 2)
    assert statuses(story, "price_named") == ["reached"]
    story.do(c.ReopenDeal(reason="they called", nodes=()), at=day(5), who="dora")
    assert (statuses(story, "price_named"), story.last(e.NodeReversed).effective_at) == (["open"], day(2))


def test_going_back_before_the_win_judges_by_the_present_amount() -> None:
    story = won()
    amend(story, "5000", 1)
    story.do(c.MoveBack(to="sign", reason="cancelled", nodes=("deposit_paid",)), at=day(2), who="dora")
    assert story.deal.win is None
    assert (statuses(story, "price_named"), story.last(e.NodeReversed).effective_at) == (["open"], day(2))


def test_an_amount_claimed_with_the_win_is_the_one_that_was_won() -> None:
    story = Story().opened(amount="1000").moved_to("sign")
    story.do(c.ClaimOutcome(outcome="won", amount=money("5000"), origin=SOURCE), at=day(1))
    claimed = story.last(e.DealWon)
    assert (claimed.amount, claimed.confirms, claimed.unproven) == (
        money("5000"),
        True,
        ("price_named", "deposit_paid"),
    )
    assert story.deal.win and story.deal.win.amounts == (money("5000"),)
    assert statuses(story, "price_named") == ["open"]


def test_a_claimed_win_that_names_the_amount_in_force_confirms_it_before_its_proof_is_asked() -> None:
    story = Story().opened(amount="2000").moved_to("haggle")
    story.evidence("offer", amount="1500")
    story.progress()
    story.do(c.AmendDeal(amount=money("1000"), reason="less"), at=day(2))
    story.evidence("payment", at=day(3), amount="100")
    assert story.deal.node("deposit_paid").status is NodeStatus.OPEN
    origin = e.Origin(source="crm", row="7", key="crm/7")
    story.do(c.ClaimOutcome(outcome="won", amount=money("1000"), origin=origin), at=day(4))
    assert (story.last(e.DealWon).unproven, story.deal.node("deposit_paid").status) == ((), NodeStatus.REACHED)


def test_what_was_won_is_said_to_change_from_what_was_won() -> None:
    story = Story().opened(amount="1000").moved_to("collect")
    story.do(c.AmendDeal(amount=money("1200"), reason="more"), who="dora")
    story.do(c.AmendDeal(amount=money("1200"), as_won=True, reason="it was so then"), who="dora")
    assert story.last(e.DealAmended).amount_was == money("1000")


def test_an_amount_as_won_that_ends_a_change_order_says_what_was_in_force() -> None:
    story = won()
    amend(story, "1200", 1)
    amend(story, "950", 2, as_won=True)
    amended = story.last(e.DealAmended)
    assert (amended.amount_was, amended.present_was, story.deal.amount) == (money("1000"), money("1200"), money("950"))


@pytest.mark.parametrize("change_order", ["1000", "900"])
def test_an_amount_as_won_that_ends_no_change_order_says_nothing_of_one(change_order: str) -> None:
    story = won()
    if change_order != "1000":
        amend(story, change_order, 1)
    amend(story, "900", 2, as_won=True)
    assert story.last(e.DealAmended).present_was is None


def test_an_amendment_of_the_title_says_nothing_of_the_amount_that_waits() -> None:
    story = Story().opened(amount="1000")
    assert story.do(c.AmendDeal(amount=money("1200"), reason="more")).notes == ("amount_waits",)
    assert story.do(c.AmendDeal(title="Another", reason="a slip")).notes == ()
