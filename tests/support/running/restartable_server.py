"""A Temporal server that a test stops and starts again at the same address, with or without its database."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dealflow.adapters.temporal_server.server import (
    EAGER_ACTIVITIES,
    RunningServer,
    free_port,
    start_server,
)
from tests.support.running.servers import TIME_SKIPPING, temporal_program


class RestartableServer:
    """Not running until `start`; its address is known before."""

    def __init__(self, folder: Path) -> None:
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        self._folder, self._running = folder, None

    _running: RunningServer | None

    def start(self) -> None:
        """Start it on what is left of its database."""
        self._running = start_server(
            temporal_program(),
            self._folder / "temporal.db",
            log_file=self._folder / "temporal.log",
            port=self._port,
            dynamic_config={**EAGER_ACTIVITIES, **TIME_SKIPPING},
        )

    def stop(self) -> None:
        """Stop it; the database stays."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def kill(self) -> None:
        """End it at once (-9), in the middle of whatever it does."""
        assert self._running is not None
        os.kill(self._running.pid, signal.SIGKILL)
        self.stop()

    def lose_database(self) -> None:
        """Delete the database of a server that is stopped."""
        assert self._running is None
        for file in self._folder.glob("temporal.db*"):
            file.unlink()


@contextmanager
def restartable_server(folder: Path) -> Iterator[RestartableServer]:
    """Stopped for good at the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    server = RestartableServer(folder)
    try:
        yield server
    finally:
        server.stop()
