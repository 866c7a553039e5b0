"""The stores that the contract holds for: in memory, on SQLite, on PostgreSQL."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.store import StoreParts, open_store
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.schedule import Schedule
from dealflow.application.ports.store import EventStore
from tests.support.running import servers
from tests.support.stores.memory_store import MemoryStore
from tests.support.stores.raw_rows import run


@dataclass(frozen=True)
class Opened:
    """A store by its ports."""

    store: EventStore
    schedule: Schedule
    outbox: Outbox


@dataclass
class Database:
    """A store that outlives its process: `open` as often as wanted, and look at its rows as an auditor would."""

    url: str
    home: Path
    opened: list[StoreParts] = field(default_factory=list)

    def open(self) -> StoreParts:
        parts = open_store(self.url, self.home, self.home / "keys.sqlite")
        self.opened.append(parts)
        return parts

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run SQL beside the store; `?` for a value."""
        return run(self.url, self.home, statement, *values)

    def close(self) -> None:
        for parts in self.opened:
            parts.close()


_POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.fixture(params=["sqlite", _POSTGRES])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database that no process has opened yet."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    found = Database(url, tmp_path / "home")
    yield found
    found.close()


_TABLES = "stored_events, commands, deal_schedule, notices, notice_batches, unique_values, seals"


@pytest.fixture(scope="session")
def shared_postgres(postgres: servers.Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all tests that only need it empty: making one takes longer than such a test."""
    found = Database(postgres.create_database(), tmp_path_factory.mktemp("home"))
    yield found
    found.close()


@pytest.fixture(params=["memory", "sqlite", _POSTGRES])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """An empty store of each kind."""
    if request.param == "memory":
        memory = MemoryStore()
        yield Opened(memory, memory.schedule, memory.outbox)
        return
    if request.param == "postgres":
        database: Database = request.getfixturevalue("shared_postgres")
        parts = database.opened[0] if database.opened else database.open()
        database.run(f"TRUNCATE {_TABLES} RESTART IDENTITY")
        yield Opened(parts.store, parts.schedule, parts.outbox)
        return
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    yield Opened(parts.store, parts.schedule, parts.outbox)
    parts.close()


@pytest.fixture
def store(opened: Opened) -> EventStore:
    return opened.store


@pytest.fixture
def schedule(opened: Opened) -> Schedule:
    return opened.schedule


@pytest.fixture
def outbox(opened: Opened) -> Outbox:
    return opened.outbox
