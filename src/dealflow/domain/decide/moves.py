"""Commands by which a person places or ends a deal: what passes around the gate is on record."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Closed, EvidenceStatus, NodeStatus, Outcome
from dealflow.domain.decide import checks
from dealflow.domain.decide.effects import Effects
from dealflow.domain.decide.permission import must_answer_for, must_work_on
from dealflow.domain.track.gate import judge_again, judge_gate
from dealflow.domain.track.position import is_passed, statuses_of
from dealflow.domain.track.transition import after_winning, close, end_stalls, entered, win
from dealflow.domain.values.refusal import Code, refuse


def must_be_in_progress(draft: Draft) -> None:
    """A closed deal is reopened first."""
    deal = draft.deal
    if isinstance(deal.life, Closed):
        raise refuse(Code.DEAL_CLOSED, deal.id, outcome=deal.outcome.value, closed_at=deal.life.at)


def reassign(draft: Draft, command: c.ReassignDeal, _: Effects) -> None:
    deal = draft.deal
    owner = checks.person(command.owner, draft, command.origin)
    if owner == deal.owner:
        raise refuse(Code.ALREADY_SO, deal.id, what=f"{owner} owns {deal.id}")
    if command.origin is None:
        must_work_on(draft)
    draft.add(
        e.OwnerChanged(
            effective_at=draft.at,
            origin=command.origin,
            owner=owner,
            previous=deal.owner,
            reason=checks.note(command.reason, "reason", most=2_000),
        )
    )


def waive(draft: Draft, command: c.WaiveNode, _: Effects) -> None:
    must_be_in_progress(draft)
    must_answer_for(draft)
    waive_node(draft, command.node, checks.reason(command.reason))


def waive_node(draft: Draft, node_id: str, why: str) -> None:
    """Pass a node on a person's word."""
    process = draft.context.process
    if node_id not in process.nodes:
        raise checks.unknown(Code.UNKNOWN_NODE, node_id, process.nodes)
    if is_passed(node_id, process, statuses_of(draft.deal)):
        raise refuse(Code.NODE_ALREADY_PASSED, node_id, status=draft.deal.node(node_id).status.value)
    draft.add(e.NodeWaived(effective_at=draft.at, node=node_id, reason=why))


def override(draft: Draft, command: c.OverrideGate, _: Effects) -> None:
    must_be_in_progress(draft)
    must_answer_for(draft)
    why, deal = checks.reason(command.reason), draft.deal
    if deal.ready and deal.ready.ready_at <= draft.at:
        raise refuse(Code.ALREADY_SO, deal.id, what=f"the gate of {deal.stage} is met")
    draft.add(
        e.GateMet(
            effective_at=draft.at, stage=deal.stage, visit=deal.visit, how="override", ready_at=draft.at, reason=why
        )
    )


def back(draft: Draft, command: c.MoveBack, _: Effects) -> None:
    must_be_in_progress(draft)
    must_work_on(draft)
    move_back(draft, command.to, checks.reason(command.reason), command.nodes)


def move_back(draft: Draft, to: str, why: str, nodes: tuple[str, ...] | None = None) -> None:
    """Go back along the template's ways, by default to the stage before; the nodes are open again."""
    deal, process = draft.deal, draft.context.process
    if to not in process.stage_index:
        raise checks.unknown(Code.UNKNOWN_STAGE, to, process.stage_index)
    here, there = process.stage_index[deal.stage], process.stage_index[to]
    if there >= here:
        raise refuse(Code.NOT_BACKWARD, to, stage=deal.stage, to=to)
    allowed = process.stages[here].back_to or (process.stages[here - 1].id,)
    if to not in allowed:
        raise refuse(Code.BACK_NOT_ALLOWED, to, stage=deal.stage, to=to, allowed=list(allowed))
    winning = process.winning_index
    end_stalls(draft, draft.at, "moved")
    draft.add(
        e.StageMovedBack(
            effective_at=draft.at,
            from_stage=deal.stage,
            to_stage=to,
            visit=deal.visit + 1,
            reopened_nodes=_reopened(draft, to, nodes),
            reopens_outcome=deal.outcome is Outcome.WON and winning is not None and there <= winning,
            reason=why,
        )
    )
    entered(draft)


def _reopened(draft: Draft, stage: str, nodes: tuple[str, ...] | None) -> tuple[str, ...]:
    """The nodes named, else those of the stage and of the later ones that were passed or have evidence on record."""
    process = draft.context.process
    for node in nodes or ():
        if node not in process.nodes:
            raise checks.unknown(Code.UNKNOWN_NODE, node, process.nodes)
    first = process.stage_index[stage]
    later: Iterable[str] = (node.id for each in process.stages[first:] for node in each.nodes)
    return tuple(node for node in later if _has_past(draft, node)) if nodes is None else tuple(dict.fromkeys(nodes))


