"""What the seller did and plans: milestones and steps."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import AwareDatetime

from dealflow.application.reading.deal_parts.named import Named, node_named
from dealflow.domain.deal.state import Deal
from dealflow.domain.process.definition import ProcessDefinition, Stage, Text
from dealflow.domain.track.gate import milestone_at
from dealflow.domain.values.frozen import Frozen


class MilestoneView(Frozen):
    """A landmark of the seller; `counts` is false while it is to come, when withdrawn, and again after a move back."""

    id: str
    title: Text
    stage: str
    leaves: bool
    at: AwareDatetime | None = None
    counts: bool = False
    withdrawn: bool = False


class StepView(Frozen):
    """A planned act of the seller, and the node that it is to move."""

    id: str
    what: str
    by: AwareDatetime
    node: Named | None
    planned_at: AwareDatetime
    done_at: AwareDatetime | None
    overdue: bool


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
            withdrawn=state is not None and state.withdrawn,
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
