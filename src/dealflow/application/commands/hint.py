"""The hint that follows an append: it wakes the deal's workflow and the recipients of notices at once, where it can."""

from collections.abc import Collection, Sequence

from dealflow.application.ports.schedule import ScheduleChange, Scheduled
from dealflow.application.ports.store import Append
from dealflow.application.ports.wake_hint import ReachHint
from dealflow.domain.deal.stream import deal_of
from dealflow.observability import happened as h
from dealflow.observability.happened import happened
from dealflow.observability.traces import span


def hint_deals(reach: ReachHint, appends: Sequence[Append]) -> None:
    """Wake the workflows of the deals that need it after these appends."""
    for append in appends:
        if append.schedule and append.schedule.wake:
            row = _scheduled(append, append.schedule)
            with span("wake") as step:
                hint = reach()
                outcome = _outcome(taken=hint is not None and hint.wake(row, append.about))
                step.note(by="hint", deal=row.deal_id, version=row.version)
                happened(h.DEAL_WOKEN, ("hint", outcome), traced={"outcome": outcome})


def hint_recipients(reach: ReachHint, people: Collection[str]) -> None:
    """Wake the workflows of these recipients of notices."""
    if people:
        hint = reach()
        outcome = _outcome(taken=hint is not None and hint.wake_recipients(sorted(people)))
        happened(h.RECIPIENT_WOKEN, ("hint", outcome), by=len(people))


def _outcome(*, taken: bool) -> str:
    """Whether Temporal took it; what a hint has missed the relay sends."""
    return "sent" if taken else "missed"


def _scheduled(append: Append, change: ScheduleChange) -> Scheduled:
    """The schedule of the deal as this append has left it; nothing was signalled for it yet."""
    version = append.version + len(append.facts)
    return Scheduled(
        deal_id=deal_of(append.stream),
        opening=change.opening,
        in_progress=change.in_progress,
        version=version,
        next_due=change.next_due,
        wake_version=version,
        wake_at=append.facts[-1][1].recorded_at,
        signalled_version=0,
        signalled_at=None,
        seen_version=0,
        armed_at=None,
        run=change.run,
    )
