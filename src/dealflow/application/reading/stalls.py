"""Stalls and their escalations as lists: what ran out, since when, who was told, and what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from dealflow.domain.deal.state import Deal, Stall
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, Text
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money

Escalation = Literal["none", "open", "decided", "ended"]


class OpenNode(Frozen):
    """A required node that was open when the clock ran out."""

    id: str
    title: Text = {}


class StallRow(Frozen):
    """One stall with its escalation; `escalation` is `ended` when the stall ended without a decision.

    `overdue_seconds` runs from the deadline to the end of the stall, or to now; `told` are ids of people.yaml.
    """

    stall_id: str
    deal_id: str
    deal_title: str
    process: str
    stage: str
    stage_title: Text = {}
    owner: str | None = None
    director: str | None = None
    customer_id: str | None = None
    amount: Money | None = None
    clock: str
    visit: int
    episode: int
    limit: str
    since: AwareDatetime
    due_at: AwareDatetime
    recorded_at: AwareDatetime
    overdue_seconds: int
    missing: tuple[OpenNode, ...] = ()
    open: bool
    ended_at: AwareDatetime | None = None
    ended_how: str | None = None
    escalation: Escalation
    backlog: bool = False
    raised_at: AwareDatetime | None = None
    counted_from: AwareDatetime | None = None
    rung: int | None = None
    next_rung_at: AwareDatetime | None = None
    told: tuple[str, ...] = ()
    high_risk: bool = False
    decision: str | None = None
    decided_by: str | None = None
    decided_at: AwareDatetime | None = None


class StallQuery(Frozen):
    """Which stalls to list, oldest deadline first; `after` is the id of the last one of the page before."""

    open_only: bool = True
    escalated_only: bool = False
    owner: str | None = None
    director: str | None = None
    stage: str | None = None
    process: str | None = None
    deal_id: str | None = None
    backlog: bool | None = None
    due_before: AwareDatetime | None = None
    limit: int | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a list says of the deal that a stall belongs to."""

    deal_id: str
    title: str
    process: str
    owner: str | None
    customer_id: str | None
    amount: Money | None

    @classmethod
    def of(cls, deal: Deal) -> "Bearer":
        """The deal, as far as a list shows it; the customer's name stays where it is."""
        customer = deal.customer.id if deal.customer else None
        return cls(deal.id, deal.title, str(deal.process), deal.owner, customer, deal.amount)


def stall_row(
    stall: Stall, bearer: Bearer, process: ProcessDefinition, organisation: Organisation, now: datetime
) -> StallRow:
    """One stall as a list shows it; the director is the owner's of today."""
    director = organisation.director_of(bearer.owner)
    stage = process.stage(stall.stage) if stall.stage in process.stage_index else None
    return StallRow(
        stall_id=stall.id,
        deal_id=bearer.deal_id,
        deal_title=bearer.title,
        process=bearer.process,
        stage=stall.stage,
        stage_title=stage.title if stage else {},
        owner=bearer.owner,
        director=director.id if director else None,
        customer_id=bearer.customer_id,
        amount=bearer.amount,
        clock=stall.clock,
        visit=stall.visit,
        episode=stall.episode,
        limit=stall.limit,
        since=stall.since,
        due_at=stall.due_at,
        recorded_at=stall.recorded_at,
        overdue_seconds=max(0, int(((stall.ended_at or now) - stall.due_at).total_seconds())),
        missing=missing_nodes(stall.missing, process),
        open=stall.open,
        ended_at=stall.ended_at,
        ended_how=stall.ended_how,
        escalation=escalation_of(stall),
        backlog=stall.backlog,
        raised_at=stall.raised_at,
        counted_from=stall.counted_from,
        rung=stall.rung if stall.rung >= 0 else None,
        next_rung_at=stall.next_rung_at,
        told=stall.told,
        high_risk=stall.high_risk,
        decision=stall.decision,
        decided_by=stall.decided_by,
        decided_at=stall.decided_at,
    )


def escalation_of(stall: Stall) -> Escalation:
    """How far the escalation of a stall has come."""
    if stall.raised_at is None:
        return "none"
    if stall.decision is not None:
        return "decided"
    return "open" if stall.open else "ended"


def missing_nodes(nodes: Iterable[str], process: ProcessDefinition) -> tuple[OpenNode, ...]:
    """These nodes with their wording in this version of the process."""
    return tuple(OpenNode(id=n, title=process.nodes[n].title if n in process.nodes else {}) for n in nodes)
