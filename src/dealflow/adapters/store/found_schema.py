"""A store that is only looked at, its schema and whether its seals are gone: opening one makes it, or adds tables to it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.sqlite.database import FILE_NAME, is_empty
from dealflow.adapters.store.sqlite.read_only import ReadOnlyFile, is_read_only
from dealflow.adapters.store.unusable import empty, unusable
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.settings import without_password

_CONNECT_SECONDS = 5
# From this schema on every store is sealed, and its rows are put right one by one, each with its mark.
SEALED_FROM = 4
AFTER_REMOVED_SEALS = phrase(
    "restore it from a backup, or `dealflow store seal --anew --reason ...` begins again with what is there; then"
    " `dealflow store upgrade`"
)


@dataclass(frozen=True, slots=True)
class _Look:
    """What a store that is not opened is asked by."""

    select: Callable[[str], list[tuple[Any, ...]]]
    tables: str  # lists the table of a name
    schema: str

    def named(self, table: str) -> str:
        """The table in its schema: one that may not be entered is left out of a search path, as if nothing were there."""
        return f"{self.schema}.{table}"

    def has_rows(self, table: str) -> bool:
        """Whether there is this table, with a row at least."""
        there = self.select(self.tables.format(table=table))
        return bool(there and self.select(f"SELECT 1 FROM {self.named(table)} LIMIT 1"))  # noqa: S608  nothing in it comes from outside


def place_of(database_url: str, home: Path) -> str:
    """Where the store of these settings is, or would be."""
    return (
        f"PostgreSQL, {without_password(database_url)}" if database_url else f"SQLite, {(home / FILE_NAME).absolute()}"
    )


def found_schema(database_url: str, home: Path) -> int:
    """The version of the schema, 0 where there is no store; raise StoreUnreachable."""
    with _looking(database_url, home) as look:
        return _schema(look)


def seals_were_removed(database_url: str, home: Path, seal_keys: Path) -> bool:
    """Whether a store was sealed, by its schema or since there are keys, and has events without a seal; raise StoreUnreachable.

    What the store says of its own age proves nothing: whoever can remove the seals can write that too.
    """
    with _looking(database_url, home) as look:
        if not look.has_rows("stored_events") or look.has_rows("seals"):
            return False
        schema = _schema(look)
    return schema >= SEALED_FROM or SealKeys(seal_keys).has_any()


def removed_seals(place: str) -> Phrase:
    """What is said of a store that was sealed and has no seals."""
    return phrase(
        "the store ({place}) was sealed and has events without seals, so it is not brought up to date: somebody has removed"
        " them",
        place=place,
    )


def _schema(look: _Look) -> int:
    asked = f"SELECT version FROM {look.named('store_version')}"  # noqa: S608  nothing in it comes from outside
    rows = look.select(asked) if look.has_rows("store_version") else []
    return int(rows[0][0]) if rows else 0


def _looking(database_url: str, home: Path) -> AbstractContextManager[_Look]:
    return _at_postgres(database_url, home) if database_url else _at_sqlite(home)


@contextmanager
def _at_sqlite(home: Path) -> Iterator[_Look]:
    path = (home / FILE_NAME).absolute()
    if not path.exists():
        yield _Look(lambda _: [], "", "")
        return
    if is_empty(path):
        raise empty(_store("", home))
    try:
        with _readable(path) as address, closing(sqlite3.connect(address, uri=True)) as file:
            yield _Look(
                lambda asked: file.execute(asked).fetchall(),
                "SELECT 1 FROM sqlite_master WHERE name = '{table}'",
                "main",
            )
    except (sqlite3.Error, OSError) as error:
        raise unusable(_store("", home), error) from error


@contextmanager
def _readable(path: Path) -> Iterator[str]:
    if not is_read_only(path):
        yield f"file:{quote(str(path))}?mode=ro"
        return
    file = ReadOnlyFile(path)
    try:
        yield file.address
    finally:
        file.close()


@contextmanager
def _at_postgres(url: str, home: Path) -> Iterator[_Look]:
    # They load slowly, and SQLite has no use for them.
    import psycopg  # noqa: PLC0415  only where the store is PostgreSQL
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415  only where the store is PostgreSQL

    try:
        address = make_conninfo(url, connect_timeout=_CONNECT_SECONDS)
    except psycopg.Error:
        # Not the error itself, which repeats parts of the address.
        raise unusable(_store(url, home), ValueError(phrase("the address cannot be read"))) from None
    try:
        with psycopg.connect(address, autocommit=True) as connection:
            yield _Look(
                lambda asked: connection.execute(asked.encode()).fetchall(),
                "SELECT 1 FROM pg_tables WHERE schemaname = 'dealflow' AND tablename = '{table}'",
                "dealflow",
            )
    except psycopg.Error as error:
        raise unusable(_store(url, home), error) from error


def _store(url: str, home: Path) -> str:
    return phrase("the store ({place})", place=place_of(url, home))
