"""What events of the two tracks change in a deal: evidence, milestones, nodes, gates, stages."""

from collections.abc import Iterable
from datetime import datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve.handler import Handlers, put, without
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.seller_path import EnteredStage, TakenBack, VouchedFor
from dealflow.domain.deal.state import (
    Deal,
    Evidence,
    EvidenceStatus,
    LostProof,
    MilestoneState,
    NodeState,
    NodeStatus,
    Outcome,
    Ready,
    SetAside,
    Visit,
    clock_key,
)


def _evidence_recorded(deal: Deal, fact: e.EvidenceRecorded, stamp: e.Stamp) -> Deal:
    return _with_evidence(deal, _piece(fact, stamp, fact.effective_at))


def _piece(fact: e.EvidenceRecorded | e.EvidenceCorrected, stamp: e.Stamp, observed_at: datetime) -> Evidence:
    """A piece that the deal does not have yet."""
    return Evidence(
        id=fact.evidence_id,
        kind=fact.kind,
        side=fact.side,
        fields=fact.fields,
        observed_at=observed_at,
        reported_at=fact.reported_at,
        author=fact.author,
        version=stamp.version,
        counts_from=stamp.version,
        command_id=stamp.command_id,
        recorded_at=stamp.recorded_at,
        imported=fact.origin is not None,
    )


def _with_evidence(deal: Deal, evidence: Evidence) -> Deal:
    return replace(deal, evidence=put(deal.evidence, evidence.id, evidence))


def _evidence_withdrawn(deal: Deal, fact: e.EvidenceWithdrawn, _: e.Stamp) -> Deal:
    return _taken_away(deal, fact, EvidenceStatus.WITHDRAWN)


def _evidence_disputed(deal: Deal, fact: e.EvidenceDisputed, _: e.Stamp) -> Deal:
    return _taken_away(deal, fact, EvidenceStatus.DISPUTED)


def _taken_away(deal: Deal, fact: e.EvidenceWithdrawn | e.EvidenceDisputed, status: EvidenceStatus) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    if evidence is None:
        return deal
    # What somebody above has agreed to take away stays so, whoever withdraws it after the dispute.
    speaks = evidence.status is EvidenceStatus.VALID or evidence.unconfirmed
    unconfirmed, in_doubt = speaks and not fact.confirmed, 0 if fact.confirmed else evidence.in_doubt
    return _with_evidence(deal, replace(evidence, status=status, unconfirmed=unconfirmed, in_doubt=in_doubt))


def _evidence_corrected(deal: Deal, fact: e.EvidenceCorrected, stamp: e.Stamp) -> Deal:
    before = deal.evidence.get(fact.evidence_id)
    if before is None:  # a reading as of an instant between the observed time that was recorded and the right one
        return _with_evidence(deal, _piece(fact, stamp, fact.observed_at))
    earlier = (*before.earlier, replace(before, earlier=(), in_doubt=0))
    in_doubt = 0 if fact.confirmed else before.in_doubt + 1
    corrected = replace(before, fields=fact.fields, observed_at=fact.observed_at, earlier=earlier, in_doubt=in_doubt)
    return _with_evidence(deal, corrected)


