"""Commands of a person that move, end or reopen a deal. What passes around the gate is on record."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from dealflow.domain.clocks.stall import stalls_ended
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.state import Closed, Deal, NodeStatus, Outcome
from dealflow.domain.decide import checks
from dealflow.domain.decide.permission import must_let_own
from dealflow.domain.track.position import is_passed, statuses_of
from dealflow.domain.track.transition import deal_closed, deal_won, stage_after_winning
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse

Lost = e.StallEnded | e.DealLost | e.DealClosed
MovedBack = e.StallEnded | e.StageMovedBack
Won = e.StallEnded | e.DealWon | e.DealClosed | e.StageAdvanced | e.StageClaimed


def must_be_in_progress(deal: Deal) -> None:
    """A closed deal is reopened first."""
    if isinstance(deal.life, Closed):
        raise refuse(Code.DEAL_CLOSED, deal.id, outcome=deal.outcome.value, closed_at=deal.life.at)


def reassign(deal: Deal, command: c.ReassignDeal, context: Context) -> e.OwnerChanged | e.ClaimAgrees:
    owner = checks.person(command.owner, context, command.origin)
    if owner == deal.owner and command.origin is not None:
        return checks.agrees(f"owner {owner}", command.origin, context)
    if owner == deal.owner:
        raise refuse(Code.ALREADY_SO, deal.id, what=phrase("{owner} owns {deal}", owner=owner, deal=deal.id))
    why = checks.note(command.reason, "reason", most=2_000) if command.origin else checks.reason(command.reason)
    alone = must_let_own(deal, owner, context, command) == "alone"
    return owner_changed(deal, owner, why, context, command.origin).model_copy(update={"alone": alone})


def owner_changed(deal: Deal, owner: str, why: str, context: Context, origin: e.Origin | None = None) -> e.OwnerChanged:
    """The deal has another owner, who hears of it from whoever gave it, if they do not know and are of the house."""
    is_news = context.mode is Mode.LIVE and origin is None and owner != context.who.person and deal.is_judged
    return e.OwnerChanged(
        effective_at=context.at,
        origin=origin,
        owner=owner,
        previous=deal.owner,
        reason=why,
        recipients=(owner,) if is_news and owner in context.organisation.people else (),
    )


def waive(deal: Deal, command: c.WaiveNode, context: Context) -> e.NodeWaived:
    must_be_in_progress(deal)
    return node_waived(deal, command.node, checks.reason(command.reason), context)


def node_waived(deal: Deal, node_id: str, why: str, context: Context) -> e.NodeWaived:
    """A node is passed on a person's word."""
    process = context.process
    if node_id not in process.nodes:
        raise checks.unknown(Code.UNKNOWN_NODE, node_id, process.nodes)
    if is_passed(node_id, process, statuses_of(deal)):
        raise refuse(Code.NODE_ALREADY_PASSED, node_id, status=deal.node(node_id).status.value)
    return e.NodeWaived(effective_at=context.at, node=node_id, reason=why)


def override(deal: Deal, command: c.OverrideGate, context: Context) -> e.GateMet:
    must_be_in_progress(deal)
    why, at = checks.reason(command.reason), context.at
    if deal.ready and deal.ready.ready_at <= at:
        raise refuse(Code.ALREADY_SO, deal.id, what=phrase("the gate of {stage} is met", stage=deal.stage))
    return e.GateMet(effective_at=at, stage=deal.stage, visit=deal.visit, how="override", ready_at=at, reason=why)


def back(
    deal: Deal, command: c.MoveBack, context: Context
) -> tuple[MovedBack | e.ClaimAgrees | e.ClaimNotApplied, ...]:
    if command.origin is not None and command.to == deal.stage:
        return (checks.agrees(f"stage {command.to}", command.origin, context),)
    if command.origin is not None and (why := _stays(deal, command.to, context)):
        return (checks.not_applied(f"stage {command.to}", why, command.origin, context),)
    must_be_in_progress(deal)
    return moved_back(deal, command.to, checks.reason(command.reason), context, command.nodes, command.origin)


