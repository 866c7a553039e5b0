"""The seals of a database and what they cover, as the check of the seal reads them; it changes nothing."""

import hmac
from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json

from dealflow.adapters.store.database import Database, Row, chunks
from dealflow.adapters.store.events.codec import digest
from dealflow.adapters.store.events.event_store import bytes_of
from dealflow.adapters.store.instants import from_micros
from dealflow.adapters.store.seal.chain import SealHead, rotation_proof, seal_of
from dealflow.adapters.store.seal.digests import digest_of_row, positions_digest
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.seal.marks import (
    BATCH_ROWS,
    HELD_ROWS,
    LEASE_ROWS,
    NOTICE_ROWS,
    SCHEDULE_ROWS,
    MarkedTable,
    changes_of,
    mark_holds,
)
from dealflow.application.audit.sealed import (
    Begun,
    Marked,
    MarkedRow,
    SealedEvents,
    SealedSchedule,
    SealedStream,
    StillThere,
    StoredSeal,
)
from dealflow.domain.deal.stream import deal_of

_SEALS = "SELECT number, key_id, content, seal FROM seals WHERE number > ? ORDER BY number LIMIT ?"
_BEFORE = "SELECT number, key_id, seal FROM seals WHERE number = ?"
_COMMANDS = "SELECT command_id, content, answer FROM commands WHERE command_id IN ({list})"
_NOTICES = "SELECT key, recipient, batch, notice, created_at FROM notices WHERE key IN ({list})"
_TABLES: dict[Marked, MarkedTable] = {
    "schedule": SCHEDULE_ROWS,
    "notice": NOTICE_ROWS,
    "batch": BATCH_ROWS,
    "lease": LEASE_ROWS,
    "value": HELD_ROWS,
}


class SqlSealRows:
    """SealRows over a database; safe to use from several threads."""

    def __init__(self, database: Database, keys: SealKeys) -> None:
        self._database, self._keys = database, keys
        at = database.position
        self._events = f"""
            SELECT {at} AS position, originator_id, originator_version, topic, state FROM stored_events
            WHERE (originator_id, originator_version) IN (VALUES {{list}})"""  # noqa: S608  the database's own column
        self._positions = f"""
            SELECT {at} AS position, originator_id, originator_version FROM stored_events
            WHERE originator_id IN ({{list}}) ORDER BY originator_id, originator_version"""  # noqa: S608  the database's own column

    def seals(self, after: int, limit: int) -> list[StoredSeal]:
        rows = self._database.select(_SEALS, (after, limit))
        before = self._database.select(_BEFORE, (after,))
        head = SealHead(after, before[0]["key_id"], before[0]["seal"]) if before else SealHead(after, "", "")
        found: list[StoredSeal] = []
        for row in rows:
            found.append(self._stored(row, head))
            head = SealHead(row["number"], row["key_id"], row["seal"])
        return found

    def still_there(self, seals: Sequence[StoredSeal]) -> StillThere:
        places = [(one.events.stream, v) for one in seals if one.events for v in _versions(one.events)]
        streams = {stream.stream: stream for one in seals for stream in one.streams}
        places += [(stream.stream, stream.length) for stream in streams.values()]
        commands = [command_id for one in seals for command_id in one.commands]
        notices = sorted({key for one in seals for key in one.notices})
        events = [row for some in chunks(places) for row in self._database.select_at(self._events, some)]
        positions: dict[str, list[int]] = {name: [] for name in streams}
        for row in self._among(self._positions, sorted(streams)):
            version = row["originator_version"]
            if isinstance(version, int) and version <= streams[row["originator_id"]].length:
                positions[row["originator_id"]].append(row["position"])
        return StillThere(
            events={_place(row): digest(bytes_of(row).state) for row in events},
            positions={_place(row): row["position"] for row in events},
            streams={name: positions_digest(known) for name, known in positions.items()},
            commands={
                row["command_id"]: digest_of_row(row["content"], row["answer"])
                for row in self._among(_COMMANDS, commands)
            },
            notices={
                row["key"]: digest_of_row(row["recipient"], row["batch"], row["notice"], row["created_at"])
                for row in self._among(_NOTICES, notices)
            },
        )

    def marked(self, kind: Marked, after: str, limit: int) -> list[MarkedRow]:
        table = _TABLES[kind]
        statement = f"SELECT * FROM {table.name} WHERE {table.key} > ? ORDER BY {table.key} LIMIT ?"  # noqa: S608  nothing in it comes from outside
        return [
            MarkedRow(
                key=row[table.key],
                key_id=str(row["mark"]).partition(":")[0],
                changes=changes_of(row),
                holds=mark_holds(self._keys, table, row),
                is_new=table.is_new(row),
            )
            for row in self._database.select(statement, (after, limit))
        ]

    def _stored(self, row: Row, head: SealHead) -> StoredSeal:
        number, key_id, content = row["number"], str(row["key_id"]), row["content"]
        secret = self._keys.find(key_id)
        holds = None
        if secret is not None:
            holds = _is_same(row["seal"], seal_of(secret, number, key_id, head.seal, content))
        try:
            said = from_json(content)
            return StoredSeal(number, key_id, holds, self._follows(number, key_id, said, head), **_covered(said))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            return StoredSeal(number, key_id, holds and False)

    def _follows(self, number: int, key_id: str, said: dict[str, Any], head: SealHead) -> bool:
        """Whether this key may come behind the one before."""
        if key_id == head.key_id or not head.key_id or "begun" in said:
            return True
        secret = self._keys.find(head.key_id)
        return secret is None or said.get("rotated") == rotation_proof(secret, number, key_id, head.seal)

    def _among(self, statement: str, values: Sequence[Any]) -> list[Row]:
        return [row for some in chunks(values) for row in self._database.select_among(statement, some)]


def _is_same(stored: object, right: str) -> bool:
    """Whether a column has this digest; SQLite's may have any value."""
    return isinstance(stored, str) and stored.isascii() and hmac.compare_digest(stored, right)


def _covered(said: dict[str, Any]) -> dict[str, Any]:
    """The parts of a StoredSeal that its content says; raise ValueError, TypeError or KeyError for what no seal says."""
    covered: dict[str, Any] = {}
    if "events" in said:
        stream, first, position, *digests = said["events"]
        covered["events"] = events = SealedEvents(stream, int(first), int(position), tuple(map(str, digests)))
        if "schedule" in said:
            opening, in_progress, due, wake, *later_run = said["schedule"]
            (run,) = later_run or (1,)
            covered["schedule"] = SealedSchedule(
                deal_of(stream), events.last, opening, bool(in_progress), from_micros(due), bool(wake), run
            )
    if "command" in said:
        covered["commands"] = dict([said["command"]])
    if "commands" in said:
        covered["commands"] = dict(said["commands"])
    if "notices" in said:
        covered["notices"] = dict(said["notices"])
    covered["held"] = tuple(said.get("held", ()))
    if "streams" in said:
        covered["streams"] = tuple(
            SealedStream(str(name), int(length), digest_of_last, positions)
            for name, length, digest_of_last, positions in said["streams"]
        )
    if "begun" in said:
        at, reason = said["begun"]
        covered["begun"] = Begun(from_micros(at), reason)
    return covered


def _versions(events: SealedEvents) -> range:
    return range(events.first, events.last + 1)


def _place(row: Row) -> tuple[str, int]:
    return row["originator_id"], row["originator_version"]
