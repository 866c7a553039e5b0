"""The rows of a database as the invariant check reads them; it changes nothing."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from dealflow.adapters.store.damaged_rows import damaged_rows
from dealflow.adapters.store.database import Database, Row, chunks
from dealflow.adapters.store.events.codec import StoredBytes, decode, digest, previous_of
from dealflow.adapters.store.events.event_store import EVENTS_AT, EVENTS_OF, bytes_of
from dealflow.adapters.store.keys.key import KeyReader
from dealflow.adapters.store.rows.schedule import readable
from dealflow.application.audit.rows import DamagedRow, StoredEvent, StoredNotice
from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.store import CommandRow, EventUnreadable
from dealflow.domain.deal.events import Recorded
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase, phrase_of

T = TypeVar("T")
_STREAMS = """
    SELECT originator_id, COUNT(*) AS number FROM stored_events WHERE originator_id > ?
    GROUP BY originator_id ORDER BY originator_id LIMIT ?"""
_HEADS = """
    SELECT originator_id, MAX(originator_version) AS head FROM stored_events WHERE originator_id IN ({list})
    GROUP BY originator_id"""
_COMMANDS = "SELECT * FROM commands WHERE command_id > ? ORDER BY command_id LIMIT ?"
_COMMANDS_OF = "SELECT * FROM commands WHERE command_id IN ({list})"
_SCHEDULE = "SELECT * FROM deal_schedule WHERE deal_id > ? ORDER BY deal_id LIMIT ?"
_SCHEDULE_OF = "SELECT * FROM deal_schedule WHERE deal_id IN ({list})"
_NOTICES = """
    SELECT n.*, b.batch AS known FROM notices n LEFT JOIN notice_batches b ON b.batch = n.batch
    WHERE n.key > ? ORDER BY n.key LIMIT ?"""
_NOTICE_KEYS = "SELECT key FROM notices WHERE key IN ({list})"


class SqlStoreRows:
    """StoreRows over a database; safe to use from several threads."""

    def __init__(self, database: Database, keys: KeyReader, now: Callable[[], datetime]) -> None:
        self._database, self._keys, self._now = database, keys, now

    def streams(self, after: str, limit: int) -> list[tuple[str, int]]:
        rows = self._database.select(_STREAMS, (after, limit))
        # What is no text stands behind all texts, and is told as damage.
        return [(row["originator_id"], row["number"]) for row in rows if isinstance(row["originator_id"], str)]

    def heads(self, streams: Sequence[str]) -> dict[str, int]:
        return dict(self._some(_HEADS, streams, lambda row: (row["originator_id"], row["head"])))

    def events(self, streams: Sequence[str]) -> list[StoredEvent]:
        # One without a version is told as damage, and as missing where it should stand.
        known = self._some(EVENTS_OF, sorted(streams), _with_version)
        return self._read([event for event in known if event])

    def events_at(self, places: Sequence[tuple[str, int]]) -> list[StoredEvent]:
        found: list[StoredBytes] = []
        for some in chunks(places):
            found += map(bytes_of, self._database.select_at(EVENTS_AT, some))
        return self._read(found)

    def commands(self, after: str, limit: int) -> list[CommandRow]:
        return [_command(row) for row in self._database.select(_COMMANDS, (after, limit))]

    def commands_of(self, keys: Sequence[str]) -> list[CommandRow]:
        return self._some(_COMMANDS_OF, keys, _command)

    def schedule(self, after: str, limit: int) -> list[Scheduled]:
        return [known for row in self._database.select(_SCHEDULE, (after, limit)) if (known := readable(row))]

    def schedule_of(self, deal_ids: Sequence[str]) -> list[Scheduled]:
        return [known for known in self._some(_SCHEDULE_OF, deal_ids, readable) if known]

    def notices(self, after: str, limit: int) -> list[StoredNotice]:
        return [_notice(row) for row in self._database.select(_NOTICES, (after, limit))]

    def damaged(self) -> Iterator[DamagedRow]:
        return damaged_rows(self._database, self._now())

    def notice_keys(self, keys: Sequence[str]) -> set[str]:
        return set(self._some(_NOTICE_KEYS, keys, lambda row: str(row["key"])))

    def _some(self, statement: str, values: Sequence[Any], made: Callable[[Row], T]) -> list[T]:
        found: list[T] = []
        for some in chunks(values):
            found += map(made, self._database.select_among(statement, some))
        return found

    def _read(self, events: Sequence[StoredBytes]) -> list[StoredEvent]:
        try:
            known = decode(events, self._keys)
        except EventUnreadable:
            return [self._read_one(event) for event in events]
        return [_stored(*each) for each in zip(events, known, strict=True)]

    def _read_one(self, event: StoredBytes) -> StoredEvent:
        """One of which some neighbour, or it, cannot be read."""
        try:
            return _stored(event, decode([event], self._keys)[0])
        except EventUnreadable as error:
            return _stored(event, None, phrase_of(error))


def _with_version(row: Row) -> StoredBytes | None:
    return bytes_of(row) if isinstance(row["originator_version"], int) else None


def _stored(event: StoredBytes, recorded: Recorded | None, fault: Phrase = NOTHING) -> StoredEvent:
    state = event.state
    return StoredEvent(event.stream, event.version, digest(state), previous_of(event), recorded, fault, state)


def _command(row: Row) -> CommandRow:
    return CommandRow(row["command_id"], row["content"], row["answer"])


def _notice(row: Row) -> StoredNotice:
    deal_id, fault = "", NOTHING
    try:
        notice = Notice.model_validate_json(row["notice"])
        deal_id = notice.deal_id
        if (notice.key, notice.recipient, notice.batch) != (row["key"], row["recipient"], row["batch"]):
            fault = phrase(
                "its row was altered: the text is {notice} for {recipient}",
                notice=notice.key,
                recipient=notice.recipient,
            )
    except ValidationError:
        fault = phrase("its text was altered")
    return StoredNotice(
        key=row["key"],
        recipient=row["recipient"],
        state=row["state"],
        deal_id=deal_id,
        batch=row["batch"],
        batch_known=row["known"] is not None,
        last_error=row["last_error"],
        is_dated=row["channel"] is not None and row["done_at"] is not None,
        fault=fault,
    )
