"""How clocks begin: under the limit of the stage, under a deadline that a person set, or again after a lost gate."""

from datetime import datetime

from dealflow.domain.clocks.kinds import KINDS, ClockKind, Moment, kind_of
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.process.calendar import Deadline
from dealflow.domain.process.definition import ClockLimit


def start_clocks(draft: Draft) -> None:
    """Begin every clock that starts with the entry into the stage that the deal is in now."""
    deal, context = draft.deal, draft.context
    for kind in KINDS.values():
        limit = kind.limit(context.process, deal.stage) if Moment.ENTRY in kind.starts else None
        if limit:
            draft.add(
                clock_started(
                    kind, limit, context, stage=deal.stage, visit=deal.visit, episode=1, start=deal.entered_at
                )
            )


def clock_started(
    kind: ClockKind,
    limit: ClockLimit,
    context: Context,
    *,
    stage: str,
    visit: int,
    episode: int,
    start: datetime,
    granted: Deadline | None = None,
    node: str | None = None,
) -> e.ClockStarted:
    """An episode of a clock; `granted` is the deadline that a person set instead of the limit."""
    calendar = context.calendar
    return e.ClockStarted(
        effective_at=start,
        clock=kind.name,
        stage=stage,
        visit=visit,
        episode=episode,
        limit=str(limit.limit),
        due=granted or calendar.after(start, limit.limit),
        # A warning that was given is not given again in the next episode.
        warn=calendar.after(start, limit.warn) if limit.warn and not granted else None,
        granted=granted is not None,
        node=node,
    )


def resume_past_due(draft: Draft, since: datetime) -> None:
    """A gate that was met since this instant is lost. Deadlines that passed meanwhile made no stall; they are due now."""
    for clock in draft.deal.running_clocks:
        if Moment.GATE_LOST in kind_of(clock.name).resets and since < clock.due_at <= draft.at:
            draft.add(
                e.ClockStarted(
                    effective_at=draft.at,
                    clock=clock.name,
                    stage=clock.stage,
                    visit=clock.visit,
                    episode=clock.episode + 1,
                    limit=clock.limit,
                    due=Deadline(due_at=draft.at),
                )
            )
