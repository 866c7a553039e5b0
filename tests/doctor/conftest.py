"""A full store on each database, which tests change beside dealflow."""

from collections.abc import Iterator

import pytest

from tests.doctor.tampered_store import TamperedStore, fill
from tests.support.running.running_system import running_system
from tests.support.stores.databases import DATABASES, database_params


@pytest.fixture(scope="session", params=database_params(*DATABASES))
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TamperedStore]:
    """One store for all kinds: filling it takes longer than looking at it."""
    url = request.getfixturevalue("postgres").create_database() if request.param == "postgres" else ""
    with running_system(tmp_path_factory.mktemp("home"), "127.0.0.1:1", database=url) as running:
        fill(running)
        yield TamperedStore(running, url)


@pytest.fixture
def store(full: TamperedStore) -> Iterator[TamperedStore]:
    """It is put back after each."""
    yield full
    full.put_back()
