"""The store on SQLite: write-ahead log, one writer at a time, whole transactions begun as writers."""

import errno
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any

from eventsourcing.persistence import IntegrityError, OperationalError, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor, SQLiteDatastore, SQLiteTransaction

from dealflow.adapters.store.database import Row, chunks, listed, newer_schema, older_schema, reachable
from dealflow.adapters.store.rows.tables import (
    ADD_SEALS,
    ADDED_COLUMNS,
    CREATE_TABLES,
    PUT_IDENTITY,
    PUT_VERSION,
    SCHEMA_VERSION,
    TransactionRows,
)
from dealflow.adapters.store.seal.begin import LAST_SEAL, StoreSeal
from dealflow.adapters.store.seal.chain import UnsealedAppend, sealed_appends
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.seal.marks import MarkedTable
from dealflow.adapters.store.seal.standing import Execute
from dealflow.adapters.store.sqlite.read_only import ReadOnlyFile, is_read_only
from dealflow.adapters.store.unusable import empty, orphaned, unusable
from dealflow.domain.values.phrase import phrase

FILE_NAME = "store.sqlite"
_BUSY_SECONDS = 30
_CONNECTIONS = 16
_OPENING_WAIT_SECONDS = 0.05


class SqliteDatabase:
    """A file; made when it is not there, and never touched when a newer version of dealflow made it.

    One that may only be read is opened for `reading` only; what would change it all the same is refused by SQLite. One of an
    older version is opened for its upgrade only, which writes the version last.
    """

    position = "rowid"
    damaged_events = """
        SELECT originator_id, originator_version, typeof(originator_id) <> 'text' AS originator_id_is_wrong,
            typeof(originator_version) <> 'integer' AS originator_version_is_wrong,
            typeof(topic) <> 'text' AS topic_is_wrong, typeof(state) <> 'blob' AS state_is_wrong
        FROM stored_events WHERE typeof(originator_id) <> 'text' OR typeof(originator_version) <> 'integer'
            OR typeof(topic) <> 'text' OR typeof(state) <> 'blob'"""

    stamped = "instr(substr(state, instr(state, ?)), ?) > 0"

    def __init__(self, home: Path, seal_keys: SealKeys, *, upgrading: bool = False, reading: bool = False) -> None:
        self._upgrading = upgrading
        path = (home / FILE_NAME).absolute()
        self.place = f"SQLite, {path}"
        self._seal = StoreSeal(seal_keys, self.place)
        self._read_only: ReadOnlyFile | None = None
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                # SQLite would write what is left of another store into a new one. Somebody who is faster makes the file first.
                if Path(f"{path}-wal").exists() and not path.exists():
                    raise orphaned(phrase("the store ({place})", place=self.place))
                self._make(path)
            # SQLite would take it for a new one, and throw away what the file beside it has of the last writing.
            if is_empty(path):
                raise empty(phrase("the store ({place})", place=self.place))
            if is_read_only(path):
                if not reading:
                    raise PermissionError(errno.EACCES, phrase("the file is read-only"))
                self._read_only = ReadOnlyFile(path)
        except (OSError, sqlite3.Error) as error:
            raise unusable(phrase("the store ({place})", place=self.place), error) from error
        self._connect(path)

    def select(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        with reachable(self.place), self._datastore.transaction(commit=False) as cursor:
            cursor.execute(statement, tuple(values))
            return [dict(row) for row in cursor.fetchall()]

    def select_among(self, statement: str, values: Sequence[Any]) -> list[Row]:
        return self.select(listed(statement, len(values)), values)

    def select_at(self, statement: str, places: Sequence[tuple[str, int]]) -> list[Row]:
        return self.select(listed(statement, len(places), "(?, ?)"), [value for place in places for value in place])

    def change(self, *statements: tuple[str, Sequence[Any]]) -> None:
        with reachable(self.place), self._datastore.transaction(commit=True) as cursor:
            for statement, values in statements:
                cursor.execute(statement, tuple(values))

    @contextmanager
    def alone(self) -> Iterator[Execute]:
        with reachable(self.place), self._datastore.transaction(commit=True) as cursor:
            yield _executing(cursor)

    def change_marked(self, table: MarkedTable, *statements: tuple[str, Sequence[Any]]) -> None:
        with reachable(self.place), self._datastore.transaction(commit=True) as cursor:
            changed: list[Row] = []
            for statement, values in statements:
                cursor.execute(f"{statement} RETURNING {table.returned}", tuple(values))
                changed += cursor.fetchall()
            marks = self._seal.marks(table, changed, lambda: _last_seal(cursor))
            cursor.executemany(table.put_mark, marks)

    def violated(self, error: IntegrityError) -> str:
        """`UNIQUE constraint failed: commands.command_id` names the table before the dot."""
        return str(error).rpartition("failed: ")[2].partition(".")[0]

    def close(self) -> None:
        self._datastore.close()
        if self._read_only is not None:
            self._read_only.close()

    def _make(self, path: Path) -> None:
        """Put a store there that has its tables already: whoever is ended amid it leaves none, not even an empty file."""
        # Readable by its owner only: the folder may be one that others can read.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        draft = Path(name)
        try:
            self._connect(draft)
            self.close()  # with it the journal goes into the file
            _put_there(draft, path)
        finally:
            for left in (draft, *(Path(f"{draft}{end}") for end in ("-wal", "-shm", "-journal"))):
                left.unlink(missing_ok=True)

    def _connect(self, path: Path) -> None:
        self._datastore = _Datastore(self._read_only.address if self._read_only else str(path))
        self.recorder = _Recorder(self._datastore, self._seal)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        # The first connections to a new file may meet while they change its journal, and SQLite does not wait there.
        ends = time.monotonic() + _BUSY_SECONDS
        while True:
            try:
                with reachable(self.place):
                    self._prepare()
                break
            except sqlite3.Error as error:
                if "locked" in str(error) and time.monotonic() < ends:
                    time.sleep(_OPENING_WAIT_SECONDS)
                    continue
                raise unusable(phrase("the store ({place})", place=self.place), error) from error

    def _prepare(self) -> None:
        found = self._version()
        if found > SCHEMA_VERSION:
            raise newer_schema(self.place, found, SCHEMA_VERSION)
        if found == SCHEMA_VERSION:
            return
        if found and not self._upgrading:
            raise older_schema(self.place, found, SCHEMA_VERSION)
        with self._datastore.transaction(commit=True) as cursor:
            self.recorder._create_table(cursor)  # noqa: SLF001  in the transaction of the other tables
            for statement in CREATE_TABLES:
                cursor.execute(statement.format(text="TEXT", integer="INTEGER"))
            cursor.execute(PUT_IDENTITY, (token_hex(16),))
            _add_columns(cursor)
            if not found:
                cursor.execute(PUT_VERSION, (SCHEMA_VERSION,))

    def _version(self) -> int:
        with self._datastore.transaction(commit=False) as cursor:
            cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_version'")
            if not cursor.fetchall():
                return 0
            cursor.execute("SELECT version FROM store_version")
            return int(cursor.fetchone()["version"])


def is_empty(path: Path) -> bool:
    """Whether a file is there and has no bytes."""
    return path.is_file() and path.stat().st_size == 0


def _put_there(draft: Path, path: Path) -> None:
    """Give the draft its name, unless somebody else was first."""
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:
        # A disk without links.
        with (
            suppress(FileExistsError),
            os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        ):
            file.write(draft.read_bytes())


def _add_columns(cursor: SQLiteCursor) -> None:
    for table, column in ADDED_COLUMNS:
        cursor.execute(f"PRAGMA table_info({table})")
        if column.split()[0] not in {row["name"] for row in cursor.fetchall()}:
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(text='TEXT', integer='INTEGER')}")


