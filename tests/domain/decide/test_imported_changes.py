"""What another system says of a deal after its opening: an owner, an amount, a move back; what is so already is kept."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.values.refusal import Code
from tests.support.deals.stories import Story, day, money

CRM = e.Origin(source="crm", row="deals.csv:2", key="crm/fact")


def test_a_move_back_that_happened_elsewhere_need_not_go_along_the_templates_ways() -> None:
    story = Story().opened().moved_to("collect")
    assert story.refused(c.MoveBack(to="haggle", reason="wrong"), at=day(1)).code is Code.BACK_NOT_ALLOWED
    story.do(c.MoveBack(to="haggle", reason="REJECTED", origin=CRM), at=day(1))
    moved = story.last(e.StageMovedBack)
    assert (moved.to_stage, moved.origin, CRM.key in story.deal.imported) == ("haggle", CRM, True)


@pytest.mark.parametrize(("to", "kept"), [("learn", e.ClaimAgrees), ("haggle", e.ClaimNotApplied)])
def test_a_move_back_to_where_the_deal_is_not_ahead_of_is_kept_and_moves_nothing(to: str, kept: type[e.Fact]) -> None:
    story = Story().opened().moved_to("learn")
    story.do(c.MoveBack(to=to, reason="REJECTED", origin=CRM), at=day(1))
    assert (story.deal.stage, story.last(kept).origin) == ("learn", CRM)


def test_a_move_back_of_a_closed_deal_is_kept_and_moves_nothing() -> None:
    story = Story().opened().moved_to("sign")
    story.do(c.LoseDeal(reason="price"), at=day(1))
    story.do(c.MoveBack(to="meet", reason="REJECTED", origin=CRM), at=day(2))
    assert story.last(e.ClaimNotApplied).claim == "stage meet"
    assert not story.deal.in_progress


def test_a_reopening_that_happened_elsewhere_opens_the_deal_and_of_an_open_one_is_kept() -> None:
    story = Story().opened().moved_to("learn")
    story.do(c.ReopenDeal(to="meet", reason="back", origin=CRM), at=day(1))
    assert story.last(e.ClaimAgrees).claim == "outcome open"
    story.do(c.LoseDeal(reason="price"), at=day(2))
    story.do(c.ReopenDeal(to="meet", reason="back", origin=CRM), at=day(3))
    assert (story.deal.in_progress, story.deal.stage, story.last(e.DealReopened).origin) == (True, "meet", CRM)


def test_an_owner_and_an_amount_said_of_a_deal_that_has_them_are_kept_and_change_nothing() -> None:
    story = Story().opened()
    story.do(c.ReassignDeal(owner="bob", origin=CRM), at=day(1))
    story.do(c.AmendDeal(amount=money("700"), origin=CRM), at=day(1))
    before = story.deal
    story.do(c.ReassignDeal(owner="bob", origin=CRM), c.AmendDeal(amount=money("700"), origin=CRM), at=day(2))
    assert (story.deal.owner, story.deal.amount) == (before.owner, before.amount)
    assert [fact.claim for fact in story.facts(e.ClaimAgrees)] == ["owner bob", "amount 700.00 CNY"]
    assert story.refused(c.ReassignDeal(owner="bob", reason="again"), at=day(3), who="dora").code is Code.ALREADY_SO


def test_what_is_inferred_is_written_only_where_it_is_so() -> None:
    assert "inferred" not in CRM.model_dump()
    assert CRM.model_copy(update={"inferred": True}).model_dump()["inferred"] is True
