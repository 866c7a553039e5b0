"""The Temporal server of a home folder as a part: started on its file, watched, and noted for the other terminals."""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

from dealflow.adapters.temporal_server.address import TemporalNote, read_note, remove_note, write_note
from dealflow.adapters.temporal_server.find import Found
from dealflow.adapters.temporal_server.server import LOOPBACK, RunningServer, ServerFailed, start_server
from dealflow.domain.values.phrase import phrase
from dealflow.observability.logs import Log, emit
from dealflow.settings import Settings

LOOK_SECONDS = 0.25


def port_is_free(port: int) -> bool:
    """Whether a server could listen there; one that was killed a moment ago does not count."""
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def database_of(home: Path) -> Path:
    """The file in which the embedded server keeps its workflows."""
    return home / "temporal.sqlite"


class EmbeddedServer:
    """A development server on loopback; begun again it keeps its address, so that whoever is connected finds it again."""

    def __init__(self, settings: Settings, found: Found, ui_port: int | None) -> None:
        self._home, self._found, self._ui_port = settings.home, found, ui_port
        self._server: RunningServer | None = None

    @property
    def running(self) -> RunningServer:
        """The server as it was started last; only after `start`."""
        assert self._server is not None
        return self._server

    def start(self) -> None:
        """Start it, or take over the one that an earlier run left on the file; ServerFailed. Blocks until it answers."""
        self._server = self._started(self._port())
        server = self._server
        note = TemporalNote(
            address=server.address, pid=server.pid, ui_address=server.ui_address, version=self._found.version
        )
        write_note(self._home, note)
        emit(Log.TEMPORAL_STARTED, address=server.address, pid=server.pid, adopted=server.adopted)

    async def run(self, stop: asyncio.Event) -> None:
        """Watch it until `stop` is set, then end it; ServerFailed when it ends by itself."""
        if self._server is None or not self._server.alive():
            await asyncio.to_thread(self.start)
        try:
            while not stop.is_set():
                if not self.running.alive():
                    raise ServerFailed(phrase("the server, process {pid}, has ended", pid=self.running.pid))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        finally:
            if stop.is_set():
                await asyncio.to_thread(self.end)

    def end(self) -> None:
        """End it and take back the note."""
        if self._server is None:
            return
        self._server.stop()
        remove_note(self._home)
        emit(Log.TEMPORAL_STOPPED, address=self._server.address)
        self._server = None

    def _port(self) -> int:
        """A server that died comes back where its clients look for it; else the noted port, if nobody has it by now."""
        if self._server is not None:
            return _port_of(self._server.address)
        earlier = read_note(self._home)
        port = _port_of(earlier.address) if earlier else 0
        return port if port and port_is_free(port) else 0

    def _started(self, port: int) -> RunningServer:
        assert self._found.binary is not None
        log_file = self._home / "logs" / "temporal.log"
        return start_server(
            self._found.binary, database_of(self._home), log_file=log_file, port=port, ui_port=self._ui_port
        )


def _port_of(address: str) -> int:
    return int(address.rpartition(":")[2])
