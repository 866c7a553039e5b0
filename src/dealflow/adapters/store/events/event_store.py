"""The event store over a database: chained, encrypted, all or nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from eventsourcing.persistence import IntegrityError, Notification, StoredEvent

from dealflow.adapters.store.canonical import canonical
from dealflow.adapters.store.database import CommitLost, Database, Row, chunks, reachable
from dealflow.adapters.store.events.checks import check_appends
from dealflow.adapters.store.events.codec import StoredBytes, decode, digest, encode, stamp_of
from dealflow.adapters.store.events.external_ids import external_rows
from dealflow.adapters.store.events.fingerprint import without_personal
from dealflow.adapters.store.events.personal import has_personal
from dealflow.adapters.store.keys.key import Key, KeyStore
from dealflow.adapters.store.rows.sealed import unsealed
from dealflow.adapters.store.rows.tables import TransactionRows, held_by, rows_of
from dealflow.adapters.store.store_clock import StoreClock
from dealflow.adapters.store.unusable import unusable
from dealflow.application.ports.store import (
    Append,
    CommandRepeated,
    CommandRow,
    Conflict,
    Correlated,
    EventUnreadable,
    Head,
    HeldBy,
    Logged,
    OutcomeUnknown,
    StoreUnreachable,
    Stream,
)
from dealflow.domain.deal.events import Recorded, Stamp
from dealflow.domain.values.phrase import phrase, phrase_of

_STREAMS = "SELECT originator_id FROM stored_events WHERE originator_version = 1 AND substr(originator_id, 1, ?) = ?"
EVENTS_OF = """
    SELECT originator_id, originator_version, topic, state FROM stored_events
    WHERE originator_id IN ({list}) ORDER BY originator_id, originator_version"""
EVENTS_AT = """
    SELECT originator_id, originator_version, topic, state FROM stored_events
    WHERE (originator_id, originator_version) IN (VALUES {list})"""
_LENGTH = "SELECT COALESCE(MAX(originator_version), 0) AS number FROM stored_events WHERE originator_id = ?"
_HELD = "SELECT key, revision, holders FROM unique_values WHERE key IN ({list})"
_COMMANDS = "SELECT command_id, content, answer FROM commands WHERE command_id IN ({list})"

_STAMP = b'"stamp":{"actor":'
_CORRELATED = """
    SELECT originator_id, MIN(originator_version) AS first, COUNT(*) AS events,
        MIN(CASE WHEN topic = 'deal.opened.v1' THEN originator_version END) AS opened
    FROM stored_events WHERE {stamped}"""
_COMPARED = """
    AND {position} {comparison} (
        SELECT {position} FROM stored_events WHERE originator_id = ? AND originator_version = ?)"""


class SqlEventStore:
    """An EventStore; safe to use from several threads."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database, self._keys = database, keys
        self._clock: StoreClock | None = None

    def load(self, stream: str) -> Stream:
        return self.load_many([stream]).get(stream) or Stream()

    def load_many(self, streams: Sequence[str]) -> dict[str, Stream]:
        loaded: dict[str, Stream] = {}
        for some in chunks(sorted(set(streams))):
            stored = [bytes_of(row) for row in self._database.select_among(EVENTS_OF, some)]
            for recorded in decode(stored, self._keys):
                loaded.setdefault(recorded.stream, Stream()).append(recorded)
            for last in {event.stream: event for event in stored}.values():
                loaded[last.stream].head = _head(loaded[last.stream][-1].stamp, last)
        return loaded

    def length(self, stream: str) -> int:
        return int(self._database.select(_LENGTH, (stream,))[0]["number"])

    def event(self, stream: str, version: int) -> Recorded | None:
        found = decode(self._events_at([(stream, version)]), self._keys)
        return found[0] if found else None

    def append(self, appends: Sequence[Append]) -> None:
        check_appends(appends)
        stamps = [stamp.recorded_at for append in appends for _, stamp in append.facts]
        if self._clock is not None:
            self._clock.check_append(stamps)
        keys = self._keys_for(appends)
        appends = [without_personal(append, keys) for append in appends]
        events, digests = self._chained(appends, keys)
        rows = rows_of(appends, external_rows(appends, self._keys))
        try:
            with reachable(self._database.place):
                self._insert(events, digests, appends, rows)
        except IntegrityError as error:
            raise self._refusal(error, appends) from error
        if self._clock is not None:
            self._clock.appended(stamps)

    def last_stamp(self) -> datetime | None:
        """When the last event of the log was recorded; None where there is none, or where it cannot be read."""
        try:
            last = self.log(self.head() - 1, 1)
        except EventUnreadable:
            return None
        return last[-1].recorded.stamp.recorded_at if last else None

    def use_clock(self, clock: StoreClock) -> None:
        """From here on every append is held against this clock."""
        self._clock = clock

    def commands(self, keys: Sequence[str]) -> list[CommandRow]:
        return [
            CommandRow(row["command_id"], row["content"], row["answer"])
            for some in chunks(keys)
            for row in self._database.select_among(_COMMANDS, some)
        ]

    def held(self, keys: Sequence[str]) -> dict[str, HeldBy]:
        rows = [row for some in chunks(keys) for row in self._database.select_among(_HELD, some)]
        return {row["key"]: held_by(row) for row in rows}

    def log(self, after: int, limit: int) -> list[Logged]:
        with reachable(self._database.place):
            found = self._database.recorder.select_notifications(after, limit, inclusive_of_start=False)
        recorded = decode([_stored(event) for event in found], self._keys)
        return [Logged(event.id, known) for event, known in zip(found, recorded, strict=True)]

    def correlated(
        self, correlation_id: str, behind: tuple[str, int] | None = None, before: tuple[str, int] | None = None
    ) -> list[Correlated]:
        # Whatever a fact holds, it stands before the stamp, and a quotation mark in a value has a backslash before it.
        values: list[Any] = [_STAMP, canonical({"correlation_id": correlation_id})[1:-1]]
        statement = _CORRELATED.format(stamped=self._database.stamped)
        for place, comparison in ((behind, ">"), (before, "<")):
            if place is not None:
                statement += _COMPARED.format(position=self._database.position, comparison=comparison)
                values += place
        rows = self._database.select(f"{statement} GROUP BY originator_id", values)
        found = [
            Correlated(row["originator_id"], row["first"], row["events"], row["opened"] == row["first"]) for row in rows
        ]
        return sorted(found, key=lambda one: one.stream)

    def head(self) -> int:
        with reachable(self._database.place):
            return self._database.recorder.max_notification_id() or 0

    def streams(self, prefix: str) -> list[str]:
        rows = self._database.select(_STREAMS, (len(prefix), prefix))
        return sorted(row["originator_id"] for row in rows)

    def _chained(self, appends: Sequence[Append], keys: Mapping[str, Key]) -> tuple[list[StoredEvent], list[str]]:
        """The events to insert, and their digests.

        The predecessor was read before the transaction: it never changes, and a version that another one took meanwhile
        is refused by the database.
        """
        heads = self._heads(appends)
        events: list[StoredEvent] = []
        digests: list[str] = []
        for append in appends:
            head = heads.get(append.stream)
            if (head.version if head else 0) != append.version:
                raise Conflict(f"{append.stream} has no event {append.version}")
            for fact, stamp in append.facts:
                if head and stamp.recorded_at < head.recorded_at:
                    raise ValueError(f"event {stamp.version} of {append.stream} is recorded before its predecessor")
                stored = encode(append.stream, fact, stamp, head.digest if head else "", keys.get(append.subject))
                head = _head(stamp, stored)
                events.append(StoredEvent(stored.stream, stored.version, stored.topic, stored.state))
                digests.append(head.digest)
            if head:
                heads[append.stream] = head
        return events, digests

    def _heads(self, appends: Sequence[Append]) -> dict[str, Head]:
        """The event that each stream's first append follows; read here where its caller has not read it."""
        first: dict[str, Append] = {}
        for append in appends:
            first.setdefault(append.stream, append)
        heads = {stream: append.head for stream, append in first.items() if append.head}
        unread = [(stream, append.version) for stream, append in first.items() if append.version and not append.head]
        return heads | {event.stream: _head(stamp_of(event), event) for event in self._events_at(unread)}

    def _insert(
        self, events: Sequence[StoredEvent], digests: Sequence[str], appends: Sequence[Append], rows: TransactionRows
    ) -> None:
        try:
            self._database.recorder.insert_events(events, rows=rows, unsealed=unsealed(appends, digests, rows))
            return
        except CommitLost as error:
            lost = error
        if not lost.is_over:
            store = phrase("the store ({place})", place=self._database.place)
            raise _outcome_unknown(unusable(store, lost)) from lost
        try:
            stands = self._stands(events, [append.command for append in appends if append.command])
        except StoreUnreachable as away:
            raise _outcome_unknown(away) from lost
        if not stands:
            raise lost.refusal or lost

    def _stands(self, events: Sequence[StoredEvent], commands: Sequence[CommandRow]) -> bool:
        """Whether these very rows are there: one transaction wrote all of them, or none."""
        rows = {row.key: row for row in self.commands([command.key for command in commands])}
        there = self._events_at([(str(event.originator_id), event.originator_version) for event in events])
        written = {(event.stream, event.version): event.state for event in there}
        return all(rows.get(command.key) == command for command in commands) and all(
            written.get((str(event.originator_id), event.originator_version)) == event.state for event in events
        )

    def _events_at(self, places: Sequence[tuple[str, int]]) -> list[StoredBytes]:
        found: list[StoredBytes] = []
        for some in chunks(places):
            found += map(bytes_of, self._database.select_at(EVENTS_AT, some))
        return found

    def _keys_for(self, appends: Sequence[Append]) -> dict[str, Key]:
        subjects = {
            append.subject
            for append in appends
            if (append.command and append.command.personal) or any(has_personal(fact) for fact, _ in append.facts)
        }
        return self._keys.obtain(subjects) if subjects else {}

    def _refusal(self, error: IntegrityError, appends: Sequence[Append]) -> Exception:
        table = self._database.violated(error)
        # Two seals of one number: somebody else was faster, on a server that reads as of the transaction's beginning.
        if table in ("stored_events", "unique_values", "external_ids", "seals"):
            return Conflict(", ".join(sorted({append.stream for append in appends})[:3]))
        if table == "commands":
            for row in self.commands([append.command.key for append in appends if append.command]):
                return CommandRepeated(row.key)
        return error


def _outcome_unknown(problem: StoreUnreachable) -> OutcomeUnknown:
    return OutcomeUnknown(
        phrase(
            "{problem}; what was asked may have been carried out, and may be sent again under the same id",
            problem=phrase_of(problem),
        )
    )


def _head(stamp: Stamp, stored: StoredBytes) -> Head:
    return Head(stamp.version, stamp.recorded_at, digest(stored.state))


def bytes_of(row: Row) -> StoredBytes:
    """An event as its row has it."""
    return StoredBytes(row["originator_id"], row["originator_version"], row["topic"], _bytes(row["state"]))


def _stored(event: Notification) -> StoredBytes:
    return StoredBytes(str(event.originator_id), event.originator_version, event.topic, _bytes(event.state))


def _bytes(state: object) -> bytes:
    """A state that somebody emptied, or wrote as text or as a number, cannot be read either, and says so as any other."""
    if isinstance(state, bytes | bytearray | memoryview):
        return bytes(state)
    # The bytes of a number would be as many zeros.
    return b"" if state is None else str(state).encode(errors="backslashreplace")
