"""Many deals fed at once, each in its own order: what is under way, what waits for its turn, and what waits for a workflow."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from threading import Event
from time import monotonic

from dealflow.application.commands.answers import Answer
from dealflow.domain.deal.commands import Envelope
from dealflow.domain.values.refusal import Reason

AT_ONCE = 16
# What is read ahead of its turn is held in memory; more gains nothing.
ROOM = 512
PATIENCE_SECONDS = 10.0
_TICK_SECONDS = 0.05
# After a stop of its own, a feed with a rate may catch up by this much and no more.
_CATCH_UP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What one deal is told of one instant, as one command; `row` is where its record begins in the file."""

    envelope: Envelope
    file: str
    row: int
    last: bool  # of its deal


@dataclass(frozen=True, slots=True)
class Given:
    """What came of an entry: an answer or a refusal; `waits_for` is a version that the workflow must have seen first."""

    entry: FeedEntry
    answer: Answer | None = None
    reasons: tuple[Reason, ...] = ()
    waits_for: int | None = None

    @property
    def ends_its_deal(self) -> bool:
        """Nothing can be told of a deal that could not be opened."""
        return self.answer is None and any(command.act == "open" for command in self.entry.envelope.commands)


@dataclass
class Left:
    """Deals of which something was not told, since no workflow made the transition that comes before it."""

    deals: set[str] = field(default_factory=set)
    commands: int = 0


@dataclass(frozen=True, slots=True)
class _Held:
    version: int
    until: float


class Lanes:
    """A lane for each deal: one command of it at a time, in order; `at_once` deals at the same time.

    `has_seen`: has a deal's workflow seen this version? `is_moving`: does any workflow do anything, however far behind?
    Memory is bounded by `room` and by the deals that are held or were left.
    """

    def __init__(
        self,
        give: Callable[[FeedEntry], Given],
        has_seen: Callable[[str, int], bool],
        is_moving: Callable[[], bool],
        done: Callable[[Given], None],
        *,
        at_once: int = AT_ONCE,
        room: int = ROOM,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._give, self._has_seen, self._is_moving, self._done = give, has_seen, is_moving, done
        self._at_once, self._room, self._patience = at_once, room, patience_seconds
        self._pool: ThreadPoolExecutor
        self._results: SimpleQueue[Given | BaseException] = SimpleQueue()
        self._under_way: set[str] = set()
        self._queues: dict[str, deque[FeedEntry]] = {}
        self._held: dict[str, _Held] = {}
        self._refused: set[str] = set()
        self._pending = 0
        self._look_at = 0.0
        self.left = Left()

    def run(self, entries: Iterable[FeedEntry], rate: float | None, stop: Event) -> None:
        """Give all of them, at most `rate` facts a second, until `stop` is set; what is under way then still ends.

        An error that is no refusal ends it too, and is raised when nothing is under way any more.
        """
        try:
            with ThreadPoolExecutor(self._at_once, "feed") as self._pool:
                try:
                    self._feed(entries, rate, stop)
                finally:
                    # What the pool has not begun does not begin: a store that is away would be asked for each in turn.
                    self._pool.shutdown(wait=False, cancel_futures=True)
        finally:
            self._take_the_rest()

    def _feed(self, entries: Iterable[FeedEntry], rate: float | None, stop: Event) -> None:
        due = monotonic()
        for entry in entries:
            while not stop.is_set() and (self._pending >= self._room or (rate and monotonic() < due)):
                self._turn(due - monotonic() if rate else _TICK_SECONDS)
            if stop.is_set():
                return
            self._add(entry)
            if rate:
                due = max(due, monotonic() - _CATCH_UP_SECONDS) + len(entry.envelope.commands) / rate
        while self._pending and not stop.is_set():
            self._turn(_TICK_SECONDS)

    def _take_the_rest(self) -> None:
        """What was under way counts, also where one of them failed."""
        ended = [self._results.get() for _ in range(self._results.qsize())]
        for result in sorted(ended, key=lambda result: isinstance(result, BaseException)):
            self._take(result, goes_on=False)

    def _turn(self, seconds: float) -> None:
        """Wait a little for something to end, and see to whoever waits behind it."""
        with suppress(Empty):
            self._take(self._results.get(timeout=min(max(seconds, 0.001), _TICK_SECONDS)), goes_on=True)
        if monotonic() >= self._look_at:
            self._look()

    def _add(self, entry: FeedEntry) -> None:
        deal_id = entry.envelope.deal_id
        if deal_id in self._refused:
            return
        if deal_id in self.left.deals:
            self.left.commands += 1
            return
        self._pending += 1
        if deal_id in self._under_way or deal_id in self._held:
            self._queues.setdefault(deal_id, deque()).append(entry)
        else:
            self._begin(entry)

    def _begin(self, entry: FeedEntry) -> None:
        self._under_way.add(entry.envelope.deal_id)
        self._pool.submit(self._carry_out, entry)

    def _carry_out(self, entry: FeedEntry) -> None:
        try:
            self._results.put(self._give(entry))
        except BaseException as error:  # noqa: BLE001 - raised by the thread that feeds, which ends the others first
            self._results.put(error)

    def _take(self, result: Given | BaseException, *, goes_on: bool) -> None:
        if isinstance(result, BaseException):
            raise result
        deal_id = result.entry.envelope.deal_id
        self._under_way.discard(deal_id)
        self._pending -= 1
        self._done(result)
        if result.ends_its_deal:
            self._refused.add(deal_id)
            self._drop(deal_id)
        elif result.waits_for is not None:
            self._held[deal_id] = _Held(result.waits_for, monotonic() + self._patience)
        elif goes_on:
            self._next(deal_id)

    def _next(self, deal_id: str) -> None:
        if queue := self._queues.get(deal_id):
            self._begin(queue.popleft())
            if not queue:
                del self._queues[deal_id]

    def _drop(self, deal_id: str) -> int:
        dropped = len(self._queues.pop(deal_id, ()))
        self._pending -= dropped
        return dropped

    def _look(self) -> None:
        """Go on with deals whose workflow has moved them; leave those for which none came while none moved any other."""
        self._look_at = monotonic() + _TICK_SECONDS
        late: list[str] = []
        for deal_id in [deal_id for deal_id in self._queues if deal_id in self._held]:
            held = self._held[deal_id]
            if self._has_seen(deal_id, held.version):
                del self._held[deal_id]
                self._next(deal_id)
            elif monotonic() > held.until:
                late.append(deal_id)
        if late and self._is_moving():
            for deal_id in late:
                self._held[deal_id] = replace(self._held[deal_id], until=monotonic() + self._patience)
            return
        for deal_id in late:
            del self._held[deal_id]
            self.left.deals.add(deal_id)
            self.left.commands += self._drop(deal_id)
