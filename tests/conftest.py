"""What every test can ask for: real servers, started once a session and only when asked for."""

import gc
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from dealflow.adapters.temporal_server.server import RunningServer
from tests.support.running import servers
from tests.support.running.prepared_home import PreparedHomes
from tests.support.spread import Sharing, spread

# Whoever runs the tests has settings of their own; no test may depend on them.
for _name in [name for name in os.environ if name.upper().startswith("DEALFLOW_")]:
    del os.environ[_name]
# Very many tests move clocks or skip time; those of the store's clock take this away again.
os.environ["DEALFLOW_TESTS_MOVE_CLOCKS"] = "this is a test and no production"

# A shell starts what it puts into the background with SIGINT ignored, and every program that a test starts would
# inherit that. Tests send SIGINT as a terminal does.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# A machine that is busy with other work makes an example slow; that is no fault of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A real Temporal server with time skipping, in memory, on a free loopback port."""
    with servers.temporal(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A real PostgreSQL in a temporary folder."""
    # Not pytest's: as root the server runs as a user of its own, whom the next session of pytest would lock out.
    folder = Path(tempfile.mkdtemp(prefix="dealflow-postgres-"))
    server = servers.Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def postgres_database(postgres: servers.Postgres) -> Iterator[str]:
    """The address of a fresh database, dropped after the test."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedHomes:
    """Homes to copy."""
    return PreparedHomes(tmp_path_factory.mktemp("prepared"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    """However the command line would have them shared."""
    return Sharing(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Mark by what a test asks for, so that `-m "not temporal"` needs no care in each file; then order them for workers."""
    for item in items:
        asked = getattr(item, "fixturenames", ())
        if "temporal_server" in asked or "shared_server" in asked:
            item.add_marker(pytest.mark.temporal)
        if "postgres" in asked:
            item.add_marker(pytest.mark.postgres)
    yield
    if hasattr(config, "workerinput"):
        items[:] = spread(items)


def pytest_unconfigure() -> None:
    """An interpreter that ends while the SDK's threads still let go of Python objects aborts."""
    if "temporalio" in sys.modules:
        gc.collect()
        time.sleep(0.5)
