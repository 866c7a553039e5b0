"""What must hold before a deal leaves its stage: judge nodes, and keep the deal's readiness in step with the gate."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Literal

from dealflow.domain.clocks.start import resume_past_due
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.state import Closed, Deal, Evidence, EvidenceStatus, NodeState, NodeStatus, Outcome, Ready
from dealflow.domain.process.definition import DecisionNode, ProcessDefinition, Stage
from dealflow.domain.track.amounts import amount_since, bears_on
from dealflow.domain.track.judge import Met, Verdict, speaking_against, verdict
from dealflow.domain.track.position import is_passed, passed_by, statuses_of
from dealflow.domain.values.ids import MAX_DEAL_ID

How = Literal["nodes", "milestones", "both", "optional_node"]
_BY_GATE = ("nodes", "milestones", "both", "optional_node")


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that is met: by what, and the instant of the fact that decided it."""

    how: How
    decided_at: datetime


def judge_open_nodes(draft: Draft, nodes: Iterable[str]) -> dict[str, Verdict]:
    """Judge these open nodes on what is on record, then the gate of the stage; a reached node stays reached.

    Where a node's standard is met it is reached, at the latest instant of what the judgement rests on.
    """
    verdicts: dict[str, Verdict] = {}
    for node_id in nodes:
        if draft.deal.node(node_id).status is NodeStatus.OPEN:
            node = draft.context.process.nodes[node_id]
            found = verdicts[node_id] = _verdict(draft, node)
            if reached := _reached(draft, node, found):
                _reach(draft, node, reached)
    judge_gate(draft)
    return verdicts


def judge_again(
    draft: Draft, nodes: Iterable[str], *, at: datetime, why: str, evidence: str | None = None
) -> dict[str, Verdict]:
    """Judge reached and open nodes on what is left, and say the verdict where one was needed; the deal does not go back by itself.

    `at` is the instant from which it is otherwise: of an amount that was amended, or of `evidence`, the piece that was recorded
    or taken away. On a closed deal only what was recorded before its end, or speaks against a node, is looked at.
    """
    process = draft.context.process
    verdicts: dict[str, Verdict] = {}
    for node_id in nodes:
        node, state = process.nodes.get(node_id), draft.deal.node(node_id)
        had_rested = _had_rested_on(evidence, state, draft.deal, why)
        if state.status is NodeStatus.WAIVED and not had_rested:
            continue
        is_reached = state.status is NodeStatus.REACHED
        stands = is_reached and _stands(draft, node, state, at)
        if stands and not had_rested:
            continue
        again = _as_it_was(draft.deal, node_id) if stands else None
        if node and not stands:
            found = verdicts[node_id] = _verdict(draft, node)
            again = _reached(draft, node, found)
        if had_rested or (is_reached and (node is None or again is None or _was_open(draft, node, again, at))):
            pieces = (evidence,) if evidence else ()
            draft.add(e.NodeReversed(effective_at=at, node=node_id, evidence=pieces, why=why))
        if node and again and state.status is not NodeStatus.WAIVED:
            _reach(draft, node, again)
    return verdicts


def _had_rested_on(evidence: str | None, state: NodeState, deal: Deal, why: str) -> bool:
    """Whether the node was reached before, and is no longer, on a piece that by what is known now never counted."""
    if evidence is None or evidence not in state.rested_on.difference(state.evidence):
        return False
    return deal.evidence[evidence].status is not EvidenceStatus.VALID or why == "corrected"


def _as_it_was(deal: Deal, node: str) -> e.NodeReached:
    """The judgement that stands, once more."""
    state = deal.node(node)
    since = state.changes[-1][0]
    return e.NodeReached(effective_at=since, node=node, evidence=state.evidence, process=str(deal.process))


def reach_earlier(draft: Draft, nodes: Iterable[str], evidence: str) -> None:
    """Reached nodes that rest on a piece whose observed time was corrected may have been reached earlier than was judged."""
    for node_id in nodes:
        node, state = draft.context.process.nodes[node_id], draft.deal.node(node_id)
        if state.status is NodeStatus.REACHED and evidence in state.evidence:
            reached = _reached(draft, node, _verdict(draft, node))
            if reached and reached.effective_at < reached_since(state):
                _reach(draft, node, reached)


