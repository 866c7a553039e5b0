"""The real parts that everything is measured on, in a temporary folder: PostgreSQL, Temporal in memory, processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TypeVar

import psycopg

from dealflow.adapters.temporal_server.find import find_server
from dealflow.adapters.temporal_server.server import start_server
from dealflow.settings import Settings
from tests.support.running.servers import Postgres

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
STOP_SECONDS = 20


class Rig:
    """Parts start when they are first asked for; `quick` asks for small sizes, whose numbers mean nothing."""

    def __init__(self, folder: Path, *, quick: bool = False) -> None:
        self.folder, self.quick = folder, quick
        self._kept = ExitStack()
        self._numbers = count(1)
        self._versions: dict[str, str] = {}

    def sized(self, full: T, quick: T) -> T:
        """How much to do."""
        return quick if self.quick else full

    def new_folder(self) -> Path:
        """An empty folder."""
        made = self.folder / f"part-{next(self._numbers)}"
        made.mkdir()
        return made

    def new_database(self) -> str:
        """The address of an empty database."""
        return self._postgres.create_database()

    @cached_property
    def temporal_address(self) -> str:
        """A development server that keeps nothing, alone in its process as in production."""
        found = find_server(Settings.load(temporal_address=""), say=lambda _: None)
        assert found.binary is not None
        server = start_server(found.binary, None, log_file=self.folder / "temporal.log")
        self._kept.callback(server.stop)
        self._versions["Temporal"] = found.version
        return server.address

    def settings(self, *, database_url: str, queue: str = "dealflow") -> Settings:
        """Those of a system in a folder of its own."""
        return Settings.load(
            self.new_folder(), database_url=database_url, temporal_address=self.temporal_address, temporal_queue=queue
        )

    @contextmanager
    def process(self, *words: str, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
        """`python -m <words>` beside this process, ended with the block; what it says is kept in the folder."""
        log = self.folder / f"process-{next(self._numbers)}.log"
        with log.open("w") as said:
            started = subprocess.Popen(
                [sys.executable, "-m", *words],
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                text=True,
            )
            try:
                yield started
            except BaseException:
                sys.stderr.write(f"{' '.join(words)} said:\n{log.read_text()[-2_000:]}\n")
                raise
            finally:
                started.terminate()
                try:
                    started.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    started.kill()

    def versions(self) -> dict[str, str]:
        """Those of the servers that were started."""
        return dict(self._versions)

    @cached_property
    def _postgres(self) -> Postgres:
        started = Postgres(self.new_folder())
        self._kept.callback(started.stop)
        with psycopg.connect(started.url()) as connection:
            self._versions["PostgreSQL"] = str(connection.info.parameter_status("server_version"))
        return started

    def close(self) -> None:
        """End everything that was started."""
        self._kept.close()


def environment_of(settings: Settings) -> dict[str, str]:
    """What makes another process open the same system."""
    return {
        "DEALFLOW_HOME": str(settings.home),
        "DEALFLOW_DATABASE_URL": settings.database_url,
        "DEALFLOW_TEMPORAL_ADDRESS": settings.temporal_address,
        "DEALFLOW_TEMPORAL_QUEUE": settings.temporal_queue,
        "DEALFLOW_LOG_LEVEL": "warning",
    }
