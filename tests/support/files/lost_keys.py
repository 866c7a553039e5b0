"""What may happen to the keys of a store: taken away, put back, changed for another's, destroyed, on both databases."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

_TABLES = ("keys", "key_file")


@dataclass(frozen=True)
class KeysOf:
    """The keys of one store, while no process has it open; `url` is that of PostgreSQL, else they are a file."""

    url: str
    file: Path

    def keep(self, name: str) -> None:
        """Make a copy of that name."""
        if self.url:
            self._run(f"CREATE SCHEMA kept_{name}")
            for table in _TABLES:
                self._run(f"CREATE TABLE kept_{name}.{table} AS TABLE dealflow_keys.{table}")
        else:
            shutil.copy(self.file, self._copy(name))

    def put_back(self, name: str) -> None:
        """Put the copy of that name in their place, as a restored backup would be."""
        if self.url:
            self._run("CREATE SCHEMA IF NOT EXISTS dealflow_keys")
            for table in _TABLES:
                self._run(f"DROP TABLE IF EXISTS dealflow_keys.{table}")
                self._run(f"CREATE TABLE dealflow_keys.{table} AS TABLE kept_{name}.{table}")
            self._run("ALTER TABLE dealflow_keys.keys ADD PRIMARY KEY (id), ADD UNIQUE (subject, number)")
            self._run("ALTER TABLE dealflow_keys.key_file ADD PRIMARY KEY (id)")
        else:
            self.remove()
            shutil.copy(self._copy(name), self.file)

    def remove(self) -> None:
        """Take them away."""
        if self.url:
            self._run("DROP SCHEMA IF EXISTS dealflow_keys CASCADE")
        else:
            self.file.unlink(missing_ok=True)

    def belong_to_another(self) -> None:
        """Give them to another store, with all that they hold."""
        self.run("UPDATE key_file SET store_id = 'another'")

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run SQL on them; `?` for a value."""
        if self.url:
            return self._run(statement, *values)
        with closing(sqlite3.connect(self.file, isolation_level=None)) as file:
            return list(file.execute(statement, values))

    def _copy(self, name: str) -> Path:
        return self.file.with_name(f"{self.file.name}.{name}")

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET search_path TO dealflow_keys")
            cursor = connection.execute(statement.replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else []