def _executing(cursor: SQLiteCursor) -> Execute:
    def execute(statement: str, values: Sequence[Any] = ()) -> list[Row]:
        cursor.execute(statement, tuple(values))
        found: list[Row] = cursor.fetchall()
        return found

    return execute


def _last_seal(cursor: SQLiteCursor) -> Row | None:
    cursor.execute(LAST_SEAL)
    found: Row | None = cursor.fetchone()
    return found


class _Transaction(SQLiteTransaction):
    """A writer says so at once: a reader that turns writer later fails when somebody else wrote in between."""

    def __enter__(self) -> SQLiteCursor:
        cursor = self.connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        except sqlite3.DatabaseError as error:
            raise OperationalError(error) from error
        return cursor


class _Datastore(SQLiteDatastore):
    def __init__(self, address: str) -> None:
        self._writing = Lock()
        super().__init__(
            address,
            lock_timeout=_BUSY_SECONDS,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=_BUSY_SECONDS,
            originator_id_type="text",
        )

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        # A lock of our own: in the pool's, waiting writers hold up readers, and a connection that fails keeps it for ever.
        with self._writer() if commit else nullcontext():
            connection = self.pool.get_connection()
            try:
                with _Transaction(connection, commit=commit) as cursor, cursor:
                    yield cursor
            finally:
                self.pool.put_connection(connection)

    @contextmanager
    def _writer(self) -> Iterator[None]:
        if not self._writing.acquire(timeout=_BUSY_SECONDS):
            raise OperationalError(f"another thread has been writing for {_BUSY_SECONDS} s")
        try:
            yield
        finally:
            self._writing.release()


class _Recorder(SQLiteApplicationRecorder):
    """Writes our rows in the transaction of the events, before them: a repeated command says so even if its deal moved on."""

    def __init__(self, datastore: _Datastore, seal: StoreSeal) -> None:
        super().__init__(datastore)
        self._seal = seal

    def _insert_events(
        self,
        c: SQLiteCursor,
        stored_events: Sequence[StoredEvent],
        *,
        rows: TransactionRows | None = None,
        unsealed: Sequence[UnsealedAppend] = (),
        **kwargs: Any,
    ) -> Sequence[int] | None:
        marked = rows.write(lambda statement, _, some: _put(c, statement, some)) if rows else ()
        last = _last_seal(c)
        head, secret = self._seal.chain_at(last, has_events=lambda: bool(self._max_notification_id(c)))
        positions = super()._insert_events(c, stored_events, **kwargs) or ()
        _put(c, ADD_SEALS, sealed_appends(secret, head, unsealed, positions))
        for table, changed in marked:
            c.executemany(table.put_mark, self._seal.marks(table, changed))
        return positions


def _put(cursor: SQLiteCursor, statement: str, rows: Sequence[tuple[Any, ...]]) -> list[Row]:
    found: list[Row] = []
    for some in chunks(rows):
        mark = f"({listed('{list}', len(some[0]))})"
        cursor.execute(listed(statement, len(some), mark), [value for row in some for value in row])
        found += cursor.fetchall()
    return found
