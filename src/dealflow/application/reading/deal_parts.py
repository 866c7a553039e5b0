"""What is shown of the parts of a deal: nodes with what is missing, milestones, steps, people, with their wording."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from dealflow.application.processes.registry import ProcessInForce
from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import DecisionNode, ProcessDefinition, Stage, Text
from dealflow.domain.track.gate import milestone_at
from dealflow.domain.track.judge import NotMet, verdict
from dealflow.domain.track.position import passed_by, statuses_of
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.refusal import Reason

NodeHow = Literal["open", "reached", "waived", "met_by_later"]


class Named(Frozen):
    """An id with its wording in this version of the process."""

    id: str
    title: Text = {}


class PersonView(Frozen):
    """A person of people.yaml; one who is not in the file is shown by the id."""

    id: str
    name: str


class NodeView(Frozen):
    """A node with what it rests on; `reasons` say what is missing while it is open.

    `met_by` is the later node that counts for it, `since` the instant of its present status.
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


class MilestoneView(Frozen):
    """A landmark of the seller; `counts` is false while it is to come, and again after a move back."""

    id: str
    title: Text
    stage: str
    leaves: bool
    at: AwareDatetime | None = None
    counts: bool = False


class StepView(Frozen):
    """A planned act of the seller, and the node that it is to move."""

    id: str
    what: str
    by: AwareDatetime
    node: Named | None
    planned_at: AwareDatetime
    done_at: AwareDatetime | None
    overdue: bool


def stage_named(stage_id: str, process: ProcessDefinition) -> Named:
    """A stage with its wording; one that this version does not have, by its id."""
    known = stage_id in process.stage_index
    return Named(id=stage_id, title=process.stage(stage_id).title if known else {})


def node_named(node_id: str, process: ProcessDefinition) -> Named:
    """A node with its wording; one that this version does not have, by its id."""
    node = process.nodes.get(node_id)
    return Named(id=node_id, title=node.title if node else {})


def person_view(person_id: str | None, organisation: Organisation) -> PersonView | None:
    """Someone by name, where known."""
    if person_id is None:
        return None
    person = organisation.people.get(person_id)
    return PersonView(id=person_id, name=person.name if person else person_id)


def people_view(ids: Iterable[str], organisation: Organisation) -> tuple[PersonView, ...]:
    """Several people by name."""
    return tuple(found for person in ids if (found := person_view(person, organisation)))


def node_view(node: DecisionNode, deal: Deal, process: ProcessInForce) -> NodeView:
    """A node of a deal; while it is open and the deal in progress, with the verdict on what is on record."""
    definition = process.definition
    state = deal.node(node.id)
    later = _met_by(node, deal, definition)
    judged = verdict(node, deal, definition, process.rules) if _is_asked(state.status, later, deal) else None
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
    )


def _is_asked(status: NodeStatus, later: str | None, deal: Deal) -> bool:
    return status is NodeStatus.OPEN and later is None and deal.in_progress


def _met_by(node: DecisionNode, deal: Deal, process: ProcessDefinition) -> str | None:
    """The first later node that stands for this open one."""
    passing = passed_by(node.id, process, statuses_of(deal))
    return None if passing == node.id else passing


def milestone_views(stage: Stage, deal: Deal) -> Iterator[MilestoneView]:
    """The milestones of a stage, recorded or to come."""
    for milestone in stage.milestones:
        state = deal.milestones.get(milestone.id)
        yield MilestoneView(
            id=milestone.id,
            title=milestone.title,
            stage=stage.id,
            leaves=milestone.leaves,
            at=state.at if state else None,
            counts=milestone_at(milestone.id, deal) is not None,
        )


def step_views(deal: Deal, process: ProcessDefinition, at: datetime) -> Iterator[StepView]:
    """The planned steps, the next one first."""
    for step_id, step in sorted(deal.steps.items(), key=lambda item: (item[1].by, item[0])):
        yield StepView(
            id=step_id,
            what=step.what,
            by=step.by,
            node=node_named(step.node, process) if step.node else None,
            planned_at=step.planned_at,
            done_at=step.done_at,
            overdue=step.done_at is None and step.by <= at,
        )
