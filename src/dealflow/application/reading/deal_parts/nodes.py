"""A decision node with what it rests on, or what is missing."""

from typing import Literal

from pydantic import AwareDatetime

from dealflow.application.processes.registry import ProcessInForce
from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.process.definition import DecisionNode, ProcessDefinition, Text
from dealflow.domain.track.judge import NotMet, verdict
from dealflow.domain.track.position import passed_by, statuses_of
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.refusal import Reason

NodeHow = Literal["open", "reached", "waived", "met_by_later"]


class NodeView(Frozen):
    """A node with what it rests on; `reasons` say what is missing while it is open.

    `met_by` is the later node that counts for it, `since` the instant of its present status. `lost`: the deal had passed
    it, or was won on it.
    """

    id: str
    title: Text
    stage: str
    required: bool
    status: NodeHow
    since: AwareDatetime | None = None
    evidence: tuple[str, ...] = ()
    met_by: str | None = None
    reasons: tuple[Reason, ...] = ()
    says: Text = {}
    playbook: Text = {}
    lost: bool = False


def node_view(node: DecisionNode, deal: Deal, process: ProcessInForce) -> NodeView:
    """A node of a deal; while it is open and the deal in progress, or its proof lost, with the verdict on what is on record."""
    definition = process.definition
    state = deal.node(node.id)
    lost = deal.is_judged and node.id in deal.lost
    later = _met_by(node, deal, definition)
    judged = verdict(node, deal, definition, process.rules) if _is_asked(state.status, later, deal, lost=lost) else None
    return NodeView(
        id=node.id,
        title=node.title,
        stage=definition.stage_of_node[node.id],
        required=not node.optional,
        status="met_by_later" if later else state.status.value,
        since=state.changes[-1][0] if state.changes else None,
        evidence=state.evidence,
        met_by=later,
        reasons=judged.reasons if isinstance(judged, NotMet) else (),
        says=node.standard.says,
        playbook=node.playbook,
        lost=lost,
    )


def _is_asked(status: NodeStatus, later: str | None, deal: Deal, *, lost: bool) -> bool:
    return status is NodeStatus.OPEN and later is None and (deal.in_progress or lost)


def _met_by(node: DecisionNode, deal: Deal, process: ProcessDefinition) -> str | None:
    """The first later node that stands for this open one."""
    passing = passed_by(node.id, process, statuses_of(deal))
    return None if passing == node.id else passing
