"""The schedule over a database: one row per deal, written by the appending transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from dealflow.adapters.store.database import Database, Row, listed
from dealflow.adapters.store.instants import from_micros, to_micros
from dealflow.adapters.store.rows.tables import PUT_SCHEDULE, schedule_row
from dealflow.adapters.store.seal.marks import SCHEDULE_ROWS
from dealflow.application.ports.schedule import Mark, ScheduleChange, Scheduled

# its timer should have fired has patience counted from that signal. What was written by a clock that is ahead says nothing
# of its age, and waits for nobody's clock.
_WAITING = """
    SELECT s.* FROM deal_schedule s JOIN (
        SELECT deal_id, MIN(since) AS since FROM (
            SELECT deal_id, wake_at AS since FROM deal_schedule
                WHERE wake_version > signalled_version AND wake_version > seen_version AND wake_at <= ?
            UNION ALL SELECT deal_id, wake_at AS since FROM deal_schedule
                WHERE wake_version > signalled_version AND wake_version > seen_version AND wake_at > ?
            UNION ALL SELECT deal_id, signalled_at AS since FROM deal_schedule
                WHERE signalled_version > seen_version AND (signalled_at <= ? OR signalled_at > ?)
            UNION ALL SELECT deal_id, armed_at AS since FROM deal_schedule
                WHERE in_progress = 1 AND armed_at <= ?
                    AND (signalled_at IS NULL OR signalled_at <= ? OR signalled_at > ?)
        ) AS due GROUP BY deal_id ORDER BY MIN(since), deal_id LIMIT ?
    ) AS oldest ON oldest.deal_id = s.deal_id ORDER BY oldest.since, s.deal_id"""
_SIGNALLED = """
    UPDATE deal_schedule SET signalled_version = ?, signalled_at = ? WHERE deal_id = ? AND signalled_version <= ?"""
_SEEN = "UPDATE deal_schedule SET seen_version = ?, armed_at = ? WHERE deal_id = ? AND seen_version <= ?"
# Nothing that a wrong row says is kept; SQLite's may have any value in any column.
_AWAY = "DELETE FROM deal_schedule WHERE deal_id = ? AND CAST(version AS BIGINT) <= ?"
_IN_PROGRESS = "SELECT * FROM deal_schedule WHERE in_progress = 1 AND deal_id > ? ORDER BY deal_id LIMIT ?"

_NUMBERS = ("opening", "in_progress", "version", "wake_version", "signalled_version", "seen_version", "run")


class SqlSchedule:
    """A Schedule; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, now: datetime, *, grace_seconds: float, patience_seconds: float, limit: int) -> list[Scheduled]:
        grace = to_micros(now - timedelta(seconds=grace_seconds))
        patience = to_micros(now - timedelta(seconds=patience_seconds))
        ahead = to_micros(now + timedelta(seconds=grace_seconds))
        return self._select(_WAITING, grace, ahead, patience, ahead, patience, patience, ahead, limit)

    def signalled(self, deal_id: str, version: int, at: datetime) -> None:
        self.note([Mark(deal_id, version, at, seen=False)])

    def seen(self, deal_id: str, version: int, armed_at: datetime | None) -> None:
        self.note([Mark(deal_id, version, armed_at, seen=True)])

    def note(self, marks: Sequence[Mark]) -> None:
        # In the order in which appends take the rows, so that neither waits for the other.
        self._database.change_marked(
            SCHEDULE_ROWS,
            *(
                (_SEEN if mark.seen else _SIGNALLED, (mark.version, to_micros(mark.at), mark.deal_id, mark.version))
                for mark in sorted(marks, key=lambda mark: mark.deal_id)
            ),
        )

    def in_progress(self, after: str = "", limit: int = 1000) -> list[Scheduled]:
        return self._select(_IN_PROGRESS, after, limit)

    def get(self, deal_id: str) -> Scheduled | None:
        found = self._select("SELECT * FROM deal_schedule WHERE deal_id = ?", deal_id)
        return found[0] if found else None

    def put(self, deal_id: str, version: int, change: ScheduleChange, at: datetime) -> None:
        row = schedule_row(deal_id, version, change, at)
        put = listed(PUT_SCHEDULE, 1, f"({listed('{list}', len(row))})")
        self._database.change_marked(SCHEDULE_ROWS, (_AWAY, (deal_id, version)), (put, row))

    def _select(self, statement: str, *values: Any) -> list[Scheduled]:
        # One that was damaged holds up no other: `doctor --deep` names it, and `reconcile` writes it anew.
        return [known for row in self._database.select(statement, values) if (known := readable(row))]


def readable(row: Row) -> Scheduled | None:
    """A row of `deal_schedule`; None for one that was damaged."""
    try:
        return scheduled(row)
    except (TypeError, ValueError, OverflowError):
        return None


def scheduled(row: Row) -> Scheduled:
    """A row of `deal_schedule`; raise TypeError, ValueError or OverflowError for one that was damaged."""
    if not isinstance(row["deal_id"], str) or not all(isinstance(row[column], int) for column in _NUMBERS):
        raise TypeError
    return Scheduled(
        deal_id=row["deal_id"],
        opening=row["opening"],
        in_progress=bool(row["in_progress"]),
        version=row["version"],
        next_due=from_micros(row["next_due"]),
        wake_version=row["wake_version"],
        wake_at=from_micros(row["wake_at"]),
        signalled_version=row["signalled_version"],
        signalled_at=from_micros(row["signalled_at"]),
        seen_version=row["seen_version"],
        armed_at=from_micros(row["armed_at"]),
        run=row["run"],
    )
