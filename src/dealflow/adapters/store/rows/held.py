"""The rows of who holds the values that may stand once, as they are compared with the deals and put right."""

from collections.abc import Sequence

from eventsourcing.persistence import IntegrityError

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.rows.tables import PUT_HELD, held_by, held_rows
from dealflow.adapters.store.seal.marks import HELD_ROWS
from dealflow.application.ports.store import HeldBy

_PAGE = "SELECT key, revision, holders FROM unique_values WHERE key > ? ORDER BY key LIMIT ?"
PUT_ONE_HELD = PUT_HELD.replace("{list}", "(?, ?, ?, ?)")


class SqlHeldValues:
    """HeldValues over a database; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, after: str, limit: int) -> list[HeldBy]:
        # What is no text stands behind all texts, and is told as damage.
        return [held_by(row) for row in self._database.select(_PAGE, (after, limit)) if isinstance(row["key"], str)]

    def put(self, changes: Sequence[HeldBy]) -> bool:
        try:
            self._database.change_marked(HELD_ROWS, *((PUT_ONE_HELD, row) for row in held_rows(changes)))
        except IntegrityError:
            return False
        return True
