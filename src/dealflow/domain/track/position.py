"""Where customer and seller stand on the two tracks, which nodes are passed, and the gap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.process.definition import ProcessDefinition

Statuses = Mapping[str, NodeStatus]


@dataclass(frozen=True, slots=True)
class Tracks:
    """Both tracks at one instant; `gap` is in stages, standing minus customer's stage, since `gap_since`."""

    position: str | None
    customer_stage: str | None
    standing: str
    gap: int
    gap_since: datetime
    ahead: tuple[str, ...]


def passed_by(node_id: str, process: ProcessDefinition, statuses: Statuses) -> str | None:
    """The node that passes this one: itself, or the first along `met_by` that is reached or waived. None while the node is open."""
    seen: set[str] = set()
    current: str | None = node_id
    while current and current not in seen:
        if statuses.get(current, NodeStatus.OPEN) is not NodeStatus.OPEN:
            return current
        seen.add(current)
        node = process.nodes.get(current)
        current = node.met_by if node else None
    return None


def is_passed(node_id: str, process: ProcessDefinition, statuses: Statuses) -> bool:
    """Whether a node is reached, waived, or met by a later one; an optional node need not be (design, section 3)."""
    return passed_by(node_id, process, statuses) is not None


def statuses_of(deal: Deal) -> Statuses:
    """The status of every node that anything has happened to."""
    return {node: state.status for node, state in deal.nodes.items()}


def position(process: ProcessDefinition, statuses: Statuses) -> str | None:
    """The last node that is passed with all required ones before it; an optional node not reached is never a position."""
    last = None
    for node in process.nodes.values():
        if is_passed(node.id, process, statuses):
            last = node.id
        elif not node.optional:
            break
    return last


def customer_stage_index(process: ProcessDefinition, statuses: Statuses) -> int | None:
    """Index of the first stage with a required node that is not passed; None when no required node is left."""
    for index, stage in enumerate(process.stages):
        if any(not is_passed(node.id, process, statuses) for node in stage.required_nodes):
            return index
    return None


def open_nodes(deal: Deal, process: ProcessDefinition, stage_id: str) -> tuple[str, ...]:
    """The required nodes of a stage that are not passed, in order."""
    if stage_id not in process.stage_index:
        return ()
    statuses = statuses_of(deal)
    return tuple(n.id for n in process.stage(stage_id).required_nodes if not is_passed(n.id, process, statuses))


def standing_index(process: ProcessDefinition, stages: tuple[str, ...]) -> int:
    """The furthest stage that a milestone or a claim vouches for; before any, the first."""
    return max((process.stage_index.get(stage, 0) for stage in stages), default=0)


def gap(customer_stage: int | None, standing: int) -> int:
    """How many stages the seller stands ahead of the customer (behind: negative); 0 when the customer has passed every node."""
    return 0 if customer_stage is None else standing - customer_stage


def tracks(deal: Deal, process: ProcessDefinition) -> Tracks:
    """Both tracks of the deal as its state has them."""
    statuses = statuses_of(deal)
    at_position = position(process, statuses)
    customer = customer_stage_index(process, statuses)
    standing = standing_index(process, tuple(stage for _, stage in deal.standings))
    order = list(process.nodes)
    beyond = order.index(at_position) + 1 if at_position else 0
    return Tracks(
        position=at_position,
        customer_stage=None if customer is None else process.stages[customer].id,
        standing=process.stages[standing].id,
        gap=gap(customer, standing),
        gap_since=_gap_since(deal, process),
        ahead=tuple(n for n in order[beyond:] if statuses.get(n) is NodeStatus.REACHED),
    )


def _gap_since(deal: Deal, process: ProcessDefinition) -> datetime:
    """The start of the latest run of the present gap, over the effective instants of node and standing changes."""
    instants = sorted(
        {deal.opened_at, *(at for at, _ in deal.standings)}
        | {at for state in deal.nodes.values() for at, _ in state.changes}
    )
    since = instants[-1]
    present = _gap_at(deal, process, since)
    for instant in reversed(instants[:-1]):
        if _gap_at(deal, process, instant) != present:
            break
        since = instant
    return since


def _gap_at(deal: Deal, process: ProcessDefinition, instant: datetime) -> int:
    statuses = {
        node: next((status for at, status in reversed(state.changes) if at <= instant), NodeStatus.OPEN)
        for node, state in deal.nodes.items()
    }
    customer = customer_stage_index(process, statuses)
    standing = standing_index(process, tuple(stage for at, stage in deal.standings if at <= instant))
    return gap(customer, standing)
