"""A lease over a database: one row, taken and renewed by comparing it with the database's own clock."""

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.instants import from_micros
from dealflow.adapters.store.seal.marks import LEASE_ROWS
from dealflow.application.engine.parts import LeaseState

# Another's is looked at without a lock; only one that has run out, or is ours, is worth a write.
_LOOK = "SELECT holder, since, until, CASE WHEN until > {now} THEN 1 ELSE 0 END AS runs FROM leases WHERE name = ?"
_TAKE = """
    INSERT INTO leases (name, holder, since, until) VALUES (?, ?, {now}, {now} + ?)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until,
        since = CASE WHEN leases.holder = excluded.holder AND leases.until > {now} THEN leases.since ELSE excluded.since END
    WHERE leases.holder = excluded.holder OR leases.until <= {now}"""
_RELEASE = "UPDATE leases SET until = {now} WHERE name = ? AND holder = ? AND until > {now}"


class SqlLease:
    """A Lease; safe to use from several threads. `clock` is the database's clock as an expression, in microseconds."""

    def __init__(self, database: Database, clock: str, name: str) -> None:
        self._database, self._name = database, name
        self._look, self._take, self._release = (
            statement.replace("{now}", clock) for statement in (_LOOK, _TAKE, _RELEASE)
        )

    def take(self, holder: str, seconds: float) -> bool:
        if self._is_others(holder):
            return False
        self._database.change_marked(LEASE_ROWS, (self._take, (self._name, holder, int(seconds * 1_000_000))))
        return not self._is_others(holder)

    def release(self, holder: str) -> None:
        self._database.change_marked(LEASE_ROWS, (self._release, (self._name, holder)))

    def state(self) -> LeaseState | None:
        for row in self._database.select(self._look, (self._name,)):
            return LeaseState(holder=row["holder"], since=from_micros(row["since"]), until=from_micros(row["until"]))
        return None

    def _is_others(self, holder: str) -> bool:
        rows = self._database.select(self._look, (self._name,))
        return any(row["holder"] != holder and row["runs"] for row in rows)