def _stays(deal: Deal, to: str, context: Context) -> str | None:
    """Why what another system says of a move back moves nothing; None where it does."""
    if not deal.in_progress:
        return f"the deal is {deal.outcome}"
    index = context.process.stage_index
    return f"the deal stands in {deal.stage}" if index.get(to, -1) >= index[deal.stage] else None


def moved_back(
    deal: Deal,
    to: str,
    why: str,
    context: Context,
    nodes: tuple[str, ...] | None = None,
    origin: e.Origin | None = None,
) -> tuple[MovedBack, ...]:
    """Back along the template's ways, by default to the stage before, or to where a proof is lost; the nodes are open again.

    What has happened in another system, of which `origin` tells, need not have gone along them.
    """
    process = context.process
    if to not in process.stage_index:
        raise checks.unknown(Code.UNKNOWN_STAGE, to, process.stage_index)
    here, there = process.stage_index[deal.stage], process.stage_index[to]
    if there >= here:
        raise refuse(Code.NOT_BACKWARD, to, stage=deal.stage, to=to)
    allowed = process.stages[here].back_to or (process.stages[here - 1].id,)
    allowed = (*allowed, *(lost.stage for lost in deal.lost.values() if lost.stage not in allowed))
    if to not in allowed and origin is None:
        raise refuse(Code.BACK_NOT_ALLOWED, to, stage=deal.stage, to=to, allowed=list(allowed))
    winning = process.winning_index
    moved = e.StageMovedBack(
        effective_at=context.at,
        origin=origin,
        from_stage=deal.stage,
        to_stage=to,
        visit=deal.visit + 1,
        reopened_nodes=_reopened(deal, to, nodes, context),
        reopens_outcome=deal.outcome is Outcome.WON and winning is not None and there <= winning,
        reason=why,
    )
    return *stalls_ended(deal, context.at, "moved"), moved


def _reopened(deal: Deal, stage: str, nodes: tuple[str, ...] | None, context: Context) -> tuple[str, ...]:
    """The nodes named, else those of the stage and of the later ones that were passed or have evidence on record."""
    process = context.process
    for node in nodes or ():
        if node not in process.nodes:
            raise checks.unknown(Code.UNKNOWN_NODE, node, process.nodes)
    first = process.stage_index[stage]
    later: Iterable[str] = (node.id for each in process.stages[first:] for node in each.nodes)
    if nodes is None:
        return tuple(node for node in later if _has_past(deal, node, context))
    return tuple(dict.fromkeys(nodes))


def _has_past(deal: Deal, node: str, context: Context) -> bool:
    # So is an open node with evidence on record: that evidence could meet it once the deal's amount is amended.
    kinds = context.process.nodes[node].standard.kinds
    on_record = any(evidence.kind in kinds for evidence in deal.evidence.values())
    return on_record or deal.node(node).status is not NodeStatus.OPEN


def win_deal(deal: Deal, command: c.WinDeal, context: Context) -> tuple[Won, ...]:
    must_be_in_progress(deal)
    if deal.outcome is Outcome.WON:
        raise refuse(Code.ALREADY_SO, deal.id, what=phrase("the deal is won"))
    return won_beside_the_gate(deal, "person", context.at, context, why=checks.reason(command.reason))


