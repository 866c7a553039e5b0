"""A lease and a known server in memory: as those of the store, by the clock of this process."""

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from time import monotonic

from dealflow.application.engine.parts import Known, LeaseState
from dealflow.application.ports.store import StoreUnreachable
from tests.support.deals.facts import AT


class MemoryLease:
    """A Lease; `away` makes the store unreachable."""

    def __init__(self) -> None:
        self.away = False
        self._lock = Lock()
        self._holder, self._since, self._until = "", 0.0, 0.0

    def take(self, holder: str, seconds: float) -> bool:
        self._check()
        with self._lock:
            now = monotonic()
            if self._holder != holder and now < self._until:
                return False
            if self._holder != holder or now >= self._until:
                self._holder, self._since = holder, now
            self._until = now + seconds
            return True

    def release(self, holder: str) -> None:
        self._check()
        with self._lock:
            if self._holder == holder:
                self._until = monotonic()

    def state(self) -> LeaseState | None:
        if not self._holder:
            return None
        since, until = (AT + timedelta(seconds=each) for each in (self._since, self._until))
        return LeaseState(holder=self._holder, since=since, until=until)

    def _check(self) -> None:
        if self.away:
            raise StoreUnreachable("away")


@dataclass
class MemoryKnownServer:
    """A KnownServer."""

    known: str = "database-1"

    def read(self) -> Known | None:
        return Known(server_id=self.known, since=AT) if self.known else None

    def write(self, server_id: str) -> None:
        self.known = server_id
