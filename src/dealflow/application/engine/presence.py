"""The parts that run: each notes itself in the store every few seconds, so that anybody sees which are there and since when."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from time import monotonic

from dealflow.application.engine.parts import HeartbeatState, Identity, Parts, Reach
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import StoreUnreachable
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.observability.logs import Log, emit

EVERY_SECONDS = 5.0
# Where asking for the time took longer, the answer says more of the way than of the clock.
QUICK_SECONDS = 1.0
KEPT = timedelta(days=1)


class Presence:
    """One part's signs of life; whatever fails here does not disturb the part."""

    def __init__(self, parts: Parts, clock: UtcClock, who: Identity) -> None:
        self._parts, self._clock, self._who = parts, clock, who
        self._ask: Callable[[], Awaitable[object]] | None = None
        self._temporal: Reach = "unknown"
        self._error = ""
        self._ahead = timedelta(0)
        self._missed_store = False
        self._news = asyncio.Event()
        # One thread, so that the last word comes after whatever is still on its way.
        self._thread = ThreadPoolExecutor(1, "presence")

    def asks(self, ask: Callable[[], Awaitable[object]]) -> None:
        """From here on, this tells whether Temporal is reached: it raises TemporalUnreachable when it is not."""
        self._ask = ask
        self._news.set()

    def missed(self, error: str) -> None:
        """Temporal was not reached."""
        if self._temporal != "away":
            self._news.set()
        self._temporal, self._error = "away", error

    async def keep(self, every_seconds: float = EVERY_SECONDS) -> None:
        """Give signs until cancelled, now and then and when there is news."""
        await self._blocking(lambda: self._parts.forget(KEPT))
        while True:
            self._news.clear()
            await self._look()
            await self._blocking(self._sign)
            # Not wait_for, which on Python 3.11 swallows a cancellation that comes together with the news.
            with suppress(TimeoutError):
                async with asyncio.timeout(every_seconds):
                    await self._news.wait()

    async def end(self) -> None:
        """The last sign."""
        await self._blocking(lambda: self._parts.leave(self._who.id))
        self._thread.shutdown()

    async def _look(self) -> None:
        if self._ask is None:
            return
        try:
            await self._ask()
            self._temporal, self._error = "reached", ""
        except TemporalUnreachable as error:
            self.missed(str(error))
        except Exception as error:  # noqa: BLE001  whatever it is, the part works, and says so
            self.missed(f"{type(error).__name__}: {error}")

    def _sign(self) -> None:
        ahead = clock_ahead(self._parts, self._clock)
        self._ahead = self._ahead if ahead is None else ahead
        sign = HeartbeatState(self._ahead, self._missed_store, self._temporal, self._error)
        self._parts.note(self._who, sign)
        self._missed_store = False

    async def _blocking(self, call: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except StoreUnreachable:
            self._missed_store = True
        except Exception as error:  # noqa: BLE001  a part that cannot say that it works still works
            emit(Log.PART_FAILED, "error", part="presence", reason=str(error), exc_info=error)


def clock_ahead(parts: Parts, clock: UtcClock) -> timedelta | None:
    """By how much the clock is ahead of the database's; None where the answer took too long to say so."""
    begun, ours = monotonic(), clock.now()
    theirs = parts.now()
    took = monotonic() - begun
    return ours + timedelta(seconds=took / 2) - theirs if took < QUICK_SECONDS else None


@asynccontextmanager
async def present(parts: Parts, clock: UtcClock, who: Identity) -> AsyncIterator[Presence]:
    """The part is noted as running while the block lasts."""
    presence = Presence(parts, clock, who)
    keeping = asyncio.create_task(presence.keep())
    try:
        yield presence
    finally:
        keeping.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await keeping
        finally:
            await presence.end()
