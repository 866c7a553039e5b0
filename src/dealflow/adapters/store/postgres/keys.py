"""Keys of personal data on PostgreSQL: in a schema of their own, so that whoever may read the events need not see them."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, LiteralString, Protocol

from eventsourcing.persistence import ProgrammingError
from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier

from dealflow.adapters.store.keys.key import Kept, KeyRow, KeysGone
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import phrase, phrase_of

SCHEMA = "dealflow_keys"
# A table or a schema that is not there.
_GONE = ("42P01", "3F000")


class Connected(Protocol):
    """Where connections come from."""

    def connection(self) -> AbstractContextManager[Connection[DictRow]]:
        """One that commits each statement."""
        ...


class PostgresKeyTable:
    """A KeyTable over the store's own connections."""

    def __init__(self, database: Connected) -> None:
        self._database = database
        self.place = phrase("the keys of personal data in the schema {schema}", schema=SCHEMA)
        self._times_gone = 0

    def token(self) -> object:
        return self._times_gone + 1

    def look(self) -> Kept:
        try:
            marked = self._rows("SELECT store_id FROM {}", (), "key_file")
            self._rows("SELECT 1 FROM {} LIMIT 1", ())
            return Kept(is_there=True, store_id=marked[0]["store_id"] if marked else None)
        except KeysGone:
            return Kept(is_there=False)
        except StoreUnreachable as error:
            return Kept(is_there=False, problem=phrase_of(error))

    def make(self, store_id: str) -> None:
        if not self.look().is_there:
            with self._database.connection() as connection:
                for statement in CREATE_KEYS:
                    connection.execute(statement)
        self._changed("INSERT INTO {} VALUES (1, %s) ON CONFLICT DO NOTHING", [(store_id,)], "key_file")

    def newest(self, subjects: Iterable[str]) -> dict[str, KeyRow]:
        rows = self._keys(
            "SELECT DISTINCT ON (subject) id, subject, number, secret FROM {} WHERE subject = ANY(%s)"
            " ORDER BY subject, number DESC",
            list(subjects),
        )
        return {row.subject: row for row in rows}

    def add(self, keys: Iterable[KeyRow]) -> None:
        rows = [(key.id, key.subject, key.number, key.secret) for key in keys]
        self._changed("INSERT INTO {} VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", rows)

    def by_id(self, ids: Iterable[str]) -> list[KeyRow]:
        return self._keys("SELECT id, subject, number, secret FROM {} WHERE id = ANY(%s)", list(ids))

    def by_number(self, subject: str, number: int) -> KeyRow | None:
        statement: LiteralString = "SELECT id, subject, number, secret FROM {} WHERE subject = %s AND number = %s"
        return next(iter(self._keys(statement, subject, number)), None)

    def all(self) -> list[KeyRow]:
        return self._keys("SELECT id, subject, number, secret FROM {} ORDER BY subject, number")

    def blank(self, ids: Iterable[str]) -> int:
        statement: LiteralString = "UPDATE {} SET secret = NULL WHERE id = %s AND secret IS NOT NULL"
        blanked = self._changed(statement, [(each,) for each in ids])
        with self._database.connection() as connection:
            # The old rows, and the secrets in them, would otherwise stay in the table for a while.
            connection.execute(_spelled("VACUUM {}"))
        return blanked

    def close(self) -> None:
        """Its connections are the store's."""

    def _keys(self, statement: LiteralString, *values: Any) -> list[KeyRow]:
        rows = self._rows(statement, values)
        return [KeyRow(row["id"], row["subject"], row["number"], row["secret"]) for row in rows]

    def _rows(self, statement: LiteralString, values: tuple[Any, ...], table: str = "keys") -> list[DictRow]:
        try:
            with self._database.connection() as connection:
                return connection.execute(_spelled(statement, table), values).fetchall()
        except ProgrammingError as error:
            raise self._gone(error) from error

    def _changed(self, statement: LiteralString, rows: list[tuple[Any, ...]], table: str = "keys") -> int:
        try:
            with self._database.connection() as connection, connection.cursor() as cursor:
                cursor.executemany(_spelled(statement, table), rows)
                return cursor.rowcount
        except ProgrammingError as error:
            raise self._gone(error) from error

    def _gone(self, error: ProgrammingError) -> Exception:
        if getattr(error.__cause__, "sqlstate", "") not in _GONE:
            return error
        self._times_gone += 1
        return KeysGone()


def _spelled(statement: LiteralString, table: str = "keys") -> Composed:
    return SQL(statement).format(Identifier(SCHEMA, table))


CREATE_KEYS = (
    SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(SCHEMA)),
    _spelled(
        "CREATE TABLE IF NOT EXISTS {} (id text PRIMARY KEY, subject text NOT NULL, number bigint NOT NULL, secret bytea,"
        " UNIQUE (subject, number))"
    ),
    _spelled("CREATE TABLE IF NOT EXISTS {} (id bigint PRIMARY KEY, store_id text NOT NULL)", "key_file"),
)