def won_beside_the_gate(
    deal: Deal,
    basis: Literal["person", "claimed"],
    at: datetime,
    context: Context,
    *,
    why: str = "",
    claim: e.DealWon | None = None,
    judged: Deal | None = None,
) -> tuple[Won, ...]:
    """A win without the gate. The deal then stands behind the winning stage, or its life ends."""
    process = context.process
    won, beyond = (
        deal_won(deal, process, at, basis, reason=why, claim=claim, judged=judged),
        stage_after_winning(process),
    )
    if beyond is None:
        *ended, closed = deal_closed(deal, at, basis, reason=why)
        return *ended, won, closed
    if process.stage_index[deal.stage] >= process.stage_index[beyond]:
        return (won,)  # the deal stays in its visit, with its clocks and stalls
    move = e.StageClaimed if basis == "claimed" else e.StageAdvanced
    moved = move(effective_at=at, from_stage=deal.stage, to_stage=beyond, visit=deal.visit + 1)
    return won, *stalls_ended(deal, at, "moved"), moved


def lose(deal: Deal, command: c.LoseDeal, context: Context) -> tuple[Lost, ...]:
    if deal.outcome is not Outcome.WON:
        must_be_in_progress(deal)
    return deal_lost(deal, command.reason, checks.note(command.note, "note"), context)


def deal_lost(deal: Deal, lost_reason: str, note: str, context: Context) -> tuple[Lost, ...]:
    """A person loses the deal, for a reason of the template; on a closed won deal only the outcome changes."""
    lost_reason = _of_the_list(lost_reason, context)
    lost = e.DealLost(effective_at=context.at, reason=lost_reason, basis="person", note=note)
    if not deal.in_progress:
        return (lost,)
    *ended, closed = deal_closed(deal, context.at, "lost", reason=lost_reason)
    return *ended, lost, closed


def _of_the_list(reason: str, context: Context) -> str:
    known = [known.id for known in context.process.lost_reasons]
    checked = checks.reason(reason, known)
    if known and checked not in known:
        raise checks.unknown(Code.UNKNOWN_REASON, checked, known)
    return checked


def cancel(
    deal: Deal, command: c.CancelDeal, context: Context
) -> tuple[e.StallEnded | e.DealCancelled | e.DealClosed, ...]:
    must_be_in_progress(deal)
    why = _of_the_list(command.reason, context)
    *ended, closed = deal_closed(deal, context.at, "cancelled", reason=why)
    return *ended, e.DealCancelled(effective_at=context.at, reason=why, basis="person"), closed


def close_deal(deal: Deal, command: c.CloseDeal, context: Context) -> tuple[e.StallEnded | e.DealClosed, ...]:
    must_be_in_progress(deal)
    if deal.outcome is not Outcome.WON:
        raise refuse(Code.OUTCOME_OPEN, deal.id)
    return deal_closed(deal, context.at, "person", reason=checks.reason(command.reason))


def reopen(deal: Deal, command: c.ReopenDeal, context: Context) -> e.DealReopened | e.ClaimAgrees | e.ClaimNotApplied:
    process = context.process
    if command.origin is not None and deal.in_progress and deal.outcome is Outcome.OPEN:
        return checks.agrees("outcome open", command.origin, context)
    if command.origin is not None and deal.in_progress:
        return checks.not_applied("outcome open", f"the deal is {deal.outcome}", command.origin, context)
    if not isinstance(deal.life, Closed):
        raise refuse(Code.DEAL_IN_PROGRESS, deal.id, stage=deal.stage)
    stage = command.to or deal.stage
    if stage not in process.stage_index:
        raise checks.unknown(Code.UNKNOWN_STAGE, stage, process.stage_index)
    if process.stage_index[stage] > process.stage_index[deal.stage]:
        raise refuse(Code.NOT_BACKWARD, stage, stage=deal.stage, to=stage)
    winning = process.winning_index
    beyond_win = winning is None or process.stage_index[stage] > winning or stage == deal.stage
    keeps_win = deal.life.outcome_before is Outcome.WON and beyond_win
    return e.DealReopened(
        effective_at=context.at,
        origin=command.origin,
        opening=deal.opening + 1,
        stage=stage,
        visit=deal.visit + 1,
        outcome="won" if keeps_win else "open",
        reopened_nodes=_reopened(deal, stage, command.nodes, context),
        counts_from=deal.life.version,
        reason=checks.reason(command.reason),
    )
