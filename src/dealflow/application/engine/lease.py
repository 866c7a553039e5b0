"""The lease of the relay: of all that run one works, and another takes over when that one ends, dies or hangs."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TypeVar

from dealflow.application.engine.parts import Lease
from dealflow.application.ports.store import StoreUnreachable
from dealflow.observability.logs import Log, emit

T = TypeVar("T")
RENEWALS = 4


class LeaseHolder:
    """One holder's view of the lease.

    `holds` asks nobody: it goes by this computer's own clock from before the lease was asked for, so it ends no later than the
    lease itself, also when the store does not answer or this process was stopped for a while.
    """

    def __init__(self, lease: Lease, holder: str, seconds: float = 10.0) -> None:
        self._lease, self._holder, self._seconds = lease, holder, seconds
        self._held_until = self._ask_at = 0.0
        # Its own thread: a renewal does not wait for the holder's other calls.
        self._thread = ThreadPoolExecutor(1, "lease")

    def holds(self) -> bool:
        """Whether this holder may work now."""
        return monotonic() < self._held_until

    async def take(self) -> bool:
        """Hold the lease if nobody else does; the store is asked now and then only."""
        if self.holds() or monotonic() < self._ask_at:
            return self.holds()
        self._ask_at = monotonic() + self._seconds / RENEWALS
        await self._ask()
        if self.holds():
            emit(Log.RELAY_TOOK_OVER, holder=self._holder)
        return self.holds()

    async def keep(self) -> None:
        """Renew what is held, until cancelled."""
        while True:
            await asyncio.sleep(self._seconds / RENEWALS)
            if not self.holds():
                continue
            try:
                await self._ask()
            except StoreUnreachable:
                # It runs out by itself unless the store is back in time.
                continue
            if not self.holds():
                emit(Log.RELAY_GAVE_WAY, "warning", holder=self._holder, reason="another one holds the lease")

    async def let_go(self, reason: str) -> None:
        """Leave the work to another one."""
        if not self.holds():
            return
        self._held_until = 0.0
        emit(Log.RELAY_GAVE_WAY, holder=self._holder, reason=reason)
        await self._blocking(lambda: self._lease.release(self._holder))

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown()

    async def _ask(self) -> None:
        asked_at = monotonic()
        is_ours = await self._blocking(lambda: self._lease.take(self._holder, self._seconds))
        self._held_until = asked_at + self._seconds if is_ours else 0.0

    async def _blocking(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
