"""The database of the read models: a file of its own in the home folder, or a schema of its own on PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from dealflow.adapters.store.sqlite.read_only import copied, is_read_only
from dealflow.adapters.store.unusable import unusable
from dealflow.domain.values.phrase import phrase
from dealflow.settings import without_password

FILE_NAME = "views.sqlite"
SCHEMA_NAME = "dealflow_views"
_BUSY_SECONDS = 30.0
_FILLED_ANEW = phrase("remove the file: it is filled anew from the store")
# Any number that no other part of dealflow takes; whoever makes the tables holds it until the commit.
_MAKING_TABLES = 4_711_001


class ViewDatabase:
    """Transactions that read one state, and transactions that write one at a time."""

    def __init__(self, engine: Engine, name: str, folder: Path | None = None) -> None:
        """`folder` is one of our own, to be removed."""
        self._engine, self.name, self._folder = engine, name, folder
        self._is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """All statements inside see the same state."""
        options = {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._transaction(**options) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing. On SQLite the write lock is taken first, since a reader that becomes a writer may fail."""
        with self._transaction(begins="BEGIN IMMEDIATE") as connection:
            yield connection

    def hold_for_tables(self, connection: Connection) -> None:
        """Until the commit, nobody else makes tables."""
        if not self._is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING_TABLES})")
            there = connection.exec_driver_sql("SELECT to_regnamespace(%s) IS NOT NULL", (SCHEMA_NAME,)).scalar_one()
            if not there:
                # Whoever may not make schemas is refused even where this one is there already.
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA_NAME}")

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def _transaction(self, **options: Any) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise unusable(phrase("the board in {name}", name=self.name), error, restore=_FILLED_ANEW) from error


def open_views(home: Path, database_url: str) -> ViewDatabase:
    """The views of this home folder, or of this PostgreSQL database; nothing is touched before the first question."""
    if database_url:
        import psycopg  # noqa: PLC0415  it loads slowly, and SQLite has no use for it

        # libpq reads the address, with all that may stand in it.
        engine = create_engine(
            "postgresql+psycopg://",
            creator=lambda: psycopg.connect(database_url),
            execution_options={"schema_translate_map": {None: SCHEMA_NAME}},
            pool_pre_ping=True,
        )
        return ViewDatabase(engine, without_password(database_url))
    path = home / FILE_NAME
    folder = None
    if is_read_only(path):
        # What was appended since the board was filled has to be taken in somewhere.
        folder = Path(tempfile.mkdtemp(prefix="dealflow-board-"))
        path = _copy_in(path, folder)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "do_connect", lambda *_: _make(path))
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return ViewDatabase(engine, str(path), folder)


def _copy_in(path: Path, folder: Path) -> Path:
    """A board of our own: a copy of the one there, else an empty one, which is filled from the store."""
    if path.exists():
        with suppress(OSError):
            return copied(path, folder)
    return folder / f"new-{FILE_NAME}"


def _make(path: Path) -> None:
    # The folder may be one that others can read. What is wrong with it, the driver says better.
    with suppress(OSError):
        path.touch(mode=0o600)


def _configure(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself, and not around DDL.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begins", "BEGIN"))
