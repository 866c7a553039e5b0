"""What the domain asks of a business calendar: the instant at which a duration from a start has passed."""

from datetime import datetime
from typing import Protocol

from dealflow.domain.values.duration import Duration
from dealflow.domain.values.frozen import Frozen


class Deadline(Frozen):
    """An instant with what it was computed from, so that anyone can compute it again."""

    due_at: datetime
    calendar: str | None = None
    calendar_version: str | None = None
    provisional: bool = False


class Calendar(Protocol):
    """A named calendar; `after` is monotone in both arguments and never lands outside working time."""

    def after(self, start: datetime, length: Duration) -> Deadline:
        """The instant when `length` has passed since `start` (aware, UTC)."""
        ...
