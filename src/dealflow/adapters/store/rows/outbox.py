"""The outbox over a database: notices until they were delivered, batches until they are finished."""

from collections.abc import Sequence
from datetime import datetime

from dealflow.adapters.store.database import Database, Row, chunks, listed
from dealflow.adapters.store.instants import from_micros, to_micros
from dealflow.adapters.store.rows.tables import ADD_BATCH
from dealflow.adapters.store.seal.marks import BATCH_ROWS, NOTICE_ROWS
from dealflow.application.ports.outbox import Waiting
from dealflow.domain.escalation.notice import Notice

_RECIPIENTS = """
    SELECT n.recipient, MIN(n.next_try_at) AS next_try_at
    FROM notices n LEFT JOIN notice_batches b ON b.batch = n.batch
    WHERE n.state = 'waiting' AND (n.batch IS NULL OR b.finished_at IS NOT NULL)
    GROUP BY n.recipient ORDER BY MIN(n.next_try_at), n.recipient LIMIT ?"""
_WAITING = """
    SELECT n.* FROM notices n LEFT JOIN notice_batches b ON b.batch = n.batch
    WHERE n.state = 'waiting' AND (n.batch IS NULL OR b.finished_at IS NOT NULL) AND n.recipient = ?
    ORDER BY n.created_at, n.key LIMIT ?"""
_COUNTS = """
    SELECT told, COUNT(*) AS number FROM (
        SELECT CASE WHEN n.state = 'waiting' AND n.batch IS NOT NULL AND b.finished_at IS NULL THEN 'held'
            ELSE n.state END AS told
        FROM notices n LEFT JOIN notice_batches b ON b.batch = n.batch
    ) AS each_notice GROUP BY told"""
_STILL_WAITING = "SELECT COUNT(*) AS number FROM notices WHERE state = 'waiting' AND key IN ({list})"
# Only what still waits: a delivery that is reported twice, or late, changes nothing.
_DELIVERED = """
    UPDATE notices SET state = 'delivered', channel = ?, done_at = ? WHERE state = 'waiting' AND key IN ({list})"""
_FAILED = """
    UPDATE notices SET attempts = attempts + 1, last_error = ?, next_try_at = ?
    WHERE state = 'waiting' AND key IN ({list})"""
_ABANDONED = """
    UPDATE notices SET attempts = attempts + 1, last_error = ?, state = 'abandoned'
    WHERE state = 'waiting' AND key IN ({list})"""
_SUPERSEDED = "UPDATE notices SET last_error = ?, state = 'superseded' WHERE state = 'waiting' AND key IN ({list})"
_FINISH = "UPDATE notice_batches SET finished_at = ? WHERE batch = ? AND finished_at IS NULL"
_LONGEST_ERROR = 2000


class SqlOutbox:
    """An Outbox; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recipients(self, limit: int) -> list[tuple[str, datetime]]:
        rows = self._database.select(_RECIPIENTS, (limit,))
        return [(row["recipient"], from_micros(row["next_try_at"])) for row in rows]

    def waiting(self, recipient: str, limit: int = 10_000) -> list[Waiting]:
        rows = self._database.select(_WAITING, (recipient, limit))
        return [known for row in rows if (known := _readable(row))]

    def all_wait(self, keys: Sequence[str]) -> bool:
        wanted = sorted(set(keys))
        found = (self._database.select_among(_STILL_WAITING, some)[0]["number"] for some in chunks(wanted))
        return int(sum(found)) == len(wanted)

    def delivered(self, keys: Sequence[str], channel: str, at: datetime) -> None:
        self._update(_DELIVERED, (channel, to_micros(at)), keys)

    def failed(self, keys: Sequence[str], error: str, next_try_at: datetime | None) -> None:
        said = error[:_LONGEST_ERROR]
        if next_try_at is None:
            self._update(_ABANDONED, (said,), keys)
        else:
            self._update(_FAILED, (said, to_micros(next_try_at)), keys)

    def superseded(self, keys: Sequence[str], reason: str) -> None:
        self._update(_SUPERSEDED, (reason[:_LONGEST_ERROR],), keys)

    def counts(self) -> dict[str, int]:
        found = {row["told"]: row["number"] for row in self._database.select(_COUNTS)}
        return {told: found.get(told, 0) for told in ("waiting", "delivered", "abandoned", "superseded", "held")}

    def batches(self) -> dict[str, datetime | None]:
        rows = self._database.select("SELECT batch, finished_at FROM notice_batches ORDER BY batch")
        return {row["batch"]: _finished(row["finished_at"]) for row in rows}

    def open_batch(self, batch: str) -> None:
        self._database.change((listed(ADD_BATCH, 1, "(?)"), (batch,)))

    def finish_batch(self, batch: str, at: datetime) -> None:
        self._database.change_marked(
            BATCH_ROWS, (listed(ADD_BATCH, 1, "(?)"), (batch,)), (_FINISH, (to_micros(at), batch))
        )

    def _update(self, statement: str, values: Sequence[object], keys: Sequence[str]) -> None:
        # In one order everywhere, so that two reporters of the same notices cannot block each other.
        some = [(listed(statement, len(part)), (*values, *part)) for part in chunks(sorted(set(keys)))]
        self._database.change_marked(NOTICE_ROWS, *some)


def _finished(at: int | None) -> datetime | None:
    """A damaged instant is none; `doctor --deep` names it."""
    try:
        return None if at is None else from_micros(at)
    except (TypeError, ValueError, OverflowError):
        return None


def _readable(row: Row) -> Waiting | None:
    """None for one that was damaged, which holds up no other: `doctor --deep` names it."""
    try:
        return _waiting(row)
    except (TypeError, ValueError, OverflowError):
        return None


def _waiting(row: Row) -> Waiting:
    return Waiting(
        notice=Notice.model_validate_json(row["notice"]),
        attempts=row["attempts"],
        next_try_at=from_micros(row["next_try_at"]),
        last_error=row["last_error"],
    )
