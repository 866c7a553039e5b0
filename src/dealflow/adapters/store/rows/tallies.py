"""How much waits in the store, for gauges: a few counts over indexes, whatever the size of the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dealflow.adapters.store.database import Database, Row
from dealflow.adapters.store.instants import from_micros, to_micros

# A timer that fired a moment ago is being looked at.
_GRACE = timedelta(seconds=5)
_IN_PROGRESS = "SELECT COUNT(*) AS number FROM deal_schedule WHERE in_progress = 1"
_WAKES = """
    SELECT COUNT(*) AS number, MIN(wake_at) AS oldest FROM deal_schedule
    WHERE wake_version > signalled_version AND wake_version > seen_version"""
_OVERDUE = """
    SELECT COUNT(*) AS number, MIN(since) AS oldest FROM (
        SELECT deal_id, MIN(since) AS since FROM (
            SELECT deal_id, signalled_at AS since FROM deal_schedule
                WHERE signalled_version > seen_version AND signalled_at <= ?
            UNION ALL SELECT deal_id, armed_at AS since FROM deal_schedule WHERE in_progress = 1 AND armed_at <= ?
        ) AS each_reason GROUP BY deal_id
    ) AS each_deal"""
_OUTBOX = """
    SELECT COUNT(*) AS number, MIN(n.created_at) AS oldest, MIN(n.next_try_at) AS due
    FROM notices n LEFT JOIN notice_batches b ON b.batch = n.batch
    WHERE n.state = 'waiting' AND (n.batch IS NULL OR b.finished_at IS NOT NULL)"""


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """Counts with the instant of the oldest of each: wakes not sent, looks that did not come, notices not delivered."""

    in_progress: int
    wakes: int
    oldest_wake: datetime | None
    overdue: int
    oldest_overdue: datetime | None
    notices: int
    oldest_notice: datetime | None
    earliest_due: datetime | None


class SqlTallies:
    """Counts over a database; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, now: datetime) -> WaitingCount:
        """Everything as it is now; raise StoreUnreachable."""
        lately = to_micros(now - _GRACE)
        wakes, overdue = self._one(_WAKES), self._one(_OVERDUE, lately, lately)
        outbox = self._one(_OUTBOX)
        return WaitingCount(
            in_progress=self._one(_IN_PROGRESS)["number"],
            wakes=wakes["number"],
            oldest_wake=from_micros(wakes["oldest"]),
            overdue=overdue["number"],
            oldest_overdue=from_micros(overdue["oldest"]),
            notices=outbox["number"],
            oldest_notice=from_micros(outbox["oldest"]),
            earliest_due=from_micros(outbox["due"]),
        )

    def _one(self, statement: str, *values: int) -> Row:
        return self._database.select(statement, values)[0]
