"""Where the customer stands: position, since when, ahead, customer's stage."""

import pytest

from dealflow.domain.deal import commands as c
from tests.support.deals.plain_process import process_of, variant
from tests.support.deals.stories import Story, day


def test_a_new_deal_has_no_position_and_no_gap() -> None:
    tracks = Story().opened().tracks
    assert (tracks.position, tracks.customer_stage, tracks.standing, tracks.gap, tracks.ahead) == (
        None, "meet", "meet", 0, (),
    )  # fmt: skip
    assert tracks.gap_since == day(0)


def test_the_position_is_the_last_node_with_all_before_it_passed() -> None:
    story = Story().opened()
    story.evidence("talk", whom="helper")
    assert story.tracks.position == "helper_met"
    story.evidence("talk", whom="decider")
    assert story.tracks.position == "decider_met"


def test_a_stage_with_several_nodes_is_the_customers_until_the_last_required_one_is_passed() -> None:
    story = Story().opened()
    story.evidence("talk", whom="helper")
    assert story.tracks.customer_stage == "meet"
    story.evidence("talk", whom="decider")
    assert story.tracks.customer_stage == "learn"


def test_who_has_met_the_boss_need_not_meet_the_assistant() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    assert story.tracks.position == "decider_met"
    assert story.tracks.ahead == ()
    story.progress()
    assert story.deal.stage == "learn"


def test_a_node_met_by_a_later_one_that_is_met_by_a_later_one_is_passed() -> None:
    chained = variant(
        ('standard: {evidence: talk, where: whom == "decider"', "met_by: need_confirmed, standard: {evidence: talk"),
        ("standard: {evidence: need}", "met_by: price_named, standard: {evidence: need}"),
    )
    story = Story(chained).opened()
    story.evidence("offer", amount="600")
    assert story.tracks.position == "price_named"


def test_what_is_reached_beyond_the_position_shows_as_ahead() -> None:
    story = Story().opened()
    story.evidence("need")
    story.evidence("payment", amount="500")
    assert story.tracks.position is None
    assert story.tracks.ahead == ("need_confirmed", "deposit_paid")
    story.evidence("talk", whom="decider")
    assert story.tracks.position == "need_confirmed"
    assert story.tracks.ahead == ("deposit_paid",)


def test_a_waived_node_beyond_the_position_is_not_shown_as_ahead() -> None:
    story = Story().opened()
    story.do(c.WaiveNode(node="need_confirmed", reason="known from the last sale"), who="dora")
    assert story.tracks.ahead == ()


def test_a_waived_node_can_be_the_position() -> None:
    story = Story().opened()
    story.do(c.WaiveNode(node="decider_met", reason="the same board as last year"), who="dora")
    assert story.tracks.position == "decider_met"


def test_an_optional_node_that_is_not_reached_is_never_a_position_and_holds_nothing() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.evidence("need")
    assert story.tracks.position == "need_confirmed"
    story.evidence("offer", amount="600")
    assert story.tracks.position == "price_named"


def test_an_optional_node_that_is_reached_is_a_position() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.evidence("need")
    story.evidence("question")
    story.evidence("question")
    assert story.tracks.position == "details_asked"


@pytest.mark.parametrize("met_by", ["", ", met_by: price_named"])
def test_an_optional_node_that_is_not_reached_is_no_position_even_where_a_later_node_meets_it(met_by: str) -> None:
    """The need is required and open between the optional node and the later one, or the later one would be the position."""
    definition = variant(
        ("met_by: decider_met, standard", "optional: true, met_by: decider_met, standard"),
        ("{id: decider_met, standard", f"{{id: decider_met, optional: true{met_by}, standard"),
    )
    story = Story(definition).opened()
    story.evidence("offer", amount="600")
    assert (story.tracks.position, story.tracks.ahead) == (None, ("price_named",))
    story.evidence("talk", whom="decider")
    assert story.tracks.position == "decider_met"


def test_a_required_node_that_an_optional_one_meets_is_open_until_that_one_is_reached() -> None:
    definition = variant(
        ("{id: decider_met, standard", "{id: decider_met, optional: true, standard"),
    )
    story = Story(definition).opened()
    assert (story.tracks.position, story.tracks.customer_stage) == (None, "meet")
    story.evidence("talk", whom="decider")
    assert (story.tracks.position, story.tracks.customer_stage) == ("decider_met", "learn")


def test_a_waived_optional_node_can_be_the_position() -> None:
    story = Story().opened().moved_to("learn")
    story.evidence("need")
    story.do(c.WaiveNode(node="details_asked", reason="they know it by heart"), who="dora")
    assert story.tracks.position == "details_asked"


def test_the_position_tells_since_when() -> None:
    story = Story().opened()
    assert story.tracks.position_since == day(0)
    story.evidence("talk", at=day(2), whom="helper")
    story.evidence("talk", at=day(5), observed=day(3), evidence_id="t2", whom="decider")
    assert (story.tracks.position, story.tracks.position_since) == ("decider_met", day(3))
    story.do(c.RecordMilestone(milestone="quote_sent"), at=day(6))
    assert story.tracks.position_since == day(3)
    story.do(c.WithdrawEvidence(evidence_id="t2", reason="another customer's"), at=day(8))
    assert (story.tracks.position, story.tracks.position_since) == ("helper_met", day(2))


def test_evidence_from_before_the_opening_makes_a_position_from_the_opening_on() -> None:
    story = Story().opened()
    story.evidence("talk", at=day(1), observed=day(-3), whom="decider")
    assert (story.tracks.position, story.tracks.position_since) == ("decider_met", day(0))


def test_a_process_without_nodes_has_no_position() -> None:
    definition = process_of(
        """\
process: bare
calendar: plain
evidence: {}
stages:
  - {id: call, milestones: [{id: called, leaves: true}]}
  - {id: sign, wins: true, milestones: [{id: signed, leaves: true}]}
"""
    )
    story = Story(definition).opened()
    assert (story.tracks.position, story.tracks.customer_stage, story.tracks.gap) == (None, None, 0)
