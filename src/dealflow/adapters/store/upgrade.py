"""The last step of an upgrade: what older versions did not keep is written, and sealed, in one transaction with the version."""

from collections.abc import Iterable

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.rows.held import PUT_ONE_HELD
from dealflow.adapters.store.rows.tables import PUT_VERSION, SCHEMA_VERSION, held_rows
from dealflow.adapters.store.seal.begin import StoreSeal
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.application.ports.store import HeldBy

_COUNT = "SELECT COUNT(*) AS number FROM stored_events"


class SqlUpgrade:
    """Of a database that was opened with the tables of this version added and its version left as it was.

    `now` is the database's clock as an expression, in microseconds.
    """

    def __init__(self, database: Database, keys: SealKeys, now: str) -> None:
        self._database, self._keys, self._now = database, keys, now

    def schema(self) -> int:
        """The version that the store has now."""
        return int(self._database.select("SELECT version FROM store_version")[0]["version"])

    def events(self) -> int:
        """How many events the store has."""
        return int(self._database.select(_COUNT)[0]["number"])

    def finish_sealed(self) -> None:
        """Write the version of a store that is sealed already, whose rows were put right one by one."""
        self._database.change((PUT_VERSION, (SCHEMA_VERSION,)))

    def finish(self, held: Iterable[HeldBy], events: int) -> bool:
        """Write who holds the values, seal everything as it stands, and write the version.

        False where the store has other than so many events by now; raise StoreUnreachable where no key can be kept.
        """
        database = self._database
        with database.alone() as execute:
            if execute(_COUNT, ())[0]["number"] != events:
                return False
            execute("DELETE FROM unique_values", ())
            for row in held_rows(held):
                execute(PUT_ONE_HELD, row)
            execute(PUT_VERSION, (SCHEMA_VERSION,))
            # Last, since its key says from then on that the store was sealed.
            seal = StoreSeal(self._keys, database.place)
            seal.begin_where_events_are(execute, position=database.position, now=self._now)
        return True
