"""Many deals at once, each in its own order: what is under way, what waits for its turn, and what waits for a workflow."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic

from dealflow.domain.deal.commands import Envelope

AT_ONCE = 16
# Entries are taken in the order of the log's time; more that are taken ahead of their turn gain nothing.
ROOM = 512
PATIENCE_SECONDS = 60.0
_TICK_SECONDS = 0.05


class NoWorkflowMoves(Exception):
    """A deal waited for its workflow longer than a running one ever takes."""


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """What one deal is told of one instant, as one command."""

    envelope: Envelope
    last: bool  # of its deal


@dataclass(frozen=True, slots=True)
class _Held:
    version: int
    until: float


class Scheduler:
    """One command of a deal at a time, in order; `at_once` deals at the same time.

    `give` carries out one command and says which version the deal's workflow must have seen before the next one, if any.
    `has_seen` says whether the workflow has seen that version.
    """

    def __init__(
        self,
        give: Callable[[LiveEntry], int | None],
        has_seen: Callable[[str, int], bool],
        *,
        at_once: int = AT_ONCE,
        room: int = ROOM,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._give, self._has_seen = give, has_seen
        self._at_once, self._room, self._patience = at_once, room, patience_seconds
        self._results: SimpleQueue[tuple[str, int | None] | Exception] = SimpleQueue()
        self._under_way: set[str] = set()
        self._queues: dict[str, deque[LiveEntry]] = {}
        self._held: dict[str, _Held] = {}
        self._pending = 0
        self._look_at = 0.0

    def run(self, entries: Iterable[LiveEntry]) -> None:
        """Give all of them. An error ends it, and is raised when nothing is under way any more."""
        with ThreadPoolExecutor(self._at_once, "live") as pool:
            try:
                for entry in entries:
                    while self._pending >= self._room:
                        self._turn(pool)
                    self._add(pool, entry)
                while self._pending:
                    self._turn(pool)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _add(self, pool: ThreadPoolExecutor, entry: LiveEntry) -> None:
        deal_id = entry.envelope.deal_id
        self._pending += 1
        if deal_id in self._under_way or deal_id in self._held:
            self._queues.setdefault(deal_id, deque()).append(entry)
        else:
            self._begin(pool, entry)

    def _begin(self, pool: ThreadPoolExecutor, entry: LiveEntry) -> None:
        self._under_way.add(entry.envelope.deal_id)
        pool.submit(self._carry_out, entry)

    def _carry_out(self, entry: LiveEntry) -> None:
        try:
            self._results.put((entry.envelope.deal_id, self._give(entry)))
        except Exception as error:  # noqa: BLE001  the thread that schedules raises it
            self._results.put(error)

    def _turn(self, pool: ThreadPoolExecutor) -> None:
        """Wait a little for a command to end, and begin what waits behind it."""
        with suppress(Empty):
            result = self._results.get(timeout=_TICK_SECONDS)
            if isinstance(result, Exception):
                raise result
            deal_id, version = result
            self._under_way.discard(deal_id)
            self._pending -= 1
            if version is None:
                self._next(pool, deal_id)
            else:
                self._held[deal_id] = _Held(version, monotonic() + self._patience)
        if monotonic() >= self._look_at:
            self._look(pool)

    def _next(self, pool: ThreadPoolExecutor, deal_id: str) -> None:
        if queue := self._queues.get(deal_id):
            self._begin(pool, queue.popleft())
            if not queue:
                del self._queues[deal_id]

    def _look(self, pool: ThreadPoolExecutor) -> None:
        """Go on with the deals whose workflow has moved them."""
        self._look_at = monotonic() + _TICK_SECONDS
        for deal_id in [deal_id for deal_id in self._queues if deal_id in self._held]:
            held = self._held[deal_id]
            if self._has_seen(deal_id, held.version):
                del self._held[deal_id]
                self._next(pool, deal_id)
            elif monotonic() > held.until:
                raise NoWorkflowMoves(f"{deal_id}: no workflow has seen version {held.version}")
