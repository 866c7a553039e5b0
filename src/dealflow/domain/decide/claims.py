"""Claims: what another system says without proof places the deal, its standing and its outcome, never a node.

A claim is applied: whether a source says something new at all is found out by the import.
"""

from collections.abc import Iterator
from datetime import datetime

from dealflow.domain.clocks.stall import stalls_ended
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.evolve.amounts import proving
from dealflow.domain.deal.state import Closed, Deal, Outcome
from dealflow.domain.decide import checks
from dealflow.domain.decide.amend import amount_of
from dealflow.domain.decide.moves import Lost, Won, won_beside_the_gate
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.amounts import reading_amount
from dealflow.domain.track.gate import judge_again
from dealflow.domain.track.transition import deal_closed
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code

_OPEN = "outcome open"
NotNew = e.ClaimAgrees | e.ClaimNotApplied
Ended = Won | Lost | e.DealCancelled | e.DealReopened | e.DealAmended


def claim_stage(
    deal: Deal, command: c.ClaimStage, context: Context
) -> tuple[e.StallEnded | e.StageClaimed | NotNew, ...]:
    process = context.process
    if command.stage not in process.stage_index:
        raise checks.unknown(Code.UNKNOWN_STAGE, command.stage, process.stage_index)
    at, is_there = _from(deal, command, context), deal.stage == command.stage
    ended = _ended_at(deal, command.stage, process)
    if ended is not None:
        # A stage in which the deal has been is history; one dated after the end, or that it never was in, moves nothing.
        has_been_there = any(visit.stage == command.stage for visit in deal.visits)
        is_before = checks.observed(command.observed_at, context) <= ended
        claim, is_so = f"stage {command.stage}", is_there or (is_before and has_been_there)
        why = f"the deal is {deal.outcome}"
        new = (
            checks.agrees(claim, command.origin, context)
            if is_so
            else checks.not_applied(claim, why, command.origin, context)
        )
        return (new,)
    placed = e.StageClaimed(
        effective_at=at,
        origin=command.origin,
        from_stage=deal.stage,
        to_stage=command.stage,
        visit=deal.visit if is_there else deal.visit + 1,
    )
    return (placed,) if is_there else (*stalls_ended(deal, at, "moved"), placed)


def claim_outcome(draft: Draft, command: c.ClaimOutcome) -> Iterator[Ended | NotNew]:
    """The deal ended so. One that is closed otherwise is open again first, unless only the outcome is another."""
    deal, context, origin = draft.deal, draft.context, command.origin
    at = _from(deal, command, context)
    if deal.outcome.value == command.outcome:
        yield _won_for(deal, command, at) or checks.agrees(f"outcome {command.outcome}", origin, context)
        return
    if command.outcome == "won":
        if isinstance(deal.life, Closed):
            yield _open_again(deal, deal.life, at, origin, context.process)
        yield from _won(draft.deal, command, at, context)
        return
    *ended, closed = deal_closed(deal, at, "claimed", reason=command.reason)
    if deal.in_progress:
        yield from ended
    yield (
        e.DealLost(effective_at=at, origin=origin, reason=command.reason, basis="claimed")
        if command.outcome == "lost"
        else e.DealCancelled(effective_at=at, origin=origin, reason=command.reason, basis="claimed")
    )
    if deal.in_progress:
        yield closed


def claim_open(
    deal: Deal, command: c.ClaimOpen, context: Context
) -> tuple[e.StallEnded | e.StageMovedBack | e.DealReopened | NotNew, ...]:
    """Stage, outcome and life as before the closing claim; what the gate has won stays won."""
    process, origin, at = context.process, command.origin, _from(deal, command, context)
    if isinstance(deal.life, Closed):
        return (_open_again(deal, deal.life, at, origin, process),)
    if deal.win is None:
        return (checks.agrees(_OPEN, origin, context),)
    if _by_the_gate(deal):
        return (checks.not_applied(_OPEN, f"the deal is {deal.outcome}", origin, context),)
    back = e.StageMovedBack(
        effective_at=at,
        origin=origin,
        from_stage=deal.stage,
        to_stage=_before_the_win(deal, process),
        visit=deal.visit + 1,
        reopened_nodes=(),
        reopens_outcome=True,
        reason="",
    )
    return *stalls_ended(deal, at, "moved"), back


