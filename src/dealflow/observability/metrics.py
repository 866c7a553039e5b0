"""Metrics: one catalogue, moved from anywhere in the process and read by whoever serves them; no deal and no person in a label."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

Labels = tuple[str, ...]


class Kind(StrEnum):
    """What a metric is, in the words of Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One of the catalogue: a name by Prometheus' conventions, the names of its labels, the upper bounds of its buckets."""

    name: str
    kind: Kind
    says: str
    labels: Labels = ()
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a histogram holds: how many values per bucket, one more for those above all bounds, and their sum."""

    counts: tuple[int, ...]
    total: float


Reading = tuple[Metric, Labels, float | Distribution]
Source = Callable[[], Iterable[Reading]]


def _counter(name: str, says: str, *labels: str) -> Metric:
    return Metric(f"dealflow_{name}_total", Kind.COUNTER, says, labels)


def _gauge(name: str, says: str, *labels: str) -> Metric:
    return Metric(f"dealflow_{name}", Kind.GAUGE, says, labels)


def _histogram(name: str, says: str, buckets: tuple[float, ...]) -> Metric:
    return Metric(f"dealflow_{name}", Kind.HISTOGRAM, says, (), buckets)


_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0, 604_800.0)

COMMANDS = _counter("commands", "Commands accepted, by what was asked.", "command")
REFUSALS = _counter("refusals", "Reasons for which commands were refused; a command may have several.", "reason")
REPEATED = _counter("commands_repeated", "Commands that had been carried out before and got the same answer.")
CONFLICTS = _counter("append_conflicts", "Decisions taken anew because somebody else appended first.")
COMMAND_SECONDS = _histogram("command_seconds", "From the command to its answer, hints included.", _QUICK)
GROUP_SIZE = _histogram(
    "append_group_size", "Commands and looks that shared one transaction.", (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
)
WAKES = _counter("wakes", "Workflows of deals woken, by whom, and what came of it.", "by", "outcome")
RECIPIENT_WAKES = _counter(
    "recipient_wakes", "Workflows of recipients woken, by whom, and what came of it.", "by", "outcome"
)
TRANSITIONS = _counter("transitions", "Deals that went from stage to stage.", "process", "from_stage", "to_stage")
STALLS = _counter("stalls", "Deadlines missed, by the clock that ran out.", "process", "stage", "clock")
ESCALATIONS = _counter("escalations", "Rungs of the ladder reached, 0 the first.", "process", "rung")
LATENESS = _histogram("lateness_seconds", "From a deadline to the record of what it made due.", _SLOW)
ADVANCE = _histogram("advance_seconds", "From the record of the evidence to that of the transition it led to.", _SLOW)
DELIVERED = _counter("notices_delivered", "Notices that reached a person, by the kind of channel.", "channel")
FAILED = _counter(
    "notices_failed", "Tries to deliver that failed and are made again, by the kind of channel.", "channel"
)
ABANDONED = _counter("notices_abandoned", "Notices given up: no channel of the person will ever take them.")

STORE_UP = _gauge("store_up", "1 when the store answered the relay, else 0, and then no other gauge is given.")
LOG_POSITION = _gauge(
    "log_position", "The place of the last event in the log: what all hosts and all commands have recorded."
)
IN_PROGRESS = _gauge("deals_in_progress", "Deals whose life is not closed.")
WAKES_WAITING = _gauge("wakes_waiting", "Deals that must be woken and were not yet.")
OLDEST_WAKE = _gauge("oldest_wake_seconds", "How long the oldest of them has waited: the lag of the relay.")
OVERDUE = _gauge("deals_overdue", "Deals whose timer should have fired and that were not looked at.")
OLDEST_OVERDUE = _gauge("oldest_overdue_seconds", "How long ago the oldest of these timers should have fired.")
OUTBOX_WAITING = _gauge("outbox_waiting", "Notices that wait to be delivered, without those held by an import.")
OUTBOX_AGE = _gauge("outbox_age_seconds", "How long ago the oldest notice that waits was written.")
OUTBOX_OVERDUE = _gauge("outbox_overdue_seconds", "How long ago the earliest delivery was due; 0 when none is.")
PROJECTION_EVENTS = _gauge("projection_lag_events", "Places in the log that the board has not taken in.")
PROJECTION_SECONDS = _gauge("projection_lag_seconds", "How long ago the first event that the board lacks was recorded.")

CATALOGUE: Mapping[str, Metric] = {found.name: found for found in list(vars().values()) if isinstance(found, Metric)}


class Measured:
    """The counters and histograms of one process; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counters: dict[tuple[Metric, Labels], float] = {}
        self._histograms: dict[tuple[Metric, Labels], _Histogram] = {}

    def count(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """One more, or `by` more."""
        with self._lock:
            key = metric, labels
            self._counters[key] = self._counters.get(key, 0) + by

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """One value of a histogram."""
        with self._lock:
            held = self._histogram(metric, labels)
            held.counts[bisect_left(metric.buckets, value)] += 1
            held.total += value

    def take(self) -> list[Reading]:
        """What was moved since the last time, which counts from zero again; tests begin with it."""
        with self._lock:
            taken = [*self._readings()]
            self._counters, self._histograms = {}, {}
        return taken

    def read(self) -> list[Reading]:
        """Everything now; what has no labels is there from the start, so that its first move is seen as one."""
        with self._lock:
            found = [*self._readings()]
        moved = {metric for metric, _, _ in found}
        for metric in CATALOGUE.values():
            if not metric.labels and metric not in moved and metric.kind is not Kind.GAUGE:
                empty = Distribution((0,) * (len(metric.buckets) + 1), 0) if metric.buckets else 0.0
                found.append((metric, (), empty))
        return found

    def _readings(self) -> Iterator[Reading]:
        for (metric, labels), value in self._counters.items():
            yield metric, labels, value
        for (metric, labels), held in self._histograms.items():
            yield metric, labels, Distribution(tuple(held.counts), held.total)

    def _histogram(self, metric: Metric, labels: Labels) -> "_Histogram":
        key = metric, labels
        held = self._histograms.get(key)
        if held is None:
            held = self._histograms[key] = _Histogram([0] * (len(metric.buckets) + 1))
        return held


@dataclass(slots=True)
class _Histogram:
    counts: list[int]
    total: float = 0.0


_measured = Measured()
_sources: list[Source] = []
count, observe, take = _measured.count, _measured.observe, _measured.take


def read() -> list[Reading]:
    """Every metric of this process now: what was counted, and what the sources say when asked."""
    return [*_measured.read(), *(reading for source in tuple(_sources) for reading in source())]


@contextmanager
def given_by(source: Source) -> Iterator[None]:
    """Have this source asked at each reading while the block runs."""
    _sources.append(source)
    try:
        yield
    finally:
        _sources.remove(source)
