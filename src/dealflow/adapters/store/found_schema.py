"""The schema of a store that is only looked at: opening one makes it, or brings it up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from dealflow.adapters.store.sqlite.database import FILE_NAME, is_empty
from dealflow.adapters.store.sqlite.read_only import ReadOnlyFile, is_read_only
from dealflow.adapters.store.unusable import empty, unusable
from dealflow.domain.values.phrase import phrase
from dealflow.settings import without_password

_CONNECT_SECONDS = 5


def place_of(database_url: str, home: Path) -> str:
    """Where the store of these settings is, or would be."""
    return (
        f"PostgreSQL, {without_password(database_url)}" if database_url else f"SQLite, {(home / FILE_NAME).absolute()}"
    )


def found_schema(database_url: str, home: Path) -> int:
    """The version of the schema, 0 where there is no store; raise StoreUnreachable."""
    return _of_postgres(database_url, home) if database_url else _of_sqlite(home)


def _of_sqlite(home: Path) -> int:
    path = (home / FILE_NAME).absolute()
    if not path.exists():
        return 0
    if is_empty(path):
        raise empty(_store("", home))
    try:
        with _readable(path) as address, closing(sqlite3.connect(address, uri=True)) as file:
            if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'store_version'").fetchall():
                return 0
            return int(file.execute("SELECT version FROM store_version").fetchone()[0])
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


def _of_postgres(url: str, home: Path) -> int:
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
            if connection.execute("SELECT to_regclass('dealflow.store_version')").fetchall() == [(None,)]:
                return 0
            row = connection.execute("SELECT version FROM dealflow.store_version").fetchone()
            return int(row[0]) if row else 0
    except psycopg.Error as error:
        raise unusable(_store(url, home), error) from error


def _store(url: str, home: Path) -> str:
    return phrase("the store ({place})", place=place_of(url, home))
