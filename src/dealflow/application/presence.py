"""The parts that run: each notes itself in the store every few seconds, so that anybody sees which are there and since when."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Literal, Protocol

from pydantic import AwareDatetime

from dealflow.application.ports import Clock, StoreUnreachable, TemporalUnreachable
from dealflow.domain.model import Frozen
from dealflow.telemetry import Log, emit

What = Literal["worker", "relay", "views"]
Reach = Literal["unknown", "reached", "away"]
EVERY_SECONDS = 5.0
# Where asking for the time took longer, the answer says more of the way than of the clock.
QUICK_SECONDS = 1.0
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which part this is; `id` is its own, also among parts of one process."""

    id: str
    what: What
    host: str
    pid: int
    version: str


@dataclass(frozen=True, slots=True)
class Sign:
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


class Presences(Protocol):
    """The rows of all parts, with instants by the database's clock; every call raises StoreUnreachable."""

    def now(self) -> AwareDatetime:
        """The database's clock."""
        ...

    def note(self, who: Identity, sign: Sign) -> None:
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


class Presence:
    """One part's signs of life; whatever fails here does not disturb the part."""

    def __init__(self, presences: Presences, clock: Clock, who: Identity) -> None:
        self._presences, self._clock, self._who = presences, clock, who
        self._ask: Callable[[], Awaitable[object]] | None = None
        self._temporal: Reach = "unknown"
        self._error = ""
        self._ahead = timedelta(0)
        self._missed_store = False
        # One thread, so that the last word comes after whatever is still on its way.
        self._thread = ThreadPoolExecutor(1, "presence")

    def asks(self, ask: Callable[[], Awaitable[object]]) -> None:
        """From here on, this tells whether Temporal is reached: it raises TemporalUnreachable when it is not."""
        self._ask = ask

    def missed(self, error: str) -> None:
        """Temporal was not reached."""
        self._temporal, self._error = "away", error

    async def keep(self, every_seconds: float = EVERY_SECONDS) -> None:
        """Give signs until cancelled."""
        await self._blocking(lambda: self._presences.forget(KEPT))
        while True:
            await self._look()
            await self._blocking(self._sign)
            await asyncio.sleep(every_seconds)

    async def end(self) -> None:
        """The last sign."""
        await self._blocking(lambda: self._presences.leave(self._who.id))
        self._thread.shutdown()

    async def _look(self) -> None:
        if self._ask is None:
            return
        try:
            await self._ask()
            self._temporal, self._error = "reached", ""
        except TemporalUnreachable as error:
            self.missed(str(error))

    def _sign(self) -> None:
        begun, ours = monotonic(), self._clock.now()
        theirs = self._presences.now()
        took = monotonic() - begun
        if took < QUICK_SECONDS:
            self._ahead = ours + timedelta(seconds=took / 2) - theirs
        sign = Sign(self._ahead, self._missed_store, self._temporal, self._error)
        self._presences.note(self._who, sign)
        self._missed_store = False

    async def _blocking(self, call: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except StoreUnreachable:
            self._missed_store = True
        except Exception as error:  # noqa: BLE001 - a part that cannot say that it works still works
            emit(Log.PART_FAILED, "error", part="presence", reason=str(error), exc_info=error)


@asynccontextmanager
async def present(presences: Presences, clock: Clock, who: Identity) -> AsyncIterator[Presence]:
    """The part is noted as running while the block lasts."""
    presence = Presence(presences, clock, who)
    keeping = asyncio.create_task(presence.keep())
    try:
        yield presence
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await presence.end()
