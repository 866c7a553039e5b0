"""Whether everything in the store is as it was sealed: each link of the chain, what it covers, and what nothing covers."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar, get_args

from pydantic import Field

from dealflow.application.audit.rows import StoreRows
from dealflow.application.audit.sealed import (
    Begun,
    Marked,
    MarkedRow,
    SealedSchedule,
    SealRows,
    StillThere,
    StoredSeal,
)
from dealflow.application.audit.stream_checks import RESTORE, Finding, finding
from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.store import said_of_key
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, counted, phrase

T = TypeVar("T")
_RECONCILE = phrase("`dealflow reconcile` writes it anew")
_KEYS = phrase(
    "put the key file of this store in its place, or name it by DEALFLOW_SEAL_KEYS, and look again; until then nothing is"
    " written"
)


class Sealed(Frozen):
    """What the seals cover: how many there are, and since when; None: since the first event.

    What was there before `since` is as it stood then, which does not say that it is genuine. `not_checked` counts seals whose
    key is not here, `not_provable` the rows of each kind that were changed: an earlier state of one, put back, would pass.
    """

    seals: int = 0
    since: datetime | None = None
    reason: str = ""
    not_checked: int = 0
    not_provable: dict[Marked, int] = Field(default_factory=dict)


class SealCheck:
    """Follows the chain from its first link to the last, and then asks of each row that is there whether a seal covers it."""

    def __init__(self, seals: SealRows, rows: StoreRows, *, page: int = 200) -> None:
        self._seals, self._rows, self._page = seals, rows, page
        self._last: StoredSeal | None = None
        self._number = 0
        self._begun: Begun | None = None
        # Digests of names instead of names: of a million commands they take a tenth of the room.
        self._lengths: dict[str, int] = {}
        self._commands: set[int] = set()
        self._notices: set[int] = set()
        self._schedule: dict[str, SealedSchedule] = {}
        self._no_key: Counter[str] = Counter()
        self._before = 0
        self._held: set[int] = set()
        self._not_provable: Counter[Marked] = Counter()

    @property
    def sealed(self) -> Sealed:
        """What was found, once it was checked."""
        return Sealed(
            seals=self._number,
            since=self._begun.at if self._begun else None,
            reason=self._begun.reason if self._begun else "",
            not_checked=self._before + sum(self._no_key.values()),
            not_provable=dict(self._not_provable),
        )

    def check(self) -> Iterator[Finding]:
        """Every fault of the seal."""
        yield from self._follow()
        yield from self._uncovered_streams()
        yield from self._uncovered("command", self._commands, lambda row: row.key, self._rows.commands)
        yield from self._uncovered("notice", self._notices, lambda row: row.key, self._rows.notices)
        yield from self._schedules()
        for kind in get_args(Marked):
            yield from self._marks(kind)
        for key_id, number in sorted(self._no_key.items()):
            yield _finding(
                counted(
                    "{n} seal cannot be checked: its key {key} is not here",
                    "{n} seals cannot be checked: their key {key} is not here",
                    number,
                    key=key_id,
                ),
                _KEYS,
            )

    def _follow(self) -> Iterator[Finding]:
        """The links behind the last one that was looked at, with what they cover."""
        while page := self._seals.seals(self._number, self._page):
            still = self._seals.still_there(page)
            for seal in page:
                yield from self._link(seal)
                if seal.holds is not None:
                    yield from self._items(seal, still)
                self._cover(seal)
                if seal.holds is None:
                    self._no_key[seal.key_id] += 1

    def _link(self, seal: StoredSeal) -> Iterator[Finding]:
        """It is of its key, and comes right behind the one before."""
        if seal.number != self._number + 1:
            yield _finding(
                phrase("seals {first} to {last} are not there", first=self._number + 1, last=seal.number - 1)
            )
        elif seal.holds is False:
            yield _finding(phrase("seal {number}, or the one before it, was altered", number=seal.number))
        elif self._last and self._last.key_id != seal.key_id and not seal.follows:
            yield _finding(phrase("seal {number} has another key, which nobody has added", number=seal.number))
        self._last, self._number = seal, seal.number

    def _items(self, seal: StoredSeal, still: StillThere) -> Iterator[Finding]:
        """What it covers is there, and is the same."""
        if events := seal.events:
            for version, digest in enumerate(events.digests, start=events.first):
                place = (events.stream, version)
                position = events.position + version - events.first
                if found := _event_fault(place, digest, position, still):
                    yield finding("seal", events.stream, found, RESTORE, version)
        for stream in seal.streams:
            place = (stream.stream, stream.length)
            found = _event_fault(place, stream.digest, None, still)
            if not found and still.streams.get(stream.stream) != stream.positions:
                found = phrase("the events of {stream} stand at other places of the log", stream=stream.stream)
            if found:
                yield finding("seal", stream.stream, found, RESTORE, stream.length)
        for command_id, digest in seal.commands.items():
            if still.commands.get(command_id) != digest:
                gone = command_id not in still.commands
                yield _finding(
                    phrase("command {command} is not there, and was sealed", command=said_of_key(command_id))
                    if gone
                    else phrase("command {command} is not as it was sealed", command=said_of_key(command_id))
                )
        for key, digest in seal.notices.items():
            # Whoever asks for a notice that is there already changes nothing: the first one counts.
            if hash(key) not in self._notices and still.notices.get(key) != digest:
                gone = key not in still.notices
                yield _finding(
                    phrase("notice {notice} is not there, and was sealed", notice=key)
                    if gone
                    else phrase("notice {notice} is not as it was sealed", notice=key)
                )

    def _cover(self, seal: StoredSeal) -> None:
        if seal.begun:
            self._begun = seal.begun
            self._lengths.clear()
            self._commands.clear()
            self._notices.clear()
            self._held.clear()
            self._schedule.clear()
            # What the lost key had sealed stands as it stood when the store was sealed again.
            self._before += sum(self._no_key.values())
            self._no_key.clear()
        if seal.events:
            self._lengths[seal.events.stream] = seal.events.last
        self._lengths.update((stream.stream, stream.length) for stream in seal.streams)
        self._commands.update(map(hash, seal.commands))
        self._notices.update(map(hash, seal.notices))
        self._held.update(map(hash, seal.held))
        if seal.schedule and seal.holds is not None:
            self._schedule[seal.schedule.deal_id] = seal.schedule

    def _uncovered_streams(self) -> Iterator[Finding]:
        for name, events in _pages(self._rows.streams, lambda row: row[0], self._page):
            if events <= self._lengths.get(name, 0):
                continue
            yield from self._follow()
            covered = self._lengths.get(name, 0)
            if events <= covered:
                continue
            says = (
                phrase(
                    "event {version} of {stream} has no seal: dealflow has not written it", version=events, stream=name
                )
                if events == covered + 1
                else phrase(
                    "events {first} to {last} of {stream} have no seal: dealflow has not written them",
                    first=covered + 1,
                    last=events,
                    stream=name,
                )
            )
            yield finding("seal", name, says, RESTORE, covered + 1)

    def _uncovered(
        self, what: str, covered: set[int], key: Callable[[T], str], read: Callable[[str, int], list[T]]
    ) -> Iterator[Finding]:
        for row in _pages(read, key, self._page):
            if hash(key(row)) not in covered:
                yield from self._follow()
            if hash(key(row)) not in covered:
                yield _finding(
                    phrase("command {command} has no seal: dealflow has not written it", command=said_of_key(key(row)))
                    if what == "command"
                    else phrase("notice {notice} has no seal: dealflow has not written it", notice=key(row))
                )

    def _schedules(self) -> Iterator[Finding]:
        for row in _pages(self._rows.schedule, lambda row: row.deal_id, self._page):
            sealed = self._schedule.get(row.deal_id)
            # A row of a later version belongs to an append that came meanwhile; an older one is found against its stream.
            if sealed and sealed.version == row.version and not _is_as_sealed(row, sealed):
                says = phrase("the schedule of deal {deal} is not as it was sealed", deal=row.deal_id)
                yield finding("seal", stream_of(row.deal_id), says, _RECONCILE, row.version)

    def _marks(self, kind: Marked) -> Iterator[Finding]:
        def read(after: str, limit: int) -> list[MarkedRow]:
            return self._seals.marked(kind, after, limit)

        there: set[int] = set()
        for row in _pages(read, lambda row: row.key, self._page):
            there.add(hash(row.key))
            if row.changes:
                self._not_provable[kind] += 1
            if row.holds is None:
                self._no_key[row.key_id] += 1
            elif not row.holds and not row.is_new:
                yield _finding(_altered(kind, row.key))
        gone = self._held - there
        if kind == "value" and gone:
            yield _finding(
                counted(
                    "who holds a value that may stand once was removed",
                    "who holds {n} values that may stand once was removed",
                    len(gone),
                )
            )


def _altered(kind: Marked, key: str) -> Phrase:
    match kind:
        case "schedule":
            return phrase("what the schedule says of the workflow of deal {deal} was altered", deal=key)
        case "notice":
            return phrase("what became of notice {notice} was altered", notice=key)
        case "batch":
            return phrase("the row of batch {batch} was altered", batch=key)
        case "value":
            return phrase("who holds a value that may stand once was altered: {value}", value=key)
        case "lease":
            return phrase("the lease of the {part} was altered", part=key)


def _event_fault(place: tuple[str, int], digest: str, position: int | None, still: StillThere) -> Phrase | None:
    stream, version = place
    if place not in still.events:
        return phrase("event {version} of {stream} is not there, and was sealed", version=version, stream=stream)
    if still.events[place] != digest:
        return phrase("event {version} of {stream} is not as it was sealed", version=version, stream=stream)
    if position is not None and still.positions[place] != position:
        return phrase("event {version} of {stream} stands at another place of the log", version=version, stream=stream)
    return None


def _is_as_sealed(row: Scheduled, sealed: SealedSchedule) -> bool:
    said = (sealed.run, sealed.opening, sealed.in_progress, sealed.next_due)
    return (row.run, row.opening, row.in_progress, row.next_due) == said and (
        row.wake_version >= row.version or not sealed.wake
    )


def _finding(says: Phrase, do: Phrase = RESTORE) -> Finding:
    return Finding(check="seal", says=says, do=do)


def _pages(read: Callable[[str, int], Sequence[T]], key: Callable[[T], str], size: int) -> Iterator[T]:
    after = ""
    while page := read(after, size):
        yield from page
        after = key(page[-1])
