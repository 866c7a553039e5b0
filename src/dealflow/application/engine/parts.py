"""What the store knows of the parts that run: their signs of life, the relay that works, the server that is known."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from pydantic import AwareDatetime

from dealflow.domain.values.frozen import Frozen

What = Literal["worker", "relay", "views"]
Reach = Literal["unknown", "reached", "away"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which part this is; `id` is its own, also among parts of one process."""

    id: str
    what: What
    host: str
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class HeartbeatState:
    """What a part says of itself now; `store_was_away`: the sign before this one did not arrive."""

    clock_ahead: timedelta
    store_was_away: bool
    temporal: Reach
    temporal_error: str


class RunningPart(Frozen):
    """A part as its last sign says; instants are the database's, `clock_ahead_seconds` is its own clock against that one.

    One that runs no more has `stopped_at` if it was ended in order, and else just was not seen since `seen_at`.
    """

    id: str
    what: What
    host: str
    pid: int
    version: str
    started_at: AwareDatetime
    seen_at: AwareDatetime
    stopped_at: AwareDatetime | None = None
    store_since: AwareDatetime
    clock_ahead_seconds: float = 0.0
    temporal: Reach = "unknown"
    temporal_since: AwareDatetime
    temporal_error: str = ""


class Parts(Protocol):
    """The rows of all parts, with instants by the database's clock; every call raises StoreUnreachable."""

    def now(self) -> AwareDatetime:
        """The database's clock."""
        ...

    def note(self, who: Identity, sign: HeartbeatState) -> None:
        """Write down that this part runs."""
        ...

    def leave(self, part_id: str) -> None:
        """It has ended in order."""
        ...

    def forget(self, older_than: timedelta) -> None:
        """Drop the rows of parts that ended so long ago, but for the last of each kind."""
        ...

    def all(self) -> list[RunningPart]:
        """Those that run and those that ran lately, the last started first."""
        ...


class LeaseState(Frozen):
    """Who holds the lease, or held it last; the instants are the database's."""

    holder: str
    since: AwareDatetime
    until: AwareDatetime


class Lease(Protocol):
    """A row that one holder at a time has, for a few seconds by the database's clock; every call raises StoreUnreachable."""

    def take(self, holder: str, seconds: float) -> bool:
        """Take it, or hold it on from now; whether it is this holder's now."""
        ...

    def release(self, holder: str) -> None:
        """Let go of it, if it is this holder's."""
        ...

    def state(self) -> LeaseState | None:
        """Who has it or had it last; None when nobody ever did."""
        ...


class Known(Frozen):
    """A server's database that was once seen to hold all workflows, and since when it is known."""

    server_id: str
    since: AwareDatetime


class KnownServer(Protocol):
    """Remembers which server's database was last known to hold all workflows; every call raises StoreUnreachable."""

    def read(self) -> Known | None: ...

    def write(self, server_id: str) -> None: ...
