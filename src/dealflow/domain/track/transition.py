"""How a deal enters and leaves stages, is won and is closed, with the clocks and stalls that begin and end thereby."""

from datetime import datetime

from dealflow.domain.clocks.stall import stalls_ended
from dealflow.domain.clocks.start import start_clocks
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Deal, Outcome, Ready
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.gate import judge_gate, unproven


def entered(draft: Draft) -> None:
    """After an entry, judge the gate and begin the stage's clocks; a gate that is met may be lost again."""
    judge_gate(draft, since=draft.deal.entered_at)
    start_clocks(draft)


def _passed_into(draft: Draft) -> None:
    """After an entry by the gate, judge the next gate. If it is met, the deal passes on at once and no clock begins."""
    judge_gate(draft, since=draft.deal.entered_at)
    if draft.deal.ready is None or draft.deal.ready.how == "closes_after":
        start_clocks(draft)


def make_transition(draft: Draft) -> None:
    """The gate is met: win where the stage wins, then enter the next stage, or end the deal's life after the last."""
    deal, process = draft.deal, draft.context.process
    assert deal.ready is not None
    ready, at = deal.ready, _transition_at(draft, deal.ready)
    stage = process.stage(deal.stage)
    is_last = process.stages[-1].id == stage.id
    draft.add(*stalls_ended(deal, at, "closed" if is_last else "moved"))
    if stage.wins and deal.outcome is not Outcome.WON:
        draft.add(deal_won(deal, process, at, "override" if ready.how == "override" else "gate", reason=ready.reason))
    if is_last:
        how: e.ClosedHow = "closes_after" if ready.how == "closes_after" else "last_gate"
        draft.add(*deal_closed(draft.deal, at, how, reason=ready.reason))
        return
    draft.add(
        e.StageAdvanced(
            effective_at=at,
            from_stage=stage.id,
            to_stage=process.stages[process.stage_index[stage.id] + 1].id,
            visit=deal.visit + 1,
            pass_through=ready.ready_at <= deal.entered_at,
        )
    )
    _passed_into(draft)


def _transition_at(draft: Draft, ready: Ready) -> datetime:
    """A live transition has the instant at which it is made. An automatic closing and a past transition have the fact's instant."""
    if ready.how == "closes_after":
        return ready.ready_at
    if draft.context.mode is Mode.LIVE:
        return draft.at
    return max(ready.decided_at, draft.deal.entered_at)


def deal_won(
    deal: Deal,
    process: ProcessDefinition,
    at: datetime,
    basis: e.Basis,
    *,
    reason: str = "",
    claim: e.DealWon | None = None,
    judged: Deal | None = None,
) -> e.DealWon:
    """The outcome is won; what was not proven at that instant is listed with it.

    `judged` is the deal with its nodes as the amount that another system claims has them.
    """
    winning = process.winning_index
    stage = process.stages[winning].id if winning is not None else deal.stage
    fact = claim or e.DealWon(effective_at=at, stage=stage, basis=basis, reason=reason)
    missing = unproven(judged or deal, process)
    return fact.model_copy(update={"unproven": missing, "stage": stage, "amount": fact.amount or deal.amount})


def deal_closed(
    deal: Deal, at: datetime, how: e.ClosedHow, *, reason: str = ""
) -> tuple[e.StallEnded | e.DealClosed, ...]:
    """The end of the deal's life, and before it of every stall that is open."""
    closed = e.DealClosed(effective_at=at, how=how, stage=deal.stage, reason=reason)
    return *stalls_ended(deal, at, "closed"), closed


def stage_after_winning(process: ProcessDefinition) -> str | None:
    """The stage behind the winning one; None when the winning stage is the last."""
    winning = process.winning_index
    beyond = len(process.stages) if winning is None else winning + 1
    return process.stages[beyond].id if beyond < len(process.stages) else None
