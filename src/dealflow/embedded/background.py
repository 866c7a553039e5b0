"""The embedded system in a thread of its own, for a program that has something else to do in front."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.temporal.client import let_go
from dealflow.adapters.temporal_server.find import Found
from dealflow.embedded.home_lock import hold
from dealflow.embedded.up import embedded
from dealflow.settings import Settings


@contextmanager
def in_background(settings: Settings, found: Found, what: str) -> Iterator[str]:
    """Run everything until the block is left; its value is Temporal's address. `what` is the command that runs it.

    Raise what `run_up` would raise.
    """
    with hold(settings.home, what, SystemClock().now()):
        system = _Background(settings, found)
        system.start()
        try:
            yield system.address
        finally:
            system.end()


class _Background:
    def __init__(self, settings: Settings, found: Found) -> None:
        self._settings, self._found = settings, found
        self._settled = Event()
        self._failure: BaseException | None = None
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = Thread(target=self._main, name="embedded")
        self.address = ""

    def start(self) -> None:
        """Return when everything runs; raise what went wrong."""
        self._thread.start()
        self._settled.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def end(self) -> None:
        """Return when everything has ended."""
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        let_go()
        if self._failure is not None:
            raise self._failure

    def _main(self) -> None:
        try:
            asyncio.run(self._until_told())
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            self._failure = error
        finally:
            self._settled.set()

    async def _until_told(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        async with embedded(self._settings, self._found, self._stop) as running:
            self.address = running.address
            self._settled.set()
            await self._stop.wait()
