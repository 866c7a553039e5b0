"""Remembers which Temporal database was last known to hold every workflow: beside the deals, so that all hosts agree."""

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.instants import from_micros
from dealflow.application.engine.parts import Known

_WRITE = """
    INSERT INTO known_server (id, server_id, since) VALUES (1, ?, {now})
    ON CONFLICT (id) DO UPDATE SET server_id = excluded.server_id, since = excluded.since"""


class SqlKnownServer:
    """A KnownServer; when its row is lost, everything is compared once more."""

    def __init__(self, database: Database, clock: str) -> None:
        self._database = database
        self._write = _WRITE.replace("{now}", clock)

    def read(self) -> Known | None:
        for row in self._database.select("SELECT server_id, since FROM known_server"):
            return Known(server_id=row["server_id"], since=from_micros(row["since"]))
        return None

    def write(self, server_id: str) -> None:
        self._database.change((self._write, (server_id,)))
