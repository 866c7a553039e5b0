"""The store on PostgreSQL: a pool of connections, one schema for the store and another for the keys."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from inspect import unwrap
from secrets import token_hex
from typing import Any

import psycopg
from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, PersistenceError, StoredEvent
from eventsourcing.postgres import ConnectionPool, PostgresApplicationRecorder, PostgresDatastore
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg.sql import SQL, Identifier
from psycopg_pool import PoolTimeout

from dealflow.adapters.store.database import CommitLost, Row, newer_schema, older_schema, reachable
from dealflow.adapters.store.postgres.keys import CREATE_KEYS
from dealflow.adapters.store.postgres.sealed_append import ALONE, SCHEMA, append_sealed
from dealflow.adapters.store.postgres.statements import arrays, columns, executing, put, spelled
from dealflow.adapters.store.rows.tables import (
    ADDED_COLUMNS,
    CREATE_TABLES,
    PUT_IDENTITY,
    PUT_VERSION,
    SCHEMA_VERSION,
    TransactionRows,
)
from dealflow.adapters.store.seal.begin import LAST_SEAL, StoreSeal
from dealflow.adapters.store.seal.chain import UnsealedAppend
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.seal.marks import MarkedTable
from dealflow.adapters.store.seal.standing import Execute
from dealflow.adapters.store.unusable import unusable
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import phrase
from dealflow.settings import without_password

_CONNECT_SECONDS = 5
# A busy machine needs seconds for a new connection.
_POOL_WAIT_SECONDS = 5.0
_TRIES = 3
_WAIT_SECONDS = 0.2
# A connection lost, a deadlock, a server that ends; what else the server answers, such as a full disk, it answers again.
_MAY_PASS = ("08", "40", "57")
_LOCK_SECONDS = 30
_CONNECTIONS = 20
_IDLE_IN_TRANSACTION_SECONDS = 60.0
# Somebody may have chosen for the whole server that a commit need not be on the disk; what we answer for has to be.
_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"""
# Any number will do that no other application takes on the same database: "dealflow" in telephone letters.
_OPENING_LOCK = 33253569


