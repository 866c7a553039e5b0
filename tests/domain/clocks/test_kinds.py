"""The table of clock kinds is whole, and the deal's clocks do what their rows say."""

from typing import get_args

import pytest

from dealflow.domain.clocks.kinds import KINDS, ClockKind, Moment
from dealflow.domain.clocks.stall import deal_of_stall, stall_id
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.process.definition import ClockName
from tests.support.deals.stories import Story, day

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def test_every_clock_that_a_template_may_name_is_a_row() -> None:
    assert set(KINDS) == set(get_args(ClockName))


@every_kind
def test_a_clock_that_starts_by_an_entry_runs_from_it_under_its_limit(kind: ClockKind) -> None:
    story = Story().opened().moved_to("learn")
    limit = kind.limit(story.definition, "learn")
    clock = story.deal.clocks.get(kind.name)
    assert (clock is not None) == (limit is not None and Moment.ENTRY in kind.starts)
    if clock and limit:
        assert (clock.limit, clock.started_at, clock.episode) == (str(limit.limit), story.deal.entered_at, 1)


@every_kind
def test_a_clock_that_is_named_by_its_visit_ends_with_it(kind: ClockKind) -> None:
    story = Story().opened()
    first = story.deal.clocks.get(kind.name)
    after = story.moved_to("learn").deal.clocks.get(kind.name)
    if "visit" in kind.named_by and first and after:
        assert (first.visit, after.visit) == (1, 2)


@every_kind
def test_a_decision_begins_the_next_episode_of_a_clock_that_it_resets(kind: ClockKind) -> None:
    story = Story().opened()
    story.progress(day(10))
    if kind.name in story.deal.clocks and Moment.DECISION in kind.resets:
        story.do(c.DecideEscalation(decision="extend", reason="They meet on Friday."), at=day(11), who="dora")
        assert story.deal.clocks[kind.name].episode == 2


@every_kind
def test_every_clock_ends_with_the_deals_life(kind: ClockKind) -> None:
    story = Story().opened()
    story.do(c.LoseDeal(reason="price"))
    assert kind.name not in story.deal.clocks


def test_a_warning_and_the_stall_that_follows_go_by_one_name() -> None:
    story = Story().opened()
    story.progress(day(8))
    name = stall_id(story.deal, "stage_age", story.last(e.WarningGiven))
    story.progress(day(10))
    assert story.last(e.StallRecorded).stall_id == name == "d1/1/1/stage_age/1"


def test_a_stalls_id_begins_with_its_deal() -> None:
    assert (deal_of_stall("d1/1/1/stage_age/1"), deal_of_stall("d1")) == ("d1", "d1")
