"""Where customer and seller stand: position, ahead, customer's stage, standing and gap."""

from dealflow.domain.deal import commands as c
from tests.support.deals.plain_process import process_of, variant
from tests.support.deals.stories import Story, day


def milestone(story: Story, name: str, at: float) -> None:
    story.do(c.RecordMilestone(milestone=name), at=day(at))


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


def test_standing_is_the_furthest_stage_with_a_milestone() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    milestone(story, "invited", 2)
    assert story.tracks.standing == "haggle"


def test_a_quote_before_the_need_is_confirmed_is_forbidden_by_nothing_and_measured() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    milestone(story, "quote_sent", 3)
    assert story.deal.stage == "meet"
    assert (story.tracks.standing, story.tracks.customer_stage, story.tracks.gap) == ("haggle", "learn", 1)
    assert story.tracks.gap_since == day(3)


def test_a_customer_ahead_of_the_seller_makes_a_negative_gap() -> None:
    story = Story().opened()
    story.evidence("talk", whom="decider")
    story.evidence("need")
    assert story.tracks.gap == -2


def test_the_gap_is_zero_when_no_required_node_is_left() -> None:
    story = Story().opened().moved_to("serve")
    milestone(story, "quote_sent", 1)
    assert story.tracks.customer_stage is None
    assert story.tracks.gap == 0


def test_the_gap_tells_since_when_it_has_been_what_it_is() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    assert (story.tracks.gap, story.tracks.gap_since) == (2, day(1))
    milestone(story, "quote_sent", 2)
    assert (story.tracks.gap, story.tracks.gap_since) == (2, day(1))
    story.evidence("talk", at=day(4), whom="decider")
    assert (story.tracks.gap, story.tracks.gap_since) == (1, day(4))


def test_evidence_observed_before_it_was_recorded_closes_the_gap_at_the_observed_time() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    story.evidence("talk", at=day(9), observed=day(5), whom="decider")
    assert story.tracks.gap_since == day(5)


def test_a_gap_that_closed_and_opened_again_counts_from_the_second_opening() -> None:
    story = Story().opened()
    milestone(story, "written_up", 1)
    story.evidence("talk", at=day(3), evidence_id="e1", whom="decider")
    assert (story.tracks.gap, story.tracks.gap_since) == (0, day(3))
    milestone(story, "quote_sent", 6)
    assert (story.tracks.gap, story.tracks.gap_since) == (1, day(6))


def test_a_withdrawal_opens_the_gap_from_where_it_would_have_been_without_the_evidence() -> None:
    story = Story().opened()
    milestone(story, "quote_sent", 1)
    story.evidence("talk", at=day(3), evidence_id="e1", whom="decider")
    story.do(c.WithdrawEvidence(evidence_id="e1", reason="another customer's"), at=day(8))
    assert (story.tracks.gap, story.tracks.gap_since) == (2, day(1))


def test_standing_stays_when_the_deal_moves_back() -> None:
    story = Story().opened().moved_to("haggle")
    milestone(story, "quote_sent", 1)
    story.do(c.MoveBack(to="learn", reason="they want something else"), at=day(2))
    assert (story.deal.stage, story.tracks.standing, story.tracks.customer_stage) == ("learn", "haggle", "learn")
    assert (story.tracks.gap, story.tracks.gap_since) == (1, day(2))


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
