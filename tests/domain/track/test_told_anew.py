"""What a source has placed at wrong dates is told anew; where a person has had a part in it, it stands."""

import pytest

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.stalls import Raised
from dealflow.domain.deal.state import Outcome
from dealflow.domain.decide.replay import replay
from dealflow.domain.track.told_anew import StandsAgain, placed_by, stands_again
from tests.support.deals.stories import Story, context, day

MEANWHILE = day(40)


def claim(stage: str, at: float) -> c.ClaimStage:
    origin = e.Origin(source="crm", row="3", key=f"crm/stage:{stage}")
    return c.ClaimStage(stage=stage, observed_at=day(at), origin=origin)


def claimed() -> Story:
    """Claimed to stand in haggle since day 2, and won on day 4."""
    story = Story().opened()
    story.do(claim("haggle", 2), at=day(2))
    story.do(c.ClaimOutcome(outcome="won", observed_at=day(4)), at=day(4))
    return story


def corrected(from_version: int, to_visit: int | None, *, opens_anew: bool = False) -> e.DatesCorrected:
    dates = (e.DateCorrected(claim="stage haggle", was=day(2), now=day(3)),)
    return e.DatesCorrected(
        effective_at=day(2),
        dates=dates,
        from_version=from_version,
        to_visit=to_visit,
        outcome="open",
        opens_anew=opens_anew,
    )


def version_of(story: Story, kind: type[e.Fact]) -> int:
    return next(one.stamp.version for one in story.recorded if isinstance(one.fact, kind))


def test_the_deal_stands_where_it_stood_before_the_claim() -> None:
    story = claimed()
    found = stands_again(story.recorded, story.deal, version_of(story, e.StageClaimed))
    assert found == StandsAgain(1, Outcome.OPEN)
    assert stands_again(story.recorded, story.deal, version_of(story, e.DealWon)) == StandsAgain(2, Outcome.OPEN)


def test_evidence_and_what_is_said_of_the_deal_bar_nothing() -> None:
    story = claimed()
    story.evidence("talk", whom="decider", at=day(5))
    assert stands_again(story.recorded, story.deal, version_of(story, e.StageClaimed)) is not None


@pytest.mark.parametrize("act", [c.LoseDeal(reason="price"), c.MoveBack(to="meet", reason="not yet")])
def test_a_person_who_placed_the_deal_since_bars_it(act: c.Command) -> None:
    story = Story().opened()
    story.do(claim("haggle", 2), at=day(2))
    story.do(act, at=day(6))
    assert stands_again(story.recorded, story.deal, version_of(story, e.StageClaimed)) is None


def test_what_was_told_anew_places_the_deal_no_more() -> None:
    story = claimed()
    version = version_of(story, e.DealWon)
    story.add([corrected(version, 2)])
    assert [type(one.fact) for one in placed_by(story.recorded)] == [e.StageClaimed]


def test_behind_corrected_dates_stage_outcome_clocks_and_stalls_are_as_before() -> None:
    story = claimed()
    story.add([corrected(version_of(story, e.StageClaimed), 1)])
    deal = story.deal
    assert (deal.stage, deal.outcome, deal.win, deal.in_progress) == ("meet", "open", None, True)
    assert [visit.stage for visit in deal.visits] == ["meet"] and deal.visits[0].left_at is None
    assert not deal.clocks and [point.at for point in deal.path] == [deal.opened_at]


def test_a_reading_between_the_dates_has_neither() -> None:
    story = claimed()
    story.add([corrected(version_of(story, e.StageClaimed), 1)])
    before = story.as_of(day(2.5))
    assert before is not None and before.stage == "meet"


def test_an_opening_that_is_corrected_follows_and_until_then_the_deal_is_not_there() -> None:
    story = Story().opened()
    opened = story.facts(e.DealOpened)[0]
    story.add([corrected(2, 1, opens_anew=True)])
    assert story.deal.opens_anew
    story.add([opened.model_copy(update={"effective_at": day(1)})])
    deal = story.deal
    assert (deal.opens_anew, deal.opened_at, deal.entered_at) == (False, day(1), day(1))


def test_a_stall_that_is_told_anew_was_put_before_people_already() -> None:
    story = Story().opened()
    story.do(claim("haggle", 2), at=day(2))
    story.progress(day(20))
    raised = story.raised
    deal = story.deal
    first = [corrected(version_of(story, e.StageClaimed), 1)]
    draft = Draft(deal, deal.id, context(story.definition, MEANWHILE))
    past = replay(draft, [(day(3), claim("haggle", 3))], MEANWHILE, first=first)
    (stall,) = past.deal.open_stalls
    assert isinstance(stall.escalation, Raised) and stall.escalation.told[: len(raised.told)] == raised.told
    assert not any(isinstance(fact, e.EscalationRaised) for fact in past.facts)