class PostgresDatabase:
    """A database at an address; its tables are made when they are not there.

    One of an older version is opened for its upgrade only, which writes the version last.
    """

    position = "notification_id"
    damaged_events = """
        SELECT originator_id, originator_version, originator_id IS NULL AS originator_id_is_wrong,
            originator_version IS NULL AS originator_version_is_wrong, topic IS NULL AS topic_is_wrong,
            state IS NULL AS state_is_wrong
        FROM stored_events
        WHERE originator_id IS NULL OR originator_version IS NULL OR topic IS NULL OR state IS NULL"""

    stamped = """
        (SELECT position(sought IN substring(state FROM position(begins IN state)))
        FROM (VALUES (?::bytea, ?::bytea)) AS given (begins, sought)) > 0"""

    def __init__(self, url: str, seal_keys: SealKeys, *, upgrading: bool = False) -> None:
        self._upgrading = upgrading
        self.place = f"PostgreSQL, {without_password(url)}"
        self._seal = StoreSeal(seal_keys, self.place)
        address = self._address(url)
        self._datastore = _Datastore(address)
        try:
            self._prepare(address)
            with reachable(self.place):
                self.recorder = _Recorder(self._datastore, self._seal)
        except psycopg.Error as error:
            self.close()
            raise unusable(phrase("the store ({place})", place=self.place), error) from error
        except BaseException:
            self.close()
            raise

    def select(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        with reachable(self.place):
            # Asking a connection whether it is there takes as long as reading: only whoever finds that it is not asks then.
            for asked in (False, True):
                with self._datastore.connected(asked=asked) as connection:
                    try:
                        return list(connection.execute(spelled(statement), tuple(values), binary=True))
                    except psycopg.OperationalError:
                        if asked or not connection.closed:
                            raise
        raise AssertionError

    def select_among(self, statement: str, values: Sequence[Any]) -> list[Row]:
        # One text whatever their number, which the server plans once.
        return self.select(statement.replace("IN ({list})", "= ANY(%b)"), [list(values)])

    def select_at(self, statement: str, places: Sequence[tuple[str, int]]) -> list[Row]:
        return self.select(statement.replace("VALUES {list}", arrays("ti")), columns(places, 2))

    def change(self, *statements: tuple[str, Sequence[Any]]) -> None:
        with reachable(self.place), self._datastore.transaction(commit=True) as cursor:
            for statement, values in statements:
                cursor.execute(spelled(statement), tuple(values))

    @contextmanager
    def alone(self) -> Iterator[Execute]:
        with (
            reachable(self.place),
            self._datastore.connected(asked=True) as connection,
            connection.transaction(),
        ):
            connection.execute(ALONE)
            yield executing(connection)

    def change_marked(self, table: MarkedTable, *statements: tuple[str, Sequence[Any]]) -> None:
        with reachable(self.place), self._datastore.transaction(commit=True) as cursor:
            changed: list[Row] = []
            for statement, values in statements:
                cursor.execute(spelled(f"{statement} RETURNING {table.returned}"), tuple(values))
                changed += cursor.fetchall()
            for mark in self._seal.marks(table, changed, lambda: cursor.execute(spelled(LAST_SEAL)).fetchone()):
                cursor.execute(spelled(table.put_mark), mark)

    @contextmanager
    def connection(self) -> Iterator[Connection[DictRow]]:
        """A connection that commits each statement."""
        with reachable(self.place), self._datastore.get_connection() as connection:
            yield connection

    def violated(self, error: IntegrityError) -> str:
        """The server says it."""
        cause = error.__cause__
        return (cause.diag.table_name or "") if isinstance(cause, psycopg.Error) else ""

    def close(self) -> None:
        self._datastore.close()

    def _address(self, url: str) -> str:
        ours: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, "application_name": "dealflow"}
        try:
            return make_conninfo(**(ours | conninfo_to_dict(url) | {"client_encoding": "utf8"}))
        except psycopg.Error:
            # Not the error itself, which repeats parts of the address.
            raise unusable(
                phrase("the store ({place})", place=self.place), ValueError(phrase("the address cannot be read"))
            ) from None

    def _prepare(self, address: str) -> None:
        with psycopg.connect(address, autocommit=True, row_factory=dict_row) as connection:
            encoding = connection.info.parameter_status("server_encoding")
            if encoding != "UTF8":
                wrong = phrase(
                    "the store ({place}) cannot be used: its encoding is {encoding}, not UTF8",
                    place=self.place,
                    encoding=encoding,
                )
                raise StoreUnreachable(wrong)
            if self._version(connection) < SCHEMA_VERSION:
                # Of two processes that come first, one waits here until the other has made everything.
                connection.execute("SELECT pg_advisory_lock(%s)", (_OPENING_LOCK,))
                found = self._version(connection)
                if found and found < SCHEMA_VERSION and not self._upgrading:
                    raise older_schema(self.place, found, SCHEMA_VERSION)
                if found < SCHEMA_VERSION:
                    self._create(connection, is_new=not found)

    def _version(self, connection: Connection[DictRow]) -> int:
        table = f"{SCHEMA}.store_version"
        there = connection.execute("SELECT to_regclass(%s) IS NOT NULL AS there", (table,)).fetchone()
        if not there or not there["there"]:
            return 0
        row = connection.execute(SQL("SELECT version FROM {}").format(Identifier(SCHEMA, "store_version"))).fetchone()
        version = int(row["version"]) if row else 0
        if version > SCHEMA_VERSION:
            raise newer_schema(self.place, version, SCHEMA_VERSION)
        return version

    def _create(self, connection: Connection[DictRow], *, is_new: bool) -> None:
        connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(SCHEMA)))
        with reachable(self.place):
            _Recorder(self._datastore, self._seal).create_table()
        connection.execute(SQL("SET search_path TO {}").format(Identifier(SCHEMA)))
        with connection.transaction():
            for keys in CREATE_KEYS:
                connection.execute(keys)
            for table in CREATE_TABLES:
                connection.execute(SQL(table.format(text='text COLLATE "C"', integer="bigint")))
            connection.execute(spelled(PUT_IDENTITY), (token_hex(16),))
            for table, column in ADDED_COLUMNS:
                added = SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS ").format(Identifier(table))
                connection.execute(added + SQL(column.format(text='text COLLATE "C"', integer="bigint")))
            if is_new:
                connection.execute(spelled(PUT_VERSION), (SCHEMA_VERSION,))


