"""What a new owner is told of a deal: from whom it came and why, what is due next, what is open."""

from collections.abc import Iterator

from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal
from dealflow.domain.escalation.notice import HandedOver, MissingNode, NoticeSubject, OpenPoint
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.position import open_nodes


def titled(node: str, process: ProcessDefinition) -> MissingNode:
    """The node with its wording in this version of the template."""
    return MissingNode(id=node, title=process.nodes[node].title if node in process.nodes else {})


def of_handed_over(fact: e.OwnerChanged, deal: Deal, process: ProcessDefinition, by: str | None) -> NoticeSubject:
    """The deal as its new owner finds it; `by` gave it."""
    stage = process.stage(deal.stage)
    return NoticeSubject(
        owner=fact.owner,
        stage=stage.id,
        stage_title=stage.title,
        clock="",
        limit="",
        due_at=fact.effective_at,
        missing=tuple(titled(node, process) for node in open_nodes(deal, process, stage.id))
        if deal.in_progress
        else (),
        handed_over=HandedOver(
            previous=fact.previous, by=by, reason=fact.reason, points=(*_due(deal, process), *_open(deal, process))
        ),
    )


def _due(deal: Deal, process: ProcessDefinition) -> list[OpenPoint]:
    """Deadlines and planned steps to come, the earliest first."""
    found = [
        OpenPoint(what="clock", clock=clock.name, node=clock.node and titled(clock.node, process), at=clock.due_at)
        for clock in deal.running_clocks
    ]
    if deal.in_progress:
        steps = (step for step in deal.steps.values() if step.done_at is None)
        found += [OpenPoint(what="step", name=step.what, at=step.by) for step in steps]
    return sorted(found, key=lambda point: (point.at, point.what, point.name))


def _open(deal: Deal, process: ProcessDefinition) -> Iterator[OpenPoint]:
    for stall in deal.open_stalls:
        node = titled(stall.node, process) if stall.node else None
        yield OpenPoint(what="stall", name=stall.id, clock=stall.clock, node=node, at=stall.due_at)
    for lost in deal.proofs_lost:
        yield OpenPoint(what="lost", node=titled(lost.node, process), at=lost.since)
    for evidence in deal.evidence.values():
        if evidence.waits:
            yield OpenPoint(what="evidence", name=evidence.id)
    if set(deal.amounts) - {deal.amount}:
        yield OpenPoint(what="amount")
