"""Stalls and their escalations as lists: what ran out, since when, who was told, and what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from pydantic import AwareDatetime

from dealflow.domain.deal.stalls import Decided, EndedStall, NotRaised, OpenStall, Raised, Stall, raised_of
from dealflow.domain.deal.state import Deal
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, Text
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money

EscalationStatus = Literal["none", "open", "decided", "ended"]


class OpenNode(Frozen):
    """A required node that was open when the clock ran out."""

    id: str
    title: Text = {}


class StallRow(Frozen):
    """One stall with its escalation; `escalation` is `ended` when the stall ended without a decision.

    `node` is that of a clock which each node has of its own. `overdue_seconds` runs from the deadline to the end of the
    stall, or to now; `told` are ids of people.yaml.
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
    node: OpenNode | None = None
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
    escalation: EscalationStatus
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
    end = stall if isinstance(stall, EndedStall) else None
    raised = raised_of(stall.escalation)
    decided = stall.escalation if isinstance(stall.escalation, Decided) else None
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
        node=next(iter(missing_nodes((stall.node,), process)), None) if stall.node else None,
        visit=stall.visit,
        episode=stall.episode,
        limit=stall.limit,
        since=stall.since,
        due_at=stall.due_at,
        recorded_at=stall.recorded_at,
        overdue_seconds=max(0, int(((end.ended_at if end else now) - stall.due_at).total_seconds())),
        missing=missing_nodes(stall.missing, process),
        open=end is None,
        ended_at=end.ended_at if end else None,
        ended_how=end.how if end else None,
        escalation=escalation_of(stall),
        backlog=raised is not None and raised.backlog,
        raised_at=raised.at if raised else None,
        counted_from=raised.counted_from if raised else None,
        rung=raised.rung if raised and raised.rung >= 0 else None,
        next_rung_at=raised.next_rung_at if raised else None,
        told=raised.heard if raised else (),
        high_risk=raised is not None and raised.high_risk,
        decision=decided.decision if decided else None,
        decided_by=decided.by if decided else None,
        decided_at=decided.at if decided else None,
    )


def escalation_of(stall: Stall) -> EscalationStatus:
    """How far the escalation of a stall has come."""
    match stall.escalation:
        case NotRaised():
            return "none"
        case Raised():
            return "open" if isinstance(stall, OpenStall) else "ended"
        case Decided():
            return "decided"
        case never:
            assert_never(never)


def missing_nodes(nodes: Iterable[str], process: ProcessDefinition) -> tuple[OpenNode, ...]:
    """These nodes with their wording in this version of the process."""
    return tuple(OpenNode(id=n, title=process.nodes[n].title if n in process.nodes else {}) for n in nodes)