class _Datastore(PostgresDatastore):
    """The package's datastore over a whole address, which may name a socket, a certificate or several hosts."""

    def __init__(self, address: str) -> None:
        super().__init__(
            dbname="",
            host="",
            port="",
            user="",
            password="",
            schema=SCHEMA,
            originator_id_type="text",
            lock_timeout=_LOCK_SECONDS,
            idle_in_transaction_session_timeout=_IDLE_IN_TRANSACTION_SECONDS,
            # They would drop the lock on which everybody who follows the log relies.
            enable_db_functions=False,
        )
        self._here, self._address = threading.local(), address
        self.pool = ConnectionPool(
            address,
            connection_class=Connection[DictRow],
            kwargs={"row_factory": dict_row},
            min_size=1,
            max_size=_CONNECTIONS,
            open=False,
            configure=self.after_connect_func(),
            check=self._check,
            timeout=_POOL_WAIT_SECONDS,
            # Else the pool tries less and less often, and a server that is back stays away from us for minutes.
            reconnect_timeout=_POOL_WAIT_SECONDS,
        )

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        try:
            with super().get_connection() as connection:
                yield connection
        except OperationalError as error:
            if isinstance(error.__cause__, PoolTimeout):
                self._must_connect()
            raise

    def _must_connect(self) -> None:
        """The pool says only that it waited in vain; who knocks for himself hears why."""
        try:
            psycopg.connect(self._address).close()
        except psycopg.Error as error:
            raise OperationalError(str(error)) from error

    @contextmanager
    def connected(self, *, asked: bool) -> Iterator[Connection[DictRow]]:
        """A connection, which the server may have ended unless it was asked."""
        self._here.trusting = not asked
        try:
            with self.get_connection() as connection:
                self._here.trusting = False
                yield connection
        finally:
            self._here.trusting = False

    def _check(self, connection: Connection[DictRow]) -> None:
        if not getattr(self._here, "trusting", False):
            ConnectionPool.check_connection(connection)

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        configured = super().after_connect_func()

        def after_connect(connection: Connection[DictRow]) -> None:
            configured(connection)
            connection.execute(
                SQL("SET search_path TO {}; SET lock_timeout = {}").format(Identifier(SCHEMA), f"{_LOCK_SECONDS}s")
            )
            # Whoever has waited for the lock must see what the one before has written, whatever the server's default.
            connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")
            connection.execute(_DURABLE)

        return after_connect


class _Recorder(PostgresApplicationRecorder):
    """Writes our rows in the transaction of the events, before them: a repeated command says so even if its deal moved on."""

    # The package tries ten times, which is a minute when the server is away; connections are checked before they are used.
    select_notifications = unwrap(PostgresApplicationRecorder.select_notifications)
    max_notification_id = unwrap(PostgresApplicationRecorder.max_notification_id)

    def __init__(self, datastore: _Datastore, seal: StoreSeal) -> None:
        super().__init__(datastore)
        self._connected, self._seal = datastore.connected, seal

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        lost: CommitLost | None = None
        for tries_left in reversed(range(_TRIES)):
            try:
                # A connection that the server has ended fails at the first word; then one that was asked is taken.
                self._insert(stored_events, asked=tries_left < _TRIES - 1, **kwargs)
                break
            except IntegrityError as error:
                if lost:
                    raise CommitLost(lost, error) from error
                raise
            except (InterfaceError, OperationalError) as error:
                lost = error if isinstance(error, CommitLost) else lost
                state = getattr(error.__cause__, "sqlstate", None)
                if not tries_left or (state and not state.startswith(_MAY_PASS)):
                    if lost:
                        raise CommitLost(lost, is_over=bool(stored_events) and self._is_over()) from error.__cause__
                    raise error from error.__cause__
                time.sleep(_WAIT_SECONDS if tries_left == 1 else 0)
        return None

    def _is_over(self) -> bool:
        """Wait for whoever appends: a COMMIT that was sent holds the lock until it has happened, or never will."""
        try:
            with self._connected(asked=True) as connection, connection.transaction():
                connection.execute(ALONE, prepare=False)
        except PersistenceError:
            return False  # whatever keeps us from asking, nobody knows
        return True

    def _insert(
        self,
        events: Sequence[StoredEvent],
        *,
        asked: bool,
        rows: TransactionRows | None = None,
        unsealed: Sequence[UnsealedAppend] = (),
    ) -> None:
        commits = False
        try:
            # Without the package's pipeline, in which a batch of a megabyte hangs (measured: 9.5.6 with psycopg 3.3).
            with self._connected(asked=asked) as connection, connection.transaction():
                marked: Sequence[tuple[MarkedTable, Sequence[Row]]] = ()
                if rows:
                    marked = rows.write(lambda statement, kinds, some: put(connection, statement, kinds, some))
                append_sealed(connection, self._seal, events, unsealed)
                for table, changed in marked:
                    for mark in self._seal.marks(table, changed):
                        connection.execute(spelled(table.put_mark), mark)
                commits = True
        except (InterfaceError, OperationalError) as error:
            if commits:
                raise CommitLost(error) from error.__cause__
            raise