def _has_past(draft: Draft, node: str) -> bool:
    # An open node with evidence on record opens too: that evidence could meet it once the deal's amount is amended.
    kinds = draft.context.process.nodes[node].standard.kinds
    on_record = any(evidence.kind in kinds for evidence in draft.deal.evidence.values())
    return on_record or draft.deal.node(node).status is not NodeStatus.OPEN


def win_deal(draft: Draft, command: c.WinDeal, _: Effects) -> None:
    must_be_in_progress(draft)
    if draft.deal.outcome is Outcome.WON:
        raise refuse(Code.ALREADY_SO, draft.deal_id, what="the deal is won")
    must_answer_for(draft)
    win_beside_the_gate(draft, "person", draft.at, why=checks.reason(command.reason))


def win_beside_the_gate(
    draft: Draft, basis: Literal["person", "claimed"], at: datetime, *, why: str = "", claim: e.DealWon | None = None
) -> None:
    """After it the deal stands behind the winning stage, or its life ends."""
    process, beyond = draft.context.process, after_winning(draft)
    if beyond is None:
        end_stalls(draft, at, "closed")
        win(draft, at, basis, reason=why, claim=claim)
        close(draft, at, basis, reason=why)
        return
    win(draft, at, basis, reason=why, claim=claim)
    deal = draft.deal
    if process.stage_index[deal.stage] >= process.stage_index[beyond]:
        judge_gate(draft)  # it stays in its visit, with the clock that runs and the stall that is open
        return
    end_stalls(draft, at, "moved")
    move = e.StageClaimed if basis == "claimed" else e.StageAdvanced
    draft.add(move(effective_at=at, from_stage=deal.stage, to_stage=beyond, visit=deal.visit + 1))
    entered(draft)


def lose(draft: Draft, command: c.LoseDeal, _: Effects) -> None:
    deal = draft.deal
    if deal.outcome is not Outcome.WON:
        must_be_in_progress(draft)
    must_work_on(draft)
    lose_deal(draft, command.reason, checks.note(command.note, "note"))


def lose_deal(draft: Draft, lost_reason: str, note: str) -> None:
    """A person loses the deal, for a reason of the template; on a closed won deal only the outcome changes."""
    lost_reason = _of_the_list(draft, lost_reason)
    in_progress = draft.deal.in_progress
    end_stalls(draft, draft.at, "closed")
    draft.add(e.DealLost(effective_at=draft.at, reason=lost_reason, basis="person", note=note))
    if in_progress:
        close(draft, draft.at, "lost", reason=lost_reason)


def _of_the_list(draft: Draft, reason: str) -> str:
    known = [known.id for known in draft.context.process.lost_reasons]
    checked = checks.reason(reason, known)
    if known and checked not in known:
        raise checks.unknown(Code.UNKNOWN_REASON, checked, known)
    return checked


def cancel(draft: Draft, command: c.CancelDeal, _: Effects) -> None:
    must_be_in_progress(draft)
    must_work_on(draft)
    why = _of_the_list(draft, command.reason)
    end_stalls(draft, draft.at, "closed")
    draft.add(e.DealCancelled(effective_at=draft.at, reason=why, basis="person"))
    close(draft, draft.at, "cancelled", reason=why)


def close_deal(draft: Draft, command: c.CloseDeal, _: Effects) -> None:
    must_be_in_progress(draft)
    must_work_on(draft)
    if draft.deal.outcome is not Outcome.WON:
        raise refuse(Code.OUTCOME_OPEN, draft.deal_id)
    close(draft, draft.at, "person", reason=checks.reason(command.reason))


def reopen(draft: Draft, command: c.ReopenDeal, effects: Effects) -> None:
    deal, process = draft.deal, draft.context.process
    if not isinstance(deal.life, Closed):
        raise refuse(Code.DEAL_IN_PROGRESS, deal.id, stage=deal.stage)
    must_answer_for(draft)
    stage = command.to or deal.stage
    if stage not in process.stage_index:
        raise checks.unknown(Code.UNKNOWN_STAGE, stage, process.stage_index)
    if process.stage_index[stage] > process.stage_index[deal.stage]:
        raise refuse(Code.NOT_BACKWARD, stage, stage=deal.stage, to=stage)
    winning = process.winning_index
    beyond_win = winning is None or process.stage_index[stage] > winning or stage == deal.stage
    keeps_win = deal.life.outcome_before is Outcome.WON and beyond_win
    draft.add(
        e.DealReopened(
            effective_at=draft.at,
            opening=deal.opening + 1,
            stage=stage,
            visit=deal.visit + 1,
            outcome="won" if keeps_win else "open",
            reopened_nodes=_reopened(draft, stage, command.nodes),
            counts_from=deal.life.version,
            reason=checks.reason(command.reason),
        )
    )
    for evidence in list(draft.deal.evidence.values()):
        if evidence.status is not EvidenceStatus.VALID:
            judge_again(draft, evidence.id)  # it may have been withdrawn while the deal was closed
    effects.judge_all(draft)
    entered(draft)