def _stands(draft: Draft, node: DecisionNode | None, state: NodeState, at: datetime) -> bool:
    """Whether the evidence that a judgement names still meets the standard, and has since `at`."""
    pieces = [draft.deal.evidence.get(piece) for piece in state.evidence]
    if node is None or not all(piece and piece.stands for piece in pieces):
        return False
    known = draft.deal.evidence
    rests_on = speaking_against(node.standard, known.values(), draft.deal).union(state.evidence)
    named = {key: one for key, one in known.items() if key in rests_on}
    by_then = {key: one for key, one in named.items() if one.observed_at <= at}
    return _is_met(draft, node, named) and (at < reached_since(state) or _is_met(draft, node, by_then))


def _was_open(draft: Draft, node: DecisionNode, reached: e.NodeReached, at: datetime) -> bool:
    """Whether a reached node was open in between, where the rest meets the standard only from later on."""
    since = reached_since(draft.deal.node(node.id))
    if since < reached.effective_at and at < reached.effective_at:
        return True
    by_then = {key: one for key, one in draft.deal.evidence.items() if one.observed_at <= at}
    return since <= at and not _is_met(draft, node, by_then)


def _is_met(draft: Draft, node: DecisionNode, evidence: Mapping[str, Evidence]) -> bool:
    deal, context = replace(draft.deal, evidence=evidence), draft.context
    return isinstance(verdict(node, deal, context.process, context.rules), Met)


def reached_since(state: NodeState) -> datetime:
    """Since when a reached node has been so; a judgement on other evidence may have followed the first."""
    run = takewhile(lambda change: change[1] is NodeStatus.REACHED, reversed(state.changes))
    return min(at for at, _ in run)


def _verdict(draft: Draft, node: DecisionNode) -> Verdict:
    return verdict(node, _as_judged(draft.deal, node), draft.context.process, draft.context.rules)


def _reached(draft: Draft, node: DecisionNode, found: Verdict) -> e.NodeReached | None:
    if not isinstance(found, Met):
        return None
    deal = draft.deal
    at = max(_instants(node, deal, draft.context.process, found), default=draft.at)
    return e.NodeReached(effective_at=at, node=node.id, evidence=found.evidence, process=str(deal.process))


def _as_judged(deal: Deal, node: DecisionNode) -> Deal:
    """The deal without what was recorded after its end, which moves nothing; what speaks against a node is told at once."""
    if not isinstance(deal.life, Closed):
        return deal
    end = deal.life.version
    late = speaking_against(node.standard, [one for one in deal.evidence.values() if one.version >= end], deal)
    known = {key: one for key, one in deal.evidence.items() if one.version < end or key in late}
    return replace(deal, evidence=known)


def _instants(node: DecisionNode, deal: Deal, process: ProcessDefinition, found: Met) -> Iterator[datetime]:
    """The instants of all that the judgement rests on (design, section 3)."""
    for piece in found.evidence:
        yield deal.evidence[piece].observed_at
        if confirmed_at := deal.evidence[piece].confirmed_at:
            yield confirmed_at
    if not found.evidence:
        return
    if bears_on(node.standard) and (amended_at := amount_since(node, deal, process)):
        yield amended_at
    if opened_at := deal.node(node.id).open_from:
        yield opened_at


def _reach(draft: Draft, node: DecisionNode, reached: e.NodeReached) -> None:
    draft.add(reached)
    _open_linked(draft, node, reached.effective_at)


def _open_linked(draft: Draft, node: DecisionNode, at: datetime) -> None:
    linked_id = _linked_id(draft.deal.id, node.id)
    if node.opens and linked_id not in draft.deal.linked:
        draft.add(e.LinkedDealDue(effective_at=at, linked_deal_id=linked_id, kind=node.opens.deal, node=node.id))


def _linked_id(deal_id: str, node: str) -> str:
    """`<deal>.<node>`, cut where that would be longer than an id may be."""
    whole = f"{deal_id}.{node}"
    if len(whole) <= MAX_DEAL_ID:
        return whole
    return f"{deal_id[:40]}.{hashlib.sha256(whole.encode()).hexdigest()[:40]}"


