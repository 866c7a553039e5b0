"""Keys of personal data on PostgreSQL: in a schema of their own, so that whoever may read the events need not see them."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import LiteralString, Protocol

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier

from dealflow.adapters.store.events.keys import Key

SCHEMA = "dealflow_keys"


class Connected(Protocol):
    """Where connections come from."""

    def connection(self) -> AbstractContextManager[Connection[DictRow]]:
        """One that commits each statement."""
        ...


class PostgresKeyTable:
    """A KeyTable over the store's own connections."""

    def __init__(self, database: Connected) -> None:
        self._database = database

    def newest(self, subjects: Iterable[str]) -> dict[str, tuple[int, bytes | None]]:
        rows = self._rows(
            "SELECT DISTINCT ON (subject) subject, number, secret FROM {} WHERE subject = ANY(%s)"
            " ORDER BY subject, number DESC",
            list(subjects),
        )
        return {row["subject"]: (row["number"], row["secret"]) for row in rows}

    def add(self, keys: Iterable[tuple[str, str, int, bytes]]) -> None:
        with self._database.connection() as connection, connection.cursor() as cursor:
            cursor.executemany(_spelled("INSERT INTO {} VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"), list(keys))

    def by_id(self, ids: Iterable[str]) -> list[Key]:
        rows = self._rows("SELECT id, secret FROM {} WHERE id = ANY(%s)", list(ids))
        return [Key(row["id"], row["secret"]) for row in rows]

    def blank(self, subject: str) -> int:
        with self._database.connection() as connection:
            statement = _spelled("UPDATE {} SET secret = NULL WHERE subject = %s AND secret IS NOT NULL")
            blanked = connection.execute(statement, (subject,)).rowcount
            # The old rows, and the secrets in them, would otherwise stay in the table for a while.
            connection.execute(_spelled("VACUUM {}"))
            return blanked

    def close(self) -> None:
        """Its connections are the store's."""

    def _rows(self, statement: LiteralString, values: list[str]) -> list[DictRow]:
        with self._database.connection() as connection:
            return connection.execute(_spelled(statement), (values,)).fetchall()


def _spelled(statement: LiteralString) -> Composed:
    return SQL(statement).format(Identifier(SCHEMA, "keys"))


CREATE_KEYS = (
    SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(SCHEMA)),
    _spelled(
        "CREATE TABLE IF NOT EXISTS {} (id text PRIMARY KEY, subject text NOT NULL, number bigint NOT NULL, secret bytea,"
        " UNIQUE (subject, number))"
    ),
)
