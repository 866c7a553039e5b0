"""How clocks begin: with the limit of the stage, a deadline that a person set, or at once where a wait proved unfounded."""

from datetime import datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.process.calendar import Deadline
from dealflow.domain.process.definition import ClockLimit


def start_clocks(draft: Draft) -> None:
    """Begin every clock of the stage that the deal has entered."""
    deal, process = draft.deal, draft.context.process
    if deal.stage in process.stage_index:
        for name, limit in process.stage(deal.stage).clocks.items():
            start_clock(draft, name, limit, episode=1, start=deal.entered_at)


def start_clock(
    draft: Draft, name: str, limit: ClockLimit, *, episode: int, start: datetime, granted: Deadline | None = None
) -> None:
    """Begin an episode of a clock; `granted` is the deadline that a person set instead of the limit."""
    calendar = draft.context.calendar
    draft.add(
        e.ClockStarted(
            effective_at=start,
            clock=name,
            stage=draft.deal.stage,
            visit=draft.deal.visit,
            episode=episode,
            limit=str(limit.limit),
            due=granted or calendar.after(start, limit.limit),
            # A warning that was given is not given again in the next episode.
            warn=calendar.after(start, limit.warn) if limit.warn and not granted else None,
            granted=granted is not None,
        )
    )


def resume_past_due(draft: Draft, since: datetime) -> None:
    """A gate that was met since this instant is lost: deadlines that passed meanwhile were no stall, they are due now."""
    for clock in draft.deal.running_clocks:
        if since < clock.due_at <= draft.at:
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
