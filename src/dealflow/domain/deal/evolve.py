"""Fold events into the state of a deal: total, without clock, settings or definition; the body only copies what was decided."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, TypeVar

from dealflow.domain.deal import events as e
from dealflow.domain.deal.replace import replace, replace_in
from dealflow.domain.deal.stalls import EndedStall, OpenStall, Raised, Stall, decided, ended
from dealflow.domain.deal.state import (
    Clock,
    Closed,
    Deal,
    Evidence,
    EvidenceStatus,
    InProgress,
    MilestoneState,
    NodeState,
    NodeStatus,
    Outcome,
    Ready,
    Step,
    Visit,
    Win,
)

K = TypeVar("K")
V = TypeVar("V")
Handler = Callable[[Deal, Any, e.Stamp], Deal]
_HANDLERS: dict[type[e.Fact], Handler] = {}


def fold(recorded: Iterable[e.Recorded]) -> Deal | None:
    """The deal after these events, in recorded order; None when the first is not its opening."""
    return reduce(lambda deal, r: evolve(deal, r.fact, r.stamp), recorded, None)


def evolve(deal: Deal | None, fact: e.Fact, stamp: e.Stamp) -> Deal | None:
    """The deal after one more event; an event that finds no deal, or of an unknown kind, leaves things as they are."""
    if isinstance(fact, e.DealOpened):
        return deal or _opened(fact, stamp)
    if deal is None:
        return None
    handler = _HANDLERS.get(type(fact))
    after = handler(deal, fact, stamp) if handler else deal
    if after is deal:
        after = replace(deal)
    # A copy already, which nobody else has seen yet: no second one for what every event changes.
    replace_in(after, version=stamp.version, recorded_at=stamp.recorded_at)
    if fact.origin:
        replace_in(after, imported=deal.imported | {fact.origin.key})
    return after


def _on(kind: type[e.Fact]) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = handler
        return handler

    return register


def _put(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    return {**mapping, key: value}


def _opened(fact: e.DealOpened, stamp: e.Stamp) -> Deal:
    return Deal(
        id=fact.deal_id,
        title=fact.title,
        process=fact.process,
        stage=fact.stage,
        opened_at=fact.effective_at,
        opened_recorded_at=stamp.recorded_at,
        version=stamp.version,
        recorded_at=stamp.recorded_at,
        owner=fact.owner,
        customer=fact.customer,
        amount=fact.amount,
        attributes=fact.attributes,
        linked_from=fact.linked_from,
        visits=(Visit(stage=fact.stage, number=1, entered_at=fact.effective_at, how="opened"),),
        imported=frozenset({fact.origin.key} if fact.origin else ()),
        imported_at=stamp.recorded_at if fact.origin else None,
    )


@_on(e.DealAmended)
def _amended(deal: Deal, fact: e.DealAmended, _: e.Stamp) -> Deal:
    return replace(
        deal,
        title=deal.title if fact.title is None else fact.title,
        customer=deal.customer if fact.customer is None else fact.customer,
        amount=deal.amount if fact.amount is None else fact.amount,
        attributes=deal.attributes if fact.attributes is None else fact.attributes,
    )


@_on(e.OwnerChanged)
def _owner_changed(deal: Deal, fact: e.OwnerChanged, _: e.Stamp) -> Deal:
    return replace(deal, owner=fact.owner)


def _enter(deal: Deal, stage: str, number: int, at: datetime, how: str, *, pass_through: bool = False) -> Deal:
    """Leave the current visit and begin another; the clocks of the old visit stop with it."""
    left = replace(deal.visits[-1], left_at=at, pass_through=deal.visits[-1].pass_through or pass_through)
    visit = Visit(stage=stage, number=number, entered_at=at, how=how)
    return replace(deal, stage=stage, visits=(*deal.visits[:-1], left, visit), clocks={}, ready=None)


@_on(e.StageClaimed)
def _stage_claimed(deal: Deal, fact: e.StageClaimed, _: e.Stamp) -> Deal:
    is_there = (deal.stage, deal.visit) == (fact.to_stage, fact.visit)
    placed = deal if is_there else _enter(deal, fact.to_stage, fact.visit, fact.effective_at, "claimed")
    return _stands(placed, fact.effective_at, fact.to_stage)


@_on(e.ClaimNotApplied)
def _claim_not_applied(deal: Deal, fact: e.ClaimNotApplied, _: e.Stamp) -> Deal:
    return replace(deal, claims_not_applied=deal.claims_not_applied + 1)


@_on(e.EvidenceRecorded)
def _evidence_recorded(deal: Deal, fact: e.EvidenceRecorded, stamp: e.Stamp) -> Deal:
    evidence = Evidence(
        id=fact.evidence_id,
        kind=fact.kind,
        side=fact.side,
        fields=fact.fields,
        observed_at=fact.effective_at,
        reported_at=fact.reported_at,
        author=fact.author,
        version=stamp.version,
        counts_from=stamp.version,
    )
    return _with_evidence(deal, evidence)


def _with_evidence(deal: Deal, evidence: Evidence) -> Deal:
    return replace(deal, evidence=_put(deal.evidence, evidence.id, evidence))


@_on(e.EvidenceWithdrawn)
def _evidence_withdrawn(deal: Deal, fact: e.EvidenceWithdrawn, _: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    return _with_evidence(deal, replace(evidence, status=EvidenceStatus.WITHDRAWN)) if evidence else deal


@_on(e.EvidenceDisputed)
def _evidence_disputed(deal: Deal, fact: e.EvidenceDisputed, _: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    return _with_evidence(deal, replace(evidence, status=EvidenceStatus.DISPUTED)) if evidence else deal


@_on(e.EvidenceConfirmed)
def _evidence_confirmed(deal: Deal, fact: e.EvidenceConfirmed, stamp: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    if evidence is None:
        return deal
    return _with_evidence(deal, replace(evidence, status=EvidenceStatus.VALID, counts_from=stamp.version))


def _with_node(deal: Deal, node: str, at: datetime, state: NodeState) -> Deal:
    changed = replace(state, changes=(*state.changes, (at, state.status)))
    return replace(deal, nodes=_put(deal.nodes, node, changed))


@_on(e.NodeReached)
def _node_reached(deal: Deal, fact: e.NodeReached, _: e.Stamp) -> Deal:
    reached = replace(deal.node(fact.node), status=NodeStatus.REACHED, evidence=fact.evidence)
    return _with_node(deal, fact.node, fact.effective_at, reached)


@_on(e.NodeReversed)
def _node_reversed(deal: Deal, fact: e.NodeReversed, _: e.Stamp) -> Deal:
    open_again = replace(deal.node(fact.node), status=NodeStatus.OPEN, evidence=())
    return _with_node(deal, fact.node, fact.effective_at, open_again)


@_on(e.NodeWaived)
def _node_waived(deal: Deal, fact: e.NodeWaived, _: e.Stamp) -> Deal:
    return _with_node(deal, fact.node, fact.effective_at, replace(deal.node(fact.node), status=NodeStatus.WAIVED))


def _reopen_nodes(deal: Deal, nodes: Iterable[str], at: datetime, since: int) -> Deal:
    for node in nodes:
        open_again = replace(deal.node(node), status=NodeStatus.OPEN, evidence=(), open_since=since)
        deal = _with_node(deal, node, at, open_again)
    return deal


@_on(e.GateMet)
def _gate_met(deal: Deal, fact: e.GateMet, _: e.Stamp) -> Deal:
    return replace(deal, ready=Ready(fact.ready_at, fact.effective_at, fact.how, fact.reason))


@_on(e.GateLost)
def _gate_lost(deal: Deal, _fact: e.GateLost, _: e.Stamp) -> Deal:
    return replace(deal, ready=None)


@_on(e.StageAdvanced)
def _stage_advanced(deal: Deal, fact: e.StageAdvanced, _: e.Stamp) -> Deal:
    return _enter(deal, fact.to_stage, fact.visit, fact.effective_at, "advanced", pass_through=fact.pass_through)


@_on(e.StageMovedBack)
def _stage_moved_back(deal: Deal, fact: e.StageMovedBack, stamp: e.Stamp) -> Deal:
    moved = _enter(deal, fact.to_stage, fact.visit, fact.effective_at, "moved_back")
    moved = replace(moved, milestones_from=stamp.version)
    moved = _reopen_nodes(moved, fact.reopened_nodes, fact.effective_at, stamp.version)
    return replace(moved, outcome=Outcome.OPEN, win=None) if fact.reopens_outcome else moved


@_on(e.DealWon)
def _won(deal: Deal, fact: e.DealWon, stamp: e.Stamp) -> Deal:
    win = Win(at=fact.effective_at, basis=fact.basis, unproven=fact.unproven, version=stamp.version)
    return replace(deal, outcome=Outcome.WON, win=win, amount=fact.amount or deal.amount)


@_on(e.DealLost)
def _lost(deal: Deal, fact: e.DealLost, _: e.Stamp) -> Deal:
    return replace(deal, outcome=Outcome.LOST, loss_reason=fact.reason)


@_on(e.DealCancelled)
def _cancelled(deal: Deal, fact: e.DealCancelled, _: e.Stamp) -> Deal:
    return replace(deal, outcome=Outcome.CANCELLED, loss_reason=fact.reason)


@_on(e.DealClosed)
def _closed(deal: Deal, fact: e.DealClosed, stamp: e.Stamp) -> Deal:
    # A win of the same instant, with nothing between, is part of the closing act: reopening takes it back.
    won_by_it = deal.win and (deal.win.version, deal.win.at) == (stamp.version - 1, fact.effective_at)
    before = Outcome.WON if deal.win and not won_by_it else Outcome.OPEN
    life = Closed(at=fact.effective_at, version=stamp.version, how=fact.how, outcome_before=before)
    left = replace(deal.visits[-1], left_at=fact.effective_at)
    return replace(deal, life=life, clocks={}, ready=None, visits=(*deal.visits[:-1], left))


@_on(e.DealReopened)
def _reopened(deal: Deal, fact: e.DealReopened, _: e.Stamp) -> Deal:
    visit = Visit(stage=fact.stage, number=fact.visit, entered_at=fact.effective_at, how="reopened")
    opened = replace(
        deal,
        life=InProgress(),
        opening=fact.opening,
        outcome=Outcome(fact.outcome),
        win=deal.win if fact.outcome == "won" else None,
        loss_reason=None,
        stage=fact.stage,
        visits=(*deal.visits, visit),
        milestones_from=fact.counts_from,
    )
    for milestone in deal.milestones.values():
        if milestone.version > fact.counts_from:
            opened = _stands(opened, milestone.at, milestone.stage)
    return _reopen_nodes(opened, fact.reopened_nodes, fact.effective_at, fact.counts_from)


@_on(e.MilestoneRecorded)
def _milestone_recorded(deal: Deal, fact: e.MilestoneRecorded, stamp: e.Stamp) -> Deal:
    state = MilestoneState(stage=fact.stage, at=fact.effective_at, version=stamp.version)
    recorded = replace(deal, milestones=_put(deal.milestones, fact.milestone, state))
    # On a closed deal it moves nothing; a reopening takes it up.
    return _stands(recorded, fact.effective_at, fact.stage) if deal.in_progress else recorded


def _stands(deal: Deal, at: datetime, stage: str) -> Deal:
    return replace(deal, standings=(*deal.standings, (at, stage)))


@_on(e.StepPlanned)
def _step_planned(deal: Deal, fact: e.StepPlanned, _: e.Stamp) -> Deal:
    step = Step(what=fact.what, by=fact.by, node=fact.node, planned_at=fact.effective_at)
    return replace(deal, steps=_put(deal.steps, fact.step_id, step))


@_on(e.StepDone)
def _step_done(deal: Deal, fact: e.StepDone, _: e.Stamp) -> Deal:
    step = deal.steps.get(fact.step_id)
    if step is None:
        return deal
    return replace(deal, steps=_put(deal.steps, fact.step_id, replace(step, done_at=fact.effective_at)))


@_on(e.ClockStarted)
def _clock_started(deal: Deal, fact: e.ClockStarted, _: e.Stamp) -> Deal:
    before = deal.clocks.get(fact.clock)
    began = before.started_at if before and before.visit == fact.visit else fact.effective_at
    clock = Clock(
        name=fact.clock,
        stage=fact.stage,
        visit=fact.visit,
        episode=fact.episode,
        started_at=began,
        limit=fact.limit,
        due_at=fact.due.due_at,
        warn_at=fact.warn.due_at if fact.warn else None,
        provisional=fact.due.provisional,
        calendar=fact.due.calendar,
        calendar_version=fact.due.calendar_version,
        granted=fact.granted,
    )
    return _with_clock(deal, clock)


def _with_clock(deal: Deal, clock: Clock) -> Deal:
    return replace(deal, clocks=_put(deal.clocks, clock.name, clock))


def _clock_of(deal: Deal, fact: e.WarningGiven | e.StallRecorded) -> Clock | None:
    clock = deal.clocks.get(fact.clock)
    return clock if clock and clock.episode == fact.episode else None


@_on(e.WarningGiven)
def _warning_given(deal: Deal, fact: e.WarningGiven, _: e.Stamp) -> Deal:
    clock = _clock_of(deal, fact)
    return _with_clock(deal, replace(clock, warned=True)) if clock else deal


@_on(e.StallRecorded)
def _stall_recorded(deal: Deal, fact: e.StallRecorded, stamp: e.Stamp) -> Deal:
    stall = OpenStall(
        id=fact.stall_id,
        clock=fact.clock,
        stage=fact.stage,
        visit=fact.visit,
        episode=fact.episode,
        due_at=fact.effective_at,
        since=fact.since,
        limit=fact.limit,
        missing=fact.missing,
        recorded_at=stamp.recorded_at,
    )
    clock = _clock_of(deal, fact)
    marked = _with_clock(deal, replace(clock, stalled=True)) if clock else deal
    return _with_stall(marked, stall)


def _with_stall(deal: Deal, stall: Stall) -> Deal:
    return replace(deal, stalls=_put(deal.stalls, stall.id, stall))


def _open_stall(deal: Deal, stall_id: str) -> OpenStall | None:
    stall = deal.stalls.get(stall_id)
    return stall if isinstance(stall, OpenStall) else None


@_on(e.StallEnded)
def _stall_ended(deal: Deal, fact: e.StallEnded, _: e.Stamp) -> Deal:
    stall = deal.stalls.get(fact.stall_id)
    if stall is None:
        return deal
    if isinstance(stall, EndedStall):  # by the decision, which stands before it
        return _with_stall(deal, replace(stall, ended_at=fact.effective_at, how=fact.how))
    return _with_stall(deal, ended(stall, fact.effective_at, fact.how))


@_on(e.EscalationRaised)
def _escalation_raised(deal: Deal, fact: e.EscalationRaised, _: e.Stamp) -> Deal:
    stall = _open_stall(deal, fact.stall_id)
    if stall is None:
        return deal
    raised = Raised(fact.effective_at, fact.counted_from, backlog=fact.backlog, next_rung_at=fact.next_at)
    return _with_stall(deal, replace(stall, escalation=raised))


@_on(e.RungReached)
def _rung_reached(deal: Deal, fact: e.RungReached, _: e.Stamp) -> Deal:
    stall = _open_stall(deal, fact.stall_id)
    if stall is None or not isinstance(stall.escalation, Raised):
        return deal
    before = stall.escalation
    climbed = replace(
        before,
        rung=fact.rung,
        next_rung_at=fact.next_at,
        recipients=(*before.recipients, *(person for person in fact.recipients if person not in before.recipients)),
        high_risk=before.high_risk or fact.high_risk,
    )
    return _with_stall(deal, replace(stall, escalation=climbed))


@_on(e.EscalationDecided)
def _escalation_decided(deal: Deal, fact: e.EscalationDecided, stamp: e.Stamp) -> Deal:
    stall = deal.stalls.get(fact.stall_id)
    if stall is None:
        return deal
    answer = decided(stall, fact.decision, stamp.on_behalf_of or stamp.actor, fact.effective_at)
    if isinstance(stall, EndedStall):
        return _with_stall(deal, replace(stall, escalation=answer))
    return _with_stall(deal, ended(stall, max(fact.effective_at, stall.due_at), "decided", answer))


@_on(e.LinkedDealDue)
def _linked_deal(deal: Deal, fact: e.LinkedDealDue, _: e.Stamp) -> Deal:
    return replace(deal, linked=(*deal.linked, fact.linked_deal_id))
