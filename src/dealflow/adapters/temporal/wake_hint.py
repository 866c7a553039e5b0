"""Wakes workflows from code that is not asynchronous: for a short time, and in silence when Temporal is away."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from threading import Lock, Thread
from time import monotonic
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError

from dealflow.adapters.temporal.client import connect
from dealflow.adapters.temporal.starter import TemporalStarter, starter_over
from dealflow.application.engine.relay import mark_of
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.schedule import Mark, Schedule, Scheduled
from dealflow.application.ports.store import EventStore, StoreUnreachable
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.settings import Settings

T = TypeVar("T")
CONNECT_SECONDS = 1.5
CALL_SECONDS = 3.0
# A process that lives long does not try to connect at every command while the server is away.
REST_SECONDS = 5.0
SIGNAL_EVERY_SECONDS = 1.0
# One transaction for the wakes of a while; the relay, which sends again what nobody has noted, leaves them two seconds.
NOTE_AFTER_SECONDS = 0.5


class TemporalWakeHint:
    """The hint of commands; connects at the first hint, in a thread of its own, and is safe to use from several threads."""

    def __init__(self, settings: Settings, store: EventStore, schedule: Schedule, clock: UtcClock) -> None:
        self._settings, self._store, self._schedule, self._clock = settings, store, schedule, clock
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._starter: TemporalStarter | None = None
        self._connecting = asyncio.Lock()
        self._rest_until = 0.0
        self._signalled_at: dict[str, float] = {}
        self._later: dict[str, asyncio.Task[None]] = {}
        self._marks: list[Mark] = []
        self._noting: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    def wake(self, row: Scheduled, about: str) -> bool:
        """Wake or start the deal's workflow; whether Temporal took it. What became of it is noted a little later."""

        async def wake(starter: TemporalStarter) -> None:
            woken = await starter.wake(row, about)
            self._marks.append(mark_of(row, woken, self._clock.now()))
            if self._noting is None:
                self._noting = asyncio.create_task(self._note())

        return self._done(wake)

    def wake_recipients(self, recipients: Iterable[str]) -> bool:
        """Wake the workflows of these recipients of notices; whether Temporal took all."""
        people = tuple(recipients)

        async def wake_all(starter: TemporalStarter) -> None:
            for person_id in people:
                await self._wake_recipient(starter, person_id)

        return self._done(wake_all) if people else True

    def close(self) -> None:
        """Let go of the connection. The interpreter needs a moment before it ends, see `client.let_go`."""
        with self._lock:
            if self._loop is None or self._thread is None:
                return
            self._starter = None
            with suppress(TimeoutError):  # the relay wakes those who were to be woken later
                asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(CALL_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = None

    async def _end(self) -> None:
        # The relay wakes them.
        waiting = list(self._later.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self._ending.set()
        if self._noting:
            await self._noting

    async def _note(self) -> None:
        """Put on record what became of the wakes, all of a while at once, until there are no more."""
        while self._marks:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), NOTE_AFTER_SECONDS)
            marks, self._marks = self._marks, []
            with suppress(StoreUnreachable):  # the relay sends once more what is not noted
                await asyncio.to_thread(self._schedule.note, marks)
        self._noting = None

    def _done(self, act: Callable[[TemporalStarter], Coroutine[Any, Any, None]]) -> bool:
        if monotonic() < self._rest_until:
            return False

        async def within() -> None:
            starter = await self._connected()
            await asyncio.wait_for(act(starter), CALL_SECONDS)

        try:
            self._in_loop(within())
        except (TemporalUnreachable, TimeoutError):
            self._rest_until = monotonic() + REST_SECONDS
            return False
        except Exception:  # noqa: BLE001  a hint only, after an append that stands; the relay will say what is wrong
            return False
        return True

    async def _wake_recipient(self, starter: TemporalStarter, person_id: str) -> None:
        """Once a second at most: a thousand stalls of one minute are one recipient's business, not a thousand signals."""
        left = self._signalled_at.get(person_id, -SIGNAL_EVERY_SECONDS) + SIGNAL_EVERY_SECONDS - monotonic()
        if left <= 0:
            self._signalled_at[person_id] = monotonic()
            await starter.wake_recipient(person_id)
        elif person_id not in self._later:
            self._later[person_id] = asyncio.create_task(self._wake_later(starter, person_id, left))

    async def _wake_later(self, starter: TemporalStarter, person_id: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        del self._later[person_id]
        self._signalled_at[person_id] = monotonic()
        with suppress(RPCError, TemporalUnreachable):
            await starter.wake_recipient(person_id)

    async def _connected(self) -> TemporalStarter:
        # One connection for all threads; who waited while it failed does not try again.
        async with self._connecting:
            if self._starter is None:
                self._starter = await self._connect()
            return self._starter

    async def _connect(self) -> TemporalStarter:
        if monotonic() < self._rest_until:
            raise TemporalUnreachable("the server was away a moment ago")
        try:
            client: Client = await connect(self._settings, within=timedelta(seconds=CONNECT_SECONDS))
        except TemporalUnreachable:
            self._rest_until = monotonic() + REST_SECONDS
            raise
        return starter_over(self._store, self._schedule, client, self._settings.temporal_queue, self._clock)

    def _in_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = Thread(target=self._loop.run_forever, name="temporal-hints", daemon=True)
                self._thread.start()
            future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(CONNECT_SECONDS + CALL_SECONDS + 1)
