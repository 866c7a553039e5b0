"""When something is due for a deal, and whether its workflow must be woken."""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from dealflow.domain.deal.stalls import NotRaised, Raised
from dealflow.domain.deal.state import Deal


def next_due(deal: Deal) -> datetime | None:
    """The earliest instant at which something is due. It may lie in the past; None when nothing will be due."""
    return min(_due_instants(deal), default=None) if deal.in_progress else None


def next_deadline(deal: Deal) -> datetime | None:
    """The first deadline that has not run out; None when no clock runs."""
    return min((clock.due_at for clock in deal.running_clocks), default=None)


def wake_needed(before: Deal | None, after: Deal) -> bool:
    """Whether the deal's workflow must be woken: it begins or ends, or something became due earlier than it is armed for."""
    begins = before is None or (before.run, before.opening) != (after.run, after.opening)
    if before is None or begins or not before.in_progress:
        return after.in_progress
    if not after.in_progress:
        return True
    was, now = next_due(before), next_due(after)
    return now is not None and (was is None or now < was)


def _due_instants(deal: Deal) -> Iterator[datetime]:
    if deal.ready:
        yield deal.ready.ready_at
    for clock in deal.running_clocks:
        yield clock.due_at
        if clock.warn_at and not clock.warned:
            yield clock.warn_at
    for stall in deal.open_stalls:
        match stall.escalation:
            case NotRaised():
                yield stall.due_at
            case Raised(next_rung_at=next_rung_at):
                if next_rung_at:
                    yield next_rung_at
            case never:
                assert_never(never)
