"""The last step of an upgrade: what older versions did not keep is written in one transaction with the version."""

from collections.abc import Iterable

from eventsourcing.persistence import IntegrityError

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.rows.held import PUT_ONE_HELD
from dealflow.adapters.store.rows.tables import PUT_VERSION, SCHEMA_VERSION, held_rows
from dealflow.application.ports.store import HeldBy

_DELETE = "DELETE FROM unique_values"
# A row that the table does not take where events were appended since they were counted: then nothing is written.
_STILL = """
    INSERT INTO unique_values (key, base, revision, holders)
    SELECT '', 0, CASE WHEN COUNT(*) = ? THEN 0 END, '' FROM stored_events"""
_COUNT = "SELECT COUNT(*) AS number FROM stored_events"


class SqlUpgrade:
    """Of a database that was opened with the tables of this version added and its version left as it was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def schema(self) -> int:
        """The version that the store has now."""
        return int(self._database.select("SELECT version FROM store_version")[0]["version"])

    def events(self) -> int:
        """How many events the store has."""
        return int(self._database.select(_COUNT)[0]["number"])

    def finish(self, held: Iterable[HeldBy], events: int) -> bool:
        """Write who holds the values, and the version; False where the store has other than so many events by now."""
        rows = held_rows(held)
        statements = [(_DELETE, ()), (_STILL, (events,)), (_DELETE, ()), *((PUT_ONE_HELD, row) for row in rows)]
        try:
            self._database.change(*statements, (PUT_VERSION, (SCHEMA_VERSION,)))
        except IntegrityError:
            return False
        return True
