"""`deal show`: everything that is so of one deal at one instant, as a person reads it."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import AwareDatetime

from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.deal_parts.acts import MilestoneView, StepView, milestone_views, step_views
from dealflow.application.reading.deal_parts.amount import AmountWaits, amount_waits
from dealflow.application.reading.deal_parts.lost import LostProofView, lost_proofs
from dealflow.application.reading.deal_parts.named import Named, PersonView, node_named, person_view, stage_named
from dealflow.application.reading.deal_parts.nodes import NodeView, node_view
from dealflow.application.reading.deal_parts.tracks import TracksView, tracks_view
from dealflow.application.reading.stalls import Bearer, StallRow, stall_row
from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal.events import Customer, Link
from dealflow.domain.deal.state import Closed, Deal, NodeStatus
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, Side, Text
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import NOTHING, Phrase


class GateView(Frozen):
    """The gate of the stage is met, or will be at `ready_at` where a stage closes after a while."""

    how: str
    ready_at: AwareDatetime
    reason: str


class EarlierPiece(Frozen):
    """The piece that was recorded first with a value that may stand once, so that a later one counts for nothing.

    Without deal and evidence it is of a deal that the reader does not see.
    """

    field: str
    deal: str
    evidence: str


class EvidenceView(Frozen):
    """A piece of evidence; `fields` may be personal, `used_by` are the nodes that were reached on it.

    `chosen` are the wordings of the options that its fields hold. `waits`: somebody above the owner has yet to confirm a
    change of it. `counted_with`: it is set aside, for these have its values and count.
    """

    id: str
    kind: str
    title: Text
    side: Side
    standing: str
    waits: bool
    observed_at: AwareDatetime
    reported_at: AwareDatetime
    author: str
    fields: dict[str, FieldValue]
    chosen: dict[str, Text]
    used_by: tuple[str, ...]
    counted_with: tuple[EarlierPiece, ...] = ()


class ClockView(Frozen):
    """A running clock: `due_at` is `limit` after `since` in this calendar's version, or was granted by a person.

    `node` is the node whose proof is lost.
    """

    name: str
    node: Named | None
    stage: str
    visit: int
    episode: int
    since: AwareDatetime
    limit: str
    calendar: str | None
    calendar_version: str | None
    granted: bool
    provisional: bool
    warn_at: AwareDatetime | None
    warned: bool
    due_at: AwareDatetime
    run_out: bool


class VisitView(Frozen):
    """One stay in a stage."""

    stage: Named
    number: int
    how: str
    entered_at: AwareDatetime
    left_at: AwareDatetime | None
    pass_through: bool


class DealView(Frozen):
    """One deal at the instant `at`; `stalls` are the open ones, `version` is that of its last event.

    `proven_amount` is the largest amount that standards have to hold for; None while amounts in several currencies count,
    or 0 is in force, which prove nothing.
    `wrong` says why the deal cannot be judged now.
    """

    at: AwareDatetime
    deal_id: str
    title: str
    version: int
    opening: int
    process: Named
    stage: Named
    visit: int
    entered_at: AwareDatetime
    outcome: str
    in_progress: bool
    opened_at: AwareDatetime
    won_at: AwareDatetime | None
    won_by: str | None
    won_unproven: tuple[Named, ...]
    closed_at: AwareDatetime | None
    closed_how: str | None
    loss_reason: Named | None
    owner: PersonView | None
    director: PersonView | None
    customer: Customer | None
    amount: Money | None
    proven_amount: Money | None
    amount_waits: AmountWaits | None
    won_amount: Money | None
    attributes: dict[str, str]
    tracks: TracksView
    gate: GateView | None
    nodes: tuple[NodeView, ...]
    proof_lost: tuple[LostProofView, ...]
    milestones: tuple[MilestoneView, ...]
    evidence: tuple[EvidenceView, ...]
    steps: tuple[StepView, ...]
    clocks: tuple[ClockView, ...]
    stalls: tuple[StallRow, ...]
    ended_stalls: int
    visits: tuple[VisitView, ...]
    linked: tuple[str, ...]
    linked_from: Link | None
    claims_not_applied: int
    next_due: AwareDatetime | None
    wrong: Phrase = NOTHING


def deal_view(deal: Deal, process: ProcessInForce, organisation: Organisation, *, at: datetime) -> DealView:
    """The deal with the process it is pinned to; `at` is now, or the instant as of which the deal was folded."""
    definition = process.definition
    win, closed = deal.win, deal.life if isinstance(deal.life, Closed) else None
    director = organisation.director_of(deal.owner)
    return DealView(
        at=at,
        deal_id=deal.id,
        title=deal.title,
        version=deal.version,
        opening=deal.opening,
        process=Named(id=str(process.ref), title=definition.title),
        stage=stage_named(deal.stage, definition),
        visit=deal.visit,
        entered_at=deal.entered_at,
        outcome=deal.outcome.value,
        in_progress=deal.in_progress,
        opened_at=deal.opened_at,
        won_at=win.at if win else None,
        won_by=win.basis if win else None,
        won_unproven=tuple(node_named(node, definition) for node in win.unproven) if win else (),
        closed_at=closed.at if closed else None,
        closed_how=closed.how if closed else None,
        loss_reason=_loss_reason(deal, definition),
        owner=person_view(deal.owner, organisation),
        director=person_view(director.id if director else None, organisation),
        customer=deal.customer,
        amount=deal.amount,
        proven_amount=deal.proven_amount,
        amount_waits=amount_waits(deal, organisation),
        won_amount=win.amount if win else None,
        attributes=dict(deal.attributes),
        tracks=tracks_view(deal, definition),
        gate=GateView(how=deal.ready.how, ready_at=deal.ready.ready_at, reason=deal.ready.reason)
        if deal.ready
        else None,
        nodes=tuple(node_view(node, deal, process) for node in definition.nodes.values()),
        proof_lost=tuple(lost_proofs(deal, process)),
        milestones=tuple(shown for stage in definition.stages for shown in milestone_views(stage, deal)),
        evidence=tuple(_evidence(deal, definition)),
        steps=tuple(step_views(deal, definition, at)),
        clocks=tuple(_clocks(deal, definition)),
        stalls=tuple(stall_row(s, Bearer.of(deal), definition, organisation, at) for s in deal.open_stalls),
        ended_stalls=len(deal.stalls) - len(deal.open_stalls),
        visits=tuple(_visits(deal, definition)),
        linked=deal.linked,
        linked_from=deal.linked_from,
        claims_not_applied=deal.claims_not_applied,
        next_due=next_due(deal),
        wrong=process.calendar_fault if deal.in_progress else NOTHING,
    )


def _loss_reason(deal: Deal, process: ProcessDefinition) -> Named | None:
    if deal.loss_reason is None:
        return None
    title = next((reason.title for reason in process.lost_reasons if reason.id == deal.loss_reason), {})
    return Named(id=deal.loss_reason, title=title)


def _evidence(deal: Deal, process: ProcessDefinition) -> Iterator[EvidenceView]:
    used: dict[str, list[str]] = {}
    for node, state in deal.nodes.items():
        for evidence_id in state.evidence if state.status is NodeStatus.REACHED else ():
            used.setdefault(evidence_id, []).append(node)
    for evidence in sorted(deal.evidence.values(), key=lambda e: (e.observed_at, e.version)):
        kind = process.evidence.get(evidence.kind)
        yield EvidenceView(
            id=evidence.id,
            kind=evidence.kind,
            title=kind.title if kind else {},
            side=evidence.side,
            standing=evidence.status.value,
            waits=evidence.waits,
            observed_at=evidence.observed_at,
            reported_at=evidence.reported_at,
            author=evidence.author,
            fields=dict(evidence.fields),
            chosen=kind.chosen(evidence.fields) if kind else {},
            used_by=tuple(used.get(evidence.id, ())),
            counted_with=tuple(
                EarlierPiece(field=one.field, deal=one.first_deal, evidence=one.first) for one in evidence.set_aside
            ),
        )


def _clocks(deal: Deal, process: ProcessDefinition) -> Iterator[ClockView]:
    for clock in deal.clocks.values():
        yield ClockView(
            name=clock.name,
            node=node_named(clock.node, process) if clock.node else None,
            stage=clock.stage,
            visit=clock.visit,
            episode=clock.episode,
            since=clock.started_at,
            limit=clock.limit,
            calendar=clock.calendar,
            calendar_version=clock.calendar_version,
            granted=clock.granted,
            provisional=clock.provisional,
            warn_at=clock.warn_at,
            warned=clock.warned,
            due_at=clock.due_at,
            run_out=clock.stalled,
        )


def _visits(deal: Deal, process: ProcessDefinition) -> Iterator[VisitView]:
    for visit in deal.visits:
        yield VisitView(
            stage=stage_named(visit.stage, process),
            number=visit.number,
            how=visit.how,
            entered_at=visit.entered_at,
            left_at=visit.left_at,
            pass_through=visit.pass_through,
        )
