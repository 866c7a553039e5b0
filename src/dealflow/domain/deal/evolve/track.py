"""What events of the two tracks change in a deal: evidence, milestones, nodes, gates, stages."""

from collections.abc import Iterable
from datetime import datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve.handler import Handlers, put
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.state import (
    Deal,
    Evidence,
    EvidenceStatus,
    MilestoneState,
    NodeState,
    NodeStatus,
    Outcome,
    Ready,
    Visit,
)


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
        command_id=stamp.command_id,
        imported=fact.origin is not None,
    )
    return _with_evidence(deal, evidence)


def _with_evidence(deal: Deal, evidence: Evidence) -> Deal:
    return replace(deal, evidence=put(deal.evidence, evidence.id, evidence))


def _evidence_withdrawn(deal: Deal, fact: e.EvidenceWithdrawn, _: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    return _with_evidence(deal, replace(evidence, status=EvidenceStatus.WITHDRAWN)) if evidence else deal


def _evidence_disputed(deal: Deal, fact: e.EvidenceDisputed, _: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    return _with_evidence(deal, replace(evidence, status=EvidenceStatus.DISPUTED)) if evidence else deal


def _evidence_confirmed(deal: Deal, fact: e.EvidenceConfirmed, stamp: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    if evidence is None:
        return deal
    return _with_evidence(deal, replace(evidence, status=EvidenceStatus.VALID, counts_from=stamp.version))


def _milestone_recorded(deal: Deal, fact: e.MilestoneRecorded, stamp: e.Stamp) -> Deal:
    state = MilestoneState(stage=fact.stage, at=fact.effective_at, version=stamp.version)
    recorded = replace(deal, milestones=put(deal.milestones, fact.milestone, state))
    # On a closed deal the milestone changes no standing; a reopening counts it.
    return stands(recorded, fact.effective_at, fact.stage) if deal.in_progress else recorded


def stands(deal: Deal, at: datetime, stage: str) -> Deal:
    return replace(deal, standings=(*deal.standings, (at, stage)))


def _with_node(deal: Deal, node: str, at: datetime, state: NodeState) -> Deal:
    changed = replace(state, changes=(*state.changes, (at, state.status)))
    return replace(deal, nodes=put(deal.nodes, node, changed))


def _node_reached(deal: Deal, fact: e.NodeReached, _: e.Stamp) -> Deal:
    reached = replace(deal.node(fact.node), status=NodeStatus.REACHED, evidence=fact.evidence)
    return _with_node(deal, fact.node, fact.effective_at, reached)


def _node_reversed(deal: Deal, fact: e.NodeReversed, _: e.Stamp) -> Deal:
    open_again = replace(deal.node(fact.node), status=NodeStatus.OPEN, evidence=())
    return _with_node(deal, fact.node, fact.effective_at, open_again)


def _node_waived(deal: Deal, fact: e.NodeWaived, _: e.Stamp) -> Deal:
    return _with_node(deal, fact.node, fact.effective_at, replace(deal.node(fact.node), status=NodeStatus.WAIVED))


def reopen_nodes(deal: Deal, nodes: Iterable[str], at: datetime, since: int) -> Deal:
    for node in nodes:
        open_again = replace(deal.node(node), status=NodeStatus.OPEN, evidence=(), open_since=since)
        deal = _with_node(deal, node, at, open_again)
    return deal


def _gate_met(deal: Deal, fact: e.GateMet, _: e.Stamp) -> Deal:
    return replace(deal, ready=Ready(fact.ready_at, fact.effective_at, fact.how, fact.reason))


def _gate_lost(deal: Deal, _fact: e.GateLost, _: e.Stamp) -> Deal:
    return replace(deal, ready=None)


def _enter(deal: Deal, stage: str, number: int, at: datetime, how: str, *, pass_through: bool = False) -> Deal:
    """Leave the current visit and begin another; the clocks of the old visit stop with it."""
    left = replace(deal.visits[-1], left_at=at, pass_through=deal.visits[-1].pass_through or pass_through)
    visit = Visit(stage=stage, number=number, entered_at=at, how=how)
    return replace(deal, stage=stage, visits=(*deal.visits[:-1], left, visit), clocks={}, ready=None)


def _stage_advanced(deal: Deal, fact: e.StageAdvanced, _: e.Stamp) -> Deal:
    return _enter(deal, fact.to_stage, fact.visit, fact.effective_at, "advanced", pass_through=fact.pass_through)


def _stage_claimed(deal: Deal, fact: e.StageClaimed, _: e.Stamp) -> Deal:
    is_there = (deal.stage, deal.visit) == (fact.to_stage, fact.visit)
    placed = deal if is_there else _enter(deal, fact.to_stage, fact.visit, fact.effective_at, "claimed")
    return stands(placed, fact.effective_at, fact.to_stage)


def _stage_moved_back(deal: Deal, fact: e.StageMovedBack, stamp: e.Stamp) -> Deal:
    moved = _enter(deal, fact.to_stage, fact.visit, fact.effective_at, "moved_back")
    moved = replace(moved, milestones_from=stamp.version)
    moved = reopen_nodes(moved, fact.reopened_nodes, fact.effective_at, stamp.version)
    return replace(moved, outcome=Outcome.OPEN, win=None) if fact.reopens_outcome else moved


HANDLERS: Handlers = {
    e.EvidenceRecorded: _evidence_recorded,
    e.EvidenceWithdrawn: _evidence_withdrawn,
    e.EvidenceDisputed: _evidence_disputed,
    e.EvidenceConfirmed: _evidence_confirmed,
    e.MilestoneRecorded: _milestone_recorded,
    e.NodeReached: _node_reached,
    e.NodeReversed: _node_reversed,
    e.NodeWaived: _node_waived,
    e.GateMet: _gate_met,
    e.GateLost: _gate_lost,
    e.StageAdvanced: _stage_advanced,
    e.StageClaimed: _stage_claimed,
    e.StageMovedBack: _stage_moved_back,
}