def _evidence_removal_confirmed(deal: Deal, fact: e.EvidenceRemovalConfirmed, _: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    return _with_evidence(deal, replace(evidence, unconfirmed=False, in_doubt=0)) if evidence else deal


def _evidence_confirmed(deal: Deal, fact: e.EvidenceConfirmed, stamp: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    if evidence is None:
        return deal
    valid = replace(evidence, status=EvidenceStatus.VALID, counts_from=stamp.version, unconfirmed=False, in_doubt=0)
    valid = replace(valid, confirmed_at=fact.effective_at)
    return _with_evidence(deal, valid)


def _evidence_set_aside(deal: Deal, fact: e.EvidenceSetAside, _: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    if evidence is None:
        return deal
    kept = _set_aside_but_for(evidence, fact.field)
    return _with_evidence(deal, replace(evidence, set_aside=(*kept, SetAside(fact.field, fact.first_deal, fact.first))))


def _evidence_counts_again(deal: Deal, fact: e.EvidenceCountsAgain, _: e.Stamp) -> Deal:
    evidence = deal.evidence.get(fact.evidence_id)
    if evidence is None:
        return deal
    kept = _set_aside_but_for(evidence, fact.field)
    return _with_evidence(deal, replace(evidence, set_aside=kept, confirmed_at=fact.effective_at))


def _set_aside_but_for(evidence: Evidence, field: str) -> tuple[SetAside, ...]:
    return tuple(one for one in evidence.set_aside if one.field != field)


def _milestone_recorded(deal: Deal, fact: e.MilestoneRecorded, stamp: e.Stamp) -> Deal:
    state = MilestoneState(stage=fact.stage, at=fact.effective_at, version=stamp.version)
    vouched = VouchedFor(fact.effective_at, stamp.version, fact.milestone, fact.stage)
    return replace(deal, milestones=put(deal.milestones, fact.milestone, state), path=(*deal.path, vouched))


def _milestone_withdrawn(deal: Deal, fact: e.MilestoneWithdrawn, _: e.Stamp) -> Deal:
    milestone = deal.milestones.get(fact.milestone)
    if milestone is None:
        return deal
    withdrawn = put(deal.milestones, fact.milestone, replace(milestone, withdrawn=True))
    return replace(deal, milestones=withdrawn, path=(*deal.path, TakenBack(fact.effective_at, fact.milestone)))


def _with_node(deal: Deal, node: str, at: datetime, state: NodeState) -> Deal:
    changed = replace(state, changes=(*state.changes, (at, state.status)))
    return replace(deal, nodes=put(deal.nodes, node, changed))


def _node_reached(deal: Deal, fact: e.NodeReached, _: e.Stamp) -> Deal:
    before = deal.node(fact.node)
    rested_on = before.rested_on.union(fact.evidence)
    reached = replace(before, status=NodeStatus.REACHED, evidence=fact.evidence, rested_on=rested_on)
    return _with_node(deal, fact.node, fact.effective_at, reached)


def _node_reversed(deal: Deal, fact: e.NodeReversed, _: e.Stamp) -> Deal:
    before = deal.node(fact.node)
    rested_on = before.rested_on.difference(fact.evidence)
    open_again = replace(before, status=NodeStatus.OPEN, evidence=(), rested_on=rested_on)
    after = _with_node(deal, fact.node, fact.effective_at, open_again)
    if before.status is not NodeStatus.WAIVED:
        return after
    # What was proven before a waiver is not; the waiver stands.
    waived = replace(after.node(fact.node), status=NodeStatus.WAIVED)
    return _with_node(after, fact.node, before.changes[-1][0], waived)


def _node_waived(deal: Deal, fact: e.NodeWaived, _: e.Stamp) -> Deal:
    return _with_node(deal, fact.node, fact.effective_at, replace(deal.node(fact.node), status=NodeStatus.WAIVED))


def _proof_lost(deal: Deal, fact: e.ProofLost, _: e.Stamp) -> Deal:
    lost = LostProof(
        node=fact.node,
        stage=fact.stage,
        since=fact.effective_at,
        why=fact.why,
        after_win=fact.after_win,
        episode=fact.episode,
    )
    episodes = put(deal.lost_episodes, fact.node, fact.episode)
    return replace(deal, lost=put(deal.lost, fact.node, lost), lost_episodes=episodes)


def _proof_regained(deal: Deal, fact: e.ProofRegained, _: e.Stamp) -> Deal:
    key = clock_key("proof_lost", fact.node)
    return replace(deal, lost=without(deal.lost, fact.node), clocks=without(deal.clocks, key))


def reopen_nodes(deal: Deal, nodes: Iterable[str], at: datetime, since: int) -> Deal:
    for node in nodes:
        open_again = replace(deal.node(node), status=NodeStatus.OPEN, evidence=(), open_since=since, open_from=at)
        deal = _with_node(deal, node, at, open_again)
    return deal


def _gate_met(deal: Deal, fact: e.GateMet, _: e.Stamp) -> Deal:
    return replace(deal, ready=Ready(fact.ready_at, fact.effective_at, fact.how, fact.reason))


def _gate_lost(deal: Deal, _fact: e.GateLost, _: e.Stamp) -> Deal:
    return replace(deal, ready=None)


def _enter(deal: Deal, number: int, how: str, entered: EnteredStage, *, pass_through: bool = False) -> Deal:
    """Leave the current visit and begin another; the clocks of the old visit stop with it, those of lost proofs run on."""
    at, stage, before = entered.at, entered.stage, deal.visits[-1]
    left = replace(before, left_at=at, pass_through=before.pass_through or pass_through)
    visits = (*deal.visits[:-1], left, Visit(stage=stage, number=number, entered_at=at, how=how))
    clocks = {key: clock for key, clock in deal.clocks.items() if clock.node is not None}
    return replace(deal, stage=stage, visits=visits, path=(*deal.path, entered), clocks=clocks, ready=None)


def _stage_advanced(deal: Deal, fact: e.StageAdvanced, _: e.Stamp) -> Deal:
    entered = EnteredStage(fact.effective_at, fact.to_stage)
    return _enter(deal, fact.visit, "advanced", entered, pass_through=fact.pass_through)


def _stage_claimed(deal: Deal, fact: e.StageClaimed, stamp: e.Stamp) -> Deal:
    entered = EnteredStage(fact.effective_at, fact.to_stage, standing_from=stamp.version)
    if (deal.stage, deal.visit) == (fact.to_stage, fact.visit):
        return replace(deal, path=(*deal.path, entered))
    return _enter(deal, fact.visit, "claimed", entered)


def _stage_moved_back(deal: Deal, fact: e.StageMovedBack, stamp: e.Stamp) -> Deal:
    entered = EnteredStage(fact.effective_at, fact.to_stage, standing_from=stamp.version, gate_from=stamp.version)
    moved = replace(_enter(deal, fact.visit, "moved_back", entered), milestones_from=stamp.version)
    moved = reopen_nodes(moved, fact.reopened_nodes, fact.effective_at, stamp.version)
    return replace(moved, outcome=Outcome.OPEN, win=None) if fact.reopens_outcome else moved


HANDLERS: Handlers = {
    e.EvidenceRecorded: _evidence_recorded,
    e.EvidenceWithdrawn: _evidence_withdrawn,
    e.EvidenceDisputed: _evidence_disputed,
    e.EvidenceConfirmed: _evidence_confirmed,
    e.EvidenceCorrected: _evidence_corrected,
    e.EvidenceRemovalConfirmed: _evidence_removal_confirmed,
    e.EvidenceSetAside: _evidence_set_aside,
    e.EvidenceCountsAgain: _evidence_counts_again,
    e.MilestoneRecorded: _milestone_recorded,
    e.MilestoneWithdrawn: _milestone_withdrawn,
    e.NodeReached: _node_reached,
    e.NodeReversed: _node_reversed,
    e.NodeWaived: _node_waived,
    e.ProofLost: _proof_lost,
    e.ProofRegained: _proof_regained,
    e.GateMet: _gate_met,
    e.GateLost: _gate_lost,
    e.StageAdvanced: _stage_advanced,
    e.StageClaimed: _stage_claimed,
    e.StageMovedBack: _stage_moved_back,
}
