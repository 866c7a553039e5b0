"""Whatever was amended, proven, taken away or won in whatever order: a reading as of any instant shows one picture."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings

from dealflow.domain.deal.state import Deal, NodeStatus, Outcome
from dealflow.domain.track.judge import Met, verdict
from tests.support.deals.lives import Move, lived, lives
from tests.support.deals.stories import Story

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(lives())
def test_a_node_that_is_shown_as_reached_is_proven_by_what_is_shown_with_it(moves: list[Move]) -> None:
    story = lived(moves)
    if not (story.deal.in_progress or story.deal.outcome is Outcome.WON):
        return  # what comes after the end of a lost deal is judged when it is reopened
    for past in pasts(story):
        for node_id, state in past.nodes.items():
            if state.status is NodeStatus.REACHED:
                assert is_met(story, node_id, past), (node_id, past.amounts, past.win)


def pasts(story: Story) -> Iterator[Deal]:
    """The deal as of every instant at which something happened, and just before it."""
    for instant in sorted(set(instants(story))):
        if (past := story.as_of(instant)) is not None:
            yield past


def instants(story: Story) -> Iterator[datetime]:
    for recorded in story.recorded:
        yield from (recorded.fact.effective_at, recorded.fact.effective_at - timedelta(microseconds=1))
    yield story.now


def is_met(story: Story, node_id: str, past: Deal) -> bool:
    context = story.context(story.now)
    return isinstance(verdict(context.process.nodes[node_id], past, context.process, context.rules), Met)
