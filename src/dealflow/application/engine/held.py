"""Who holds the values that may stand once, computed from all deals, compared with what the store has, and put right."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dealflow.application.ports.store import EventStore, EventUnreadable, HeldBy, HeldValues
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of, stream_of
from dealflow.domain.track.unique_values import ValueHolder, held_values
from dealflow.domain.values.refusal import CommandRefused

_AT_ONCE = 200


@dataclass
class AllHeld:
    """Every value that is held, by its key; `unread` are the deals that cannot be read, whose values are missing."""

    holders: dict[str, list[ValueHolder]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def rows(self) -> list[HeldBy]:
        """As the index has them."""
        return [HeldBy(key, tuple(sorted(holders)), 1) for key, holders in sorted(self.holders.items())]

    def twice(self) -> list[tuple[ValueHolder, ...]]:
        """The holders of each value that more than one piece holds; the first of them counts."""
        return [row.holders for row in self.rows() if len(row.holders) > 1]


def held_by_all(
    store: EventStore, processes: Processes, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> AllHeld:
    """Fold every deal; `progress` hears how many of how many."""
    found, streams = AllHeld(), store.streams(DEAL_STREAMS)
    for start in range(0, len(streams), _AT_ONCE):
        _add(found, streams[start : start + _AT_ONCE], store, processes)
        progress(min(start + _AT_ONCE, len(streams)), len(streams))
    return found


def _add(found: AllHeld, streams: Sequence[str], store: EventStore, processes: Processes) -> None:
    try:
        loaded = store.load_many(streams)
    except EventUnreadable:
        if len(streams) == 1:
            found.unread.append(deal_of(streams[0]))
            return
        for stream in streams:
            _add(found, [stream], store, processes)
        return
    for stream, recorded in loaded.items():
        try:
            deal = fold(recorded)
            values = held_values(deal, processes.get(deal.process).definition) if deal else ()
        except CommandRefused:
            found.unread.append(deal_of(stream))
            continue
        for value in values:
            found.holders.setdefault(value.key, []).append(value.holder)


@dataclass(frozen=True, slots=True)
class HeldDifference:
    """A value of which the store says other holders than the deals; `stored` is without them where it knows none."""

    stored: HeldBy
    right: tuple[ValueHolder, ...]

    @property
    def mended(self) -> HeldBy:
        """The next revision, with the right holders."""
        return HeldBy(self.stored.key, self.right, self.stored.revision + 1)


def held_differences(
    store: EventStore,
    values: HeldValues,
    processes: Processes,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[HeldDifference]:
    """All values that differ, in a look at the whole and another at these alone, for a store may move meanwhile."""
    found = held_by_all(store, processes, progress)
    known = {row.key: row for row in _stored(values)}
    wrong = sorted(
        key
        for key in known.keys() | found.holders.keys()
        if tuple(sorted(found.holders.get(key, ()))) != (known[key].holders if key in known else ())
    )
    pages = (wrong[start : start + _AT_ONCE] for start in range(0, len(wrong), _AT_ONCE))
    return [difference for some in pages for difference in _looked_again(some, found, store, processes)]


def _stored(values: HeldValues) -> Iterator[HeldBy]:
    after = ""
    while page := values.page(after, _AT_ONCE):
        yield from page
        after = page[-1].key


def _looked_again(
    keys: Sequence[str], found: AllHeld, store: EventStore, processes: Processes
) -> Iterable[HeldDifference]:
    stored = store.held(keys)
    holders = [holder for key in keys for holder in (*found.holders.get(key, ()), *_holders(stored.get(key)))]
    now = AllHeld()
    _add(now, sorted({stream_of(holder.deal) for holder in holders}), store, processes)
    unread = {*found.unread, *now.unread}
    for key in keys:
        right = tuple(sorted(now.holders.get(key, ())))
        # What a deal that cannot be read holds is not known: it keeps what it has.
        kept = tuple(holder for holder in _holders(stored.get(key)) if holder.deal in unread)
        row = stored.get(key) or HeldBy(key)
        if tuple(sorted({*right, *kept})) != row.holders:
            yield HeldDifference(row, tuple(sorted({*right, *kept})))


def _holders(row: HeldBy | None) -> tuple[ValueHolder, ...]:
    return row.holders if row else ()
