"""An amended amount can take a proof away, and give it back; a win keeps the amount that it was won at."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from tests.support.deals.stories import Story, day, money


def amended(story: Story, amount: str, at: float, **asked: object) -> None:
    command = c.AmendDeal.model_validate({"amount": money(amount), "reason": "a new offer", **asked})
    story.do(command, at=day(at), who="dora")


def test_a_raised_amount_loses_the_proofs_that_it_asks_more_of() -> None:
    story = Story().opened().moved_to("sign")
    amended(story, "5000", 1)
    lost = story.deal.lost["price_named"]
    assert (lost.stage, lost.since, lost.why) == ("haggle", day(1), "amended")
    assert story.deal.clocks["proof_lost/price_named"].due_at == day(3)


def test_the_amount_as_it_was_gives_the_proof_back() -> None:
    story = Story().opened().moved_to("sign")
    amended(story, "5000", 1)
    amended(story, "1000", 2)
    assert (story.deal.lost, story.last(e.ProofRegained).how) == ({}, "passed")


def test_a_change_order_after_the_win_loses_only_what_comes_after_it() -> None:
    story = Story().opened().moved_to("serve")
    amended(story, "5000", 1)
    assert set(story.deal.lost) == {"paid_in_full"}


def test_a_win_at_a_wrong_amount_loses_what_it_rested_on() -> None:
    story = Story().opened().moved_to("collect")
    amended(story, "50000", 1, as_won=True)
    assert set(story.deal.lost) == {"price_named", "deposit_paid"}
    assert story.last(e.ProofLost).after_win


def test_on_a_closed_won_deal_too() -> None:
    story = Story().opened().moved_to("collect")
    story.do(c.CloseDeal(reason="another house delivers"), at=day(1))
    amended(story, "50000", 2, as_won=True)
    assert {lost.node for lost in story.deal.proofs_lost} == {"price_named", "deposit_paid"}
    assert story.deal.clocks == {}
