"""How a deal changes its stage or ends: enter, leave, win, close, with the clocks and stalls that begin and end by it."""

from datetime import datetime
from typing import Literal

from dealflow.domain.clocks.start import start_clocks
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Outcome, Ready
from dealflow.domain.track.gate import judge_gate, unproven

ClosedHow = Literal["last_gate", "closes_after", "person", "lost", "cancelled", "claimed"]


def entered(draft: Draft) -> None:
    """After any entry: the gate may be met already; the stage's clocks begin, since it may be lost again."""
    judge_gate(draft, since=draft.deal.entered_at)
    start_clocks(draft)


def _passed_into(draft: Draft) -> None:
    """After an entry by the gate: where the next gate is met the deal passes on at once, and no clock begins."""
    judge_gate(draft, since=draft.deal.entered_at)
    if draft.deal.ready is None or draft.deal.ready.how == "closes_after":
        start_clocks(draft)


def end_stalls(draft: Draft, at: datetime, how: Literal["moved", "decided", "closed"]) -> None:
    """End every open stall, never before its deadline."""
    for stall in draft.deal.open_stalls:
        draft.add(e.StallEnded(effective_at=max(at, stall.due_at), stall_id=stall.id, how=how))


def make_transition(draft: Draft) -> None:
    """The gate is met: win where the stage wins, then enter the next stage, or end the deal's life after the last."""
    deal, process = draft.deal, draft.context.process
    assert deal.ready is not None
    ready, at = deal.ready, _transition_at(draft, deal.ready)
    stage = process.stage(deal.stage)
    is_last = process.stages[-1].id == stage.id
    end_stalls(draft, at, "closed" if is_last else "moved")
    if stage.wins and deal.outcome is not Outcome.WON:
        basis: e.Basis = "override" if ready.how == "override" else "gate"
        win(draft, at, basis, reason=ready.reason)
    if is_last:
        close(draft, at, "closes_after" if ready.how == "closes_after" else "last_gate", reason=ready.reason)
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
    """A live transition is dated when it is made, an automatic closing and one of the past at the fact's own instant."""
    if ready.how == "closes_after":
        return ready.ready_at
    if draft.context.mode is Mode.LIVE:
        return draft.at
    return max(ready.decided_at, draft.deal.entered_at)


def win(draft: Draft, at: datetime, basis: e.Basis, *, reason: str = "", claim: e.DealWon | None = None) -> None:
    """The outcome is won; what was not proven at that instant is listed with it."""
    deal, process = draft.deal, draft.context.process
    winning = process.winning_index
    stage = process.stages[winning].id if winning is not None else deal.stage
    fact = claim or e.DealWon(effective_at=at, stage=stage, basis=basis, reason=reason)
    draft.add(fact.model_copy(update={"unproven": unproven(deal, process), "stage": stage}))


def close(draft: Draft, at: datetime, how: ClosedHow, *, reason: str = "") -> None:
    """End the deal's life, and with it every stall that is open."""
    end_stalls(draft, at, "closed")
    draft.add(e.DealClosed(effective_at=at, how=how, stage=draft.deal.stage, reason=reason))


def after_winning(draft: Draft) -> str | None:
    """The stage behind the winning one, None when the winning stage is the last."""
    process = draft.context.process
    winning = process.winning_index
    beyond = len(process.stages) if winning is None else winning + 1
    return process.stages[beyond].id if beyond < len(process.stages) else None
