"""Whatever happens in whatever order: the history of the gap says of every instant what the deal folded as of it says."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from dealflow.domain.deal.events import Fact
from dealflow.domain.track.gap import gap_of, timeline, tracks
from tests.support.deals.lives import Move, lived, lives
from tests.support.deals.stories import Story

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def instants(story: Story) -> Iterator[datetime]:
    """Every instant at which something happened, the one just before it, and now."""
    for recorded in story.recorded:
        fact: Fact = recorded.fact
        yield from (fact.effective_at, fact.effective_at - timedelta(microseconds=1))
    yield story.now


@quick
@given(lives())
def test_the_timeline_says_at_every_instant_what_the_deal_folded_as_of_it_says(moves: list[Move]) -> None:
    story = lived(moves)
    moments = timeline(story.deal, story.definition)
    for instant in instants(story):
        past = story.as_of(instant)
        if past is None:
            continue
        then = [moment for moment in moments if moment.at <= instant][-1]
        seen = tracks(past, story.definition)
        assert (then.gap, then.position) == (seen.gap, seen.position)


@quick
@given(lives())
def test_since_when_the_gap_is_what_it_is_holds_at_that_instant_and_not_before(moves: list[Move]) -> None:
    story = lived(moves)
    now = story.tracks
    for since, name in ((now.gap_since, "gap"), (now.position_since, "position")):
        at_since = story.as_of(since)
        assert at_since is not None
        assert getattr(tracks(at_since, story.definition), name) == getattr(now, name)
        before = story.as_of(since - timedelta(microseconds=1))
        if since > story.deal.opened_at:
            assert before is not None
            assert getattr(tracks(before, story.definition), name) != getattr(now, name)


@quick
@given(lives())
def test_the_gaps_of_a_deal_are_apart_in_order_and_end_with_the_present_one(moves: list[Move]) -> None:
    story = lived(moves)
    found = story.tracks.gaps
    for earlier, later in pairwise(found):
        assert earlier.until is not None and earlier.until <= later.since
    lasting = [span for span in found if span.until is None]
    present = gap_of(story.deal, story.definition)
    if story.deal.in_progress and present:
        (last,) = lasting
        assert (last.gap, last) == (present, found[-1])
    else:
        assert lasting == []