def judge_gate(draft: Draft, since: datetime | None = None) -> None:
    """Record that the gate is met (`since` the entry, else now), or no longer; arm a closing after a while."""
    deal, process = draft.deal, draft.context.process
    if not deal.in_progress or deal.stage not in process.stage_index:
        return
    stage = process.stage(deal.stage)
    gate = gate_of(deal, process, stage)
    if gate and (deal.ready is None or _closes_later(deal.ready, draft.at)):
        draft.add(
            e.GateMet(
                effective_at=max(gate.decided_at, deal.entered_at),
                stage=stage.id,
                visit=deal.visit,
                how=gate.how,
                ready_at=_ready_at(draft, gate, since),
            )
        )
    elif not gate and deal.ready and deal.ready.how in _BY_GATE:
        draft.add(e.GateLost(effective_at=draft.at, stage=stage.id, visit=deal.visit))
        resume_past_due(draft, deal.ready.ready_at)
    _arm_closing(draft, stage)


def _ready_at(draft: Draft, gate: Gate, since: datetime | None) -> datetime:
    """The entry, else now. In a past that is told anew the fact that decides may lie behind the entry."""
    if since is None:
        return draft.at
    return max(since, gate.decided_at) if draft.context.mode is Mode.PAST else since


def _closes_later(ready: Ready, at: datetime) -> bool:
    """A closing whose instant has come stands, however late the worker: facts recorded since do not put it off."""
    return ready.how == "closes_after" and ready.ready_at > at


def _arm_closing(draft: Draft, stage: Stage) -> None:
    """`closes_after` counts from the entry or from the win, whichever is later: a deal that is not won stays."""
    deal = draft.deal
    if stage.closes_after is None or deal.ready is not None or deal.outcome is not Outcome.WON:
        return
    since = max(deal.entered_at, deal.win.at) if deal.win else deal.entered_at
    due = draft.context.calendar.after(since, stage.closes_after)
    draft.add(e.GateMet(effective_at=since, stage=stage.id, visit=deal.visit, how="closes_after", ready_at=due.due_at))


def gate_of(deal: Deal, process: ProcessDefinition, stage: Stage) -> Gate | None:
    """The gate of a stage when it is met by nodes, milestones or both; None while something is missing."""
    if not stage.required_nodes and stage.gate == "nodes":
        return _gate_without_nodes(deal, stage)
    instants: list[datetime] = [deal.opened_at]
    if stage.gate in ("nodes", "both"):
        statuses = statuses_of(deal)
        for node in stage.required_nodes:
            passing = passed_by(node.id, process, statuses)
            if passing is None:
                return None
            instants.append(deal.node(passing).changes[-1][0])
    if stage.gate in ("milestones", "both"):
        reached = [milestone_at(milestone.id, deal) for milestone in stage.milestones]
        if not reached or None in reached:
            return None
        instants += [at for at in reached if at]
    return Gate(stage.gate, max(instants))


def _gate_without_nodes(deal: Deal, stage: Stage) -> Gate | None:
    leaving = [milestone_at(milestone.id, deal) for milestone in stage.milestones if milestone.leaves]
    if leaving and None not in leaving:
        return Gate("milestones", max(at for at in leaving if at))
    optional = [deal.node(node.id).changes[-1][0] for node in stage.nodes if _is_reached(deal, node)]
    return Gate("optional_node", min(optional)) if optional else None


def _is_reached(deal: Deal, node: DecisionNode) -> bool:
    return deal.node(node.id).status is not NodeStatus.OPEN


def milestone_at(milestone: str, deal: Deal) -> datetime | None:
    """When the milestone was reached; one withdrawn, or from before the last move back or reopening, counts for no gate."""
    state = deal.milestones.get(milestone)
    return state.at if state and not state.withdrawn and state.version > deal.milestones_from else None


def unproven(deal: Deal, process: ProcessDefinition) -> tuple[str, ...]:
    """The required nodes up to and with the winning stage that are not passed."""
    winning = process.winning_index
    stages = process.stages if winning is None else process.stages[: winning + 1]
    statuses = statuses_of(deal)
    return tuple(n.id for stage in stages for n in stage.required_nodes if not is_passed(n.id, process, statuses))
