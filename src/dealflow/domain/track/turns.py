"""Which judgements of one decision are news: of several on one node the last, and only where the node stands otherwise."""

from collections.abc import Sequence

from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal, NodeStatus


def news_of(facts: Sequence[e.Fact], before: Deal | None) -> list[e.Fact]:
    """The facts without the judgements that another follows, and those that found an open node open.

    All stay on record: as of a day between them, each is what was so then.
    """
    statuses = {node: state.status for node, state in before.nodes.items()} if before else {}
    judged = [fact for fact in facts if isinstance(fact, e.NodeReached | e.NodeReversed)]
    last = {fact.node: fact for fact in judged}
    news: list[e.Fact] = []
    for fact in facts:
        match fact:
            case e.NodeWaived():
                statuses[fact.node] = NodeStatus.WAIVED
            case e.StageMovedBack() | e.DealReopened():
                statuses |= dict.fromkeys(fact.reopened_nodes, NodeStatus.OPEN)
        if isinstance(fact, e.NodeReached | e.NodeReversed):
            was_reached = statuses.get(fact.node) is NodeStatus.REACHED
            if last[fact.node] is not fact or (isinstance(fact, e.NodeReversed) and not was_reached):
                continue
        news.append(fact)
    return news
