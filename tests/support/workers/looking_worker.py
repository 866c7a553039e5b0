"""Stands in for the workflows: looks at every deal that is woken, in a thread of its own, as `progress_deal` does."""

from collections.abc import Iterable
from queue import SimpleQueue
from threading import Thread
from time import sleep
from types import TracebackType
from typing import Self

from dealflow.application.commands.handle import Deals
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.schedule import Schedule, Scheduled


class LookingWorker:
    """A Waker and, within its block, the worker behind it; `late` seconds pass before each look."""

    def __init__(self, late: float = 0.0) -> None:
        self.late = late
        self.looks = 0
        self._woken: SimpleQueue[tuple[str, int] | None] = SimpleQueue()

    def wake(self, row: Scheduled, about: str) -> bool:
        self._woken.put((row.deal_id, row.opening))
        return True

    def wake_recipients(self, recipients: Iterable[str]) -> bool:
        return True

    def over(self, deals: Deals, schedule: Schedule, clock: UtcClock) -> Self:
        """Look by means of these."""
        self._deals, self._schedule, self._clock = deals, schedule, clock
        return self

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._woken.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while woken := self._woken.get():
            sleep(self.late)
            done = self._deals.progress(*woken, self._clock.now())
            self._schedule.seen(done.deal_id, done.version, done.next_due)
            self.looks += 1
