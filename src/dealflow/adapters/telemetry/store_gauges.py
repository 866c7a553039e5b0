"""Gauges that are read from the store: what waits, since when, and how far behind the board is."""

from collections.abc import Callable, Iterator
from datetime import datetime
from threading import Lock
from time import monotonic

from dealflow.adapters.store.rows.tallies import SqlTallies, WaitingCount
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import EventStore, StoreUnreachable
from dealflow.observability import metrics as m
from dealflow.observability.metrics import Reading

# However often it is scraped, the store is asked four times a minute.
EVERY_SECONDS = 15.0


class StoreGauges:
    """A source of readings; given by the relay's process, so that many workers do not ask the same."""

    def __init__(
        self,
        tallies: SqlTallies,
        store: EventStore,
        position: Callable[[], int],
        clock: UtcClock,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        self._tallies, self._store, self._position, self._clock = tallies, store, position, clock
        self._every_seconds = every_seconds
        self._lock = Lock()
        self._known: list[Reading] = []
        self._stale_at = 0.0

    def __call__(self) -> list[Reading]:
        """What was found within the last 15 seconds, or now."""
        with self._lock:
            if monotonic() >= self._stale_at:
                self._known = self._look()
                self._stale_at = monotonic() + self._every_seconds
            return self._known

    def _look(self) -> list[Reading]:
        try:
            now = self._clock.now()
            found = [*_tallied(self._tallies.take(now), now), *self._lag(now)]
        except StoreUnreachable:
            return [(m.STORE_UP, (), 0.0)]
        return [(m.STORE_UP, (), 1.0), *found]

    def _lag(self, now: datetime) -> Iterator[Reading]:
        position = self._position()
        next_one, head = self._store.log(position, 1), self._store.head()
        yield m.LOG_POSITION, (), float(head)
        yield m.PROJECTION_EVENTS, (), float(max(head - position, 0) if next_one else 0)
        yield m.PROJECTION_SECONDS, (), _age(next_one[0].recorded.stamp.recorded_at if next_one else None, now)


def _tallied(tally: WaitingCount, now: datetime) -> Iterator[Reading]:
    yield m.IN_PROGRESS, (), float(tally.in_progress)
    yield m.WAKES_WAITING, (), float(tally.wakes)
    yield m.OLDEST_WAKE, (), _age(tally.oldest_wake, now)
    yield m.OVERDUE, (), float(tally.overdue)
    yield m.OLDEST_OVERDUE, (), _age(tally.oldest_overdue, now)
    yield m.OUTBOX_WAITING, (), float(tally.notices)
    yield m.OUTBOX_AGE, (), _age(tally.oldest_notice, now)
    yield m.OUTBOX_OVERDUE, (), _age(tally.earliest_due, now)


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since else 0.0