def _from(deal: Deal, command: c.ClaimStage | c.ClaimOutcome | c.ClaimOpen, context: Context) -> datetime:
    """When the claim is effective: as it was observed, but never before what was done here and what it overrides."""
    life, win = deal.life, deal.win
    acts = [checks.observed(command.observed_at, context)]
    acts += [life.at] if isinstance(life, Closed) and life.how != "claimed" else []
    # A claim before this one may have placed the deal since that act, in the same export.
    acts += [visit.entered_at for visit in deal.visits if visit.how not in ("claimed", "opened")]
    acts += [win.at] if win is not None and win.basis != "claimed" else []
    return max(acts)


def _ended_at(deal: Deal, stage: str, process: ProcessDefinition) -> datetime | None:
    """Since when this stage cannot be where the deal stands: since its end, or since a win that lies behind the stage."""
    if isinstance(deal.life, Closed):
        return deal.life.at
    index, winning = process.stage_index, process.winning_index
    is_behind = winning is not None and index[stage] <= winning < index[deal.stage]
    return deal.win.at if deal.win is not None and is_behind else None


def _by_the_gate(deal: Deal) -> bool:
    return deal.win is not None and deal.win.basis in ("gate", "override")


def _before_the_win(deal: Deal, process: ProcessDefinition) -> str:
    """The stage in which the deal stood before its win placed it behind."""
    index, winning = process.stage_index, process.winning_index
    before = [visit.stage for visit in deal.visits if winning is None or index.get(visit.stage, 0) <= winning]
    return before[-1] if before else deal.stage


def _open_again(
    deal: Deal, life: Closed, at: datetime, origin: e.Origin | None, process: ProcessDefinition
) -> e.DealReopened:
    keeps_win = life.outcome_before is Outcome.WON and _by_the_gate(deal)
    return e.DealReopened(
        effective_at=at,
        origin=origin,
        opening=deal.opening + 1,
        stage=deal.stage if keeps_win or deal.win is None else _before_the_win(deal, process),
        visit=deal.visit + 1,
        outcome="won" if keeps_win else "open",
        reopened_nodes=(),
        counts_from=life.version,
        reason="",
    )


def _won(deal: Deal, command: c.ClaimOutcome, at: datetime, context: Context) -> tuple[Won, ...]:
    amount = amount_of(command.amount)
    claim = e.DealWon(
        effective_at=at,
        origin=command.origin,
        stage=deal.stage,
        basis="claimed",
        amount=amount,
        confirms=amount is not None,
    )
    is_news = amount is not None and (amount, proving(amount)) != (deal.amount, deal.amounts)
    judged = _judged_by(amount, deal, at, context) if amount is not None and is_news else None
    return won_beside_the_gate(deal, "claimed", at, context, claim=claim, judged=judged)


def _won_for(deal: Deal, command: c.ClaimOutcome, at: datetime) -> e.DealAmended | None:
    """What another system says a deal was won for that is won already; None where it says nothing else."""
    amount = amount_of(command.amount)
    if deal.win is None or amount is None or amount == deal.win.amount:
        return None
    return e.DealAmended(
        effective_at=max(at, deal.win.at),
        origin=command.origin,
        amount=amount,
        amount_was=deal.win.amount,
        present_was=deal.amount if deal.amount != deal.win.amount else None,
        confirms=True,
        as_won=True,
    )


def _judged_by(amount: Money, deal: Deal, at: datetime, context: Context) -> Deal:
    """The deal with its nodes as this amount has them."""
    draft = Draft(deal, deal.id, context)
    draft.add(e.DealAmended(effective_at=at, amount=amount, confirms=True))
    judge_again(draft, reading_amount(context.process), at=at, why="amended")
    return draft.deal
