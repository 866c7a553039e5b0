"""The fault stories on either database, with one Temporal server for the stories that do it no harm."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.temporal_server.server import RunningServer
from tests.support.running import servers
from tests.support.running.running_system import House, RunningSystem, running_system
from tests.support.stores.databases import database_params


@pytest.fixture(scope="session", params=database_params("sqlite"))
def kind(request: pytest.FixtureRequest) -> str:
    """Which database: SQLite where a story does not say `on`, since most faults are none of the database's."""
    name: str = request.param
    return name


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest) -> str:
    """The address of a new database of PostgreSQL, "" for SQLite in the home folder."""
    address: str = request.getfixturevalue("postgres_database") if kind == "postgres" else ""
    return address


@pytest.fixture(scope="session")
def shared_server(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One for each database, since deals have the same ids in both."""
    with servers.temporal(tmp_path_factory.mktemp(f"temporal-{kind}")) as server:
        yield server


@pytest.fixture
def house(database: str, shared_server: RunningServer, tmp_path: Path) -> House:
    """Opens the story's system, by the options of `running_system`; on the shared server, unless an address is given."""

    def opened(*, address: str = "", **options: Any) -> AbstractContextManager[RunningSystem]:
        return running_system(tmp_path / tmp_path.name, address or shared_server.address, database=database, **options)

    return opened
