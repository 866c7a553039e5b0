"""The rows of a store as an auditor sees them, or as somebody damages them: SQL beside the store."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg


def run(url: str, home: Path, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run SQL at a PostgreSQL address, or on the file of the home folder; `?` for a value."""
    if url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET search_path TO dealflow")
            cursor = connection.execute(statement.replace("?", "%s"), values or None)
            return cursor.fetchall() if cursor.description else []
    with closing(sqlite3.connect(home / "store.sqlite", isolation_level=None)) as file:
        return list(file.execute(statement, values))
