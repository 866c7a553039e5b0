"""Where the customer stands: which nodes are passed, the position, and the customer's stage."""

from collections.abc import Mapping

from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.process.definition import ProcessDefinition

Statuses = Mapping[str, NodeStatus]
_OPEN = NodeStatus.OPEN


def passing_nodes(node_id: str, process: ProcessDefinition) -> tuple[str, ...]:
    """The nodes that pass this one when they are reached or waived: itself, and those along `met_by`."""
    return process.passing.get(node_id, (node_id,))


def passed_by(node_id: str, process: ProcessDefinition, statuses: Statuses) -> str | None:
    """The node that passes this one: itself, or the first along `met_by` that is reached or waived. None while the node is open."""
    for each in process.passing.get(node_id, (node_id,)):
        if statuses.get(each, _OPEN) is not _OPEN:
            return each
    return None


def is_passed(node_id: str, process: ProcessDefinition, statuses: Statuses) -> bool:
    """Whether a node is reached, waived, or met by a later one; an optional node need not be (design, section 3)."""
    return passed_by(node_id, process, statuses) is not None


def statuses_of(deal: Deal) -> Statuses:
    """The status of every node that anything has happened to."""
    return {node: state.status for node, state in deal.nodes.items()}


def position(process: ProcessDefinition, statuses: Statuses) -> str | None:
    """The last node that is reached, waived or met by a later one, with all required ones before it passed.

    An optional node is a position only where it is reached or waived itself: a later node that meets it has shown
    nothing of it.
    """
    last = None
    for node in process.nodes.values():
        if node.optional:
            last = last if statuses.get(node.id, _OPEN) is _OPEN else node.id
        elif passed_by(node.id, process, statuses):
            last = node.id
        else:
            break
    return last


def customer_stage_index(process: ProcessDefinition, statuses: Statuses) -> int | None:
    """Index of the first stage with a required node that is not passed; None when no required node is left."""
    for index, stage in enumerate(process.stages):
        for node in stage.required_nodes:
            if passed_by(node.id, process, statuses) is None:
                return index
    return None


def open_nodes(deal: Deal, process: ProcessDefinition, stage_id: str) -> tuple[str, ...]:
    """The required nodes of a stage that are not passed, in order."""
    if stage_id not in process.stage_index:
        return ()
    statuses = statuses_of(deal)
    return tuple(n.id for n in process.stage(stage_id).required_nodes if not is_passed(n.id, process, statuses))
