"""The rows of the parts that run, over a database; every instant in them is by its clock, the only one that all hosts share."""

from datetime import datetime, timedelta

from dealflow.adapters.store.database import Database, Row
from dealflow.adapters.store.instants import from_micros
from dealflow.application.engine.parts import HeartbeatState, Identity, RunningPart

_NOTE = """
    INSERT INTO parts (part, what, host, pid, version, started_at, seen_at, store_since, clock_ahead, temporal,
        temporal_since, temporal_error)
    VALUES (?, ?, ?, ?, ?, {now}, {now}, {now}, ?, ?, {now}, ?)
    ON CONFLICT (part) DO UPDATE SET seen_at = excluded.seen_at, stopped_at = NULL, clock_ahead = excluded.clock_ahead,
        store_since = CASE WHEN ? = 1 THEN excluded.store_since ELSE parts.store_since END,
        temporal_since = CASE WHEN parts.temporal = excluded.temporal THEN parts.temporal_since
            ELSE excluded.temporal_since END,
        temporal = excluded.temporal, temporal_error = excluded.temporal_error"""
_LEAVE = "UPDATE parts SET stopped_at = {now}, seen_at = {now} WHERE part = ? AND stopped_at IS NULL"
_FORGET = """
    DELETE FROM parts WHERE seen_at < {now} - ? AND EXISTS (
        SELECT 1 FROM parts AS later WHERE later.what = parts.what AND later.seen_at > parts.seen_at)"""
_ALL = "SELECT * FROM parts ORDER BY started_at DESC, part"
_LONGEST_ERROR = 500
_MICROSECOND = timedelta(microseconds=1)


class SqlParts:
    """Presences; safe to use from several threads. `clock` is the database's clock as an expression, in microseconds."""

    def __init__(self, database: Database, clock: str) -> None:
        self._database = database
        self._now, self._note, self._leave, self._forget = (
            statement.replace("{now}", clock) for statement in ("SELECT {now} AS micros", _NOTE, _LEAVE, _FORGET)
        )

    def now(self) -> datetime:
        return from_micros(int(self._database.select(self._now)[0]["micros"]))

    def note(self, who: Identity, sign: HeartbeatState) -> None:
        ahead, error = sign.clock_ahead // _MICROSECOND, sign.temporal_error[:_LONGEST_ERROR]
        said = (who.id, who.what, who.host, who.pid, who.version, ahead, sign.temporal, error)
        self._database.change((self._note, (*said, int(sign.store_was_away))))

    def leave(self, part_id: str) -> None:
        self._database.change((self._leave, (part_id,)))

    def forget(self, older_than: timedelta) -> None:
        self._database.change((self._forget, (older_than // _MICROSECOND,)))

    def all(self) -> list[RunningPart]:
        return [_part(row) for row in self._database.select(_ALL)]


def _part(row: Row) -> RunningPart:
    return RunningPart(
        id=row["part"],
        what=row["what"],
        host=row["host"],
        pid=row["pid"],
        version=row["version"],
        started_at=from_micros(row["started_at"]),
        seen_at=from_micros(row["seen_at"]),
        stopped_at=from_micros(row["stopped_at"]),
        store_since=from_micros(row["store_since"]),
        clock_ahead_seconds=row["clock_ahead"] / 1_000_000,
        temporal=row["temporal"],
        temporal_since=from_micros(row["temporal_since"]),
        temporal_error=row["temporal_error"],
    )
