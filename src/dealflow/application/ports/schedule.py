"""The port of the schedule: one row per deal says what its workflow waits for, and what it was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """What an append means for the deal's workflow; `wake`: it must be woken for this version.

    `seen`: it is the workflow's own look that appends, and what it waits for from now on is `next_due`.
    """

    opening: int
    in_progress: bool
    next_due: datetime | None
    wake: bool
    seen: bool = False
    run: int = 1


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The schedule of one deal: what its stream asks for, what was signalled, and what its workflow has seen and armed."""

    deal_id: str
    opening: int
    in_progress: bool
    version: int
    next_due: datetime | None
    wake_version: int  # last version that needs a wake
    wake_at: datetime | None  # since when a wake has been outstanding, when the last one was appended if none is
    signalled_version: int
    signalled_at: datetime | None
    seen_version: int
    armed_at: datetime | None  # the instant that the workflow's timer waits for
    run: int = 1

    def is_of(self, run: int, opening: int) -> bool:
        """Whether it is this opening of this run of the deal that is in progress, or was last."""
        return (self.run, self.opening) == (run, opening)


class Mark(NamedTuple):
    """What has become of a deal's wake for one version: a signal at this instant, or a look that waits for it (`seen`)."""

    deal_id: str
    version: int
    at: datetime | None
    seen: bool


class Schedule(Protocol):
    """One row per deal, beside the events and written with them; rebuilt from them when lost."""

    def waiting(self, now: datetime, *, grace_seconds: float, patience_seconds: float, limit: int) -> list[Scheduled]:
        """Deals to be woken, oldest first.

        A wake older than `grace_seconds` that was neither signalled nor seen; a signal, or an armed instant of a deal in progress,
        that is older than `patience_seconds` and still not seen.
        """
        ...

    def signalled(self, deal_id: str, version: int, at: datetime) -> None:
        """A wake for this version reached Temporal."""
        ...

    def seen(self, deal_id: str, version: int, armed_at: datetime | None) -> None:
        """The workflow looked at the deal at this version and now waits for `armed_at` (None: nothing is due, ever)."""
        ...

    def note(self, marks: Sequence[Mark]) -> None:
        """All of these in one transaction: what `signalled` and `seen` note of one."""
        ...

    def in_progress(self, after: str = "", limit: int = 1000) -> list[Scheduled]:
        """Deals in progress by id, a page behind `after`."""
        ...

    def get(self, deal_id: str) -> Scheduled | None:
        """The row of one deal."""
        ...

    def put(self, deal_id: str, version: int, change: ScheduleChange, at: datetime) -> None:
        """Write what the deal asks for as of its version, for a row that was lost; a row of a later version stays."""
        ...
