"""Statements in this driver's spelling, and rows for them as arrays."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from psycopg.sql import SQL

from dealflow.adapters.store.database import Row
from dealflow.adapters.store.seal.standing import Execute


def executing(connection: Connection[DictRow]) -> Execute:
    """Carries out statements with `?` for a value."""

    def execute(statement: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        cursor = connection.execute(spelled(statement), tuple(values))
        return cursor.fetchall() if cursor.description else ()

    return execute


def put(connection: Connection[DictRow], statement: str, kinds: str, rows: Sequence[tuple[Any, ...]]) -> Sequence[Row]:
    """Many rows in one statement, which says `VALUES {list}`; what it returns."""
    cursor = connection.execute(spelled(statement.replace("VALUES {list}", arrays(kinds))), columns(rows, len(kinds)))
    return cursor.fetchall() if cursor.description else ()


@lru_cache(maxsize=16)
def arrays(kinds: str) -> str:
    """Rows out of one array for each column: one text whatever their number, and half as long to spell as their values."""
    each = ", ".join("%b::text[]" if kind == "t" else "%b::bigint[]" for kind in kinds)
    return f"SELECT * FROM unnest({each})"  # noqa: S608  nothing in it comes from outside


def columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """The rows as one array for each of so many columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(count)]


@lru_cache(maxsize=256)
def spelled(statement: str) -> SQL:
    """The statement with this driver's placeholders; ours hold no text with a question mark."""
    return SQL(statement.replace("?", "%s"))
