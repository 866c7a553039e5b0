"""Stands between us and a PostgreSQL on a socket file, and cuts connections at their COMMIT: before, while or after it happens."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Literal

from psycopg.conninfo import conninfo_to_dict

COMMIT = b"COMMIT\x00"
Cut = Literal["before", "while", "after"]


class CuttingProxy:
    """Passes everything on until it is told to cut."""

    def __init__(self, url: str) -> None:
        address = conninfo_to_dict(url)
        self._target = str(Path(str(address["host"])) / f".s.PGSQL.{address.get('port', 5432)}")
        self._listening = socket.create_server(("127.0.0.1", 0))
        host, port = self._listening.getsockname()
        # Nothing is encrypted: what is not read cannot be cut at its COMMIT.
        plain = "sslmode=disable&gssencmode=disable"
        self.url = f"postgresql://{address['user']}@{host}:{port}/{address['dbname']}?{plain}"
        self._lock = Lock()
        self._open: list[tuple[socket.socket, socket.socket]] = []
        self._how: Cut = "before"
        self._passing, self._cuts, self.cuts = 0, 0, 0
        self.is_away = self._goes_away = False
        Thread(target=self._accept, name="proxy", daemon=True).start()

    def cut(self, how: Cut, *, at: int = 1, times: int = 1, then_away: bool = False) -> None:
        """The `at`-th COMMIT from now is cut, with those that follow it up to so many `times`; then nobody gets through."""
        with self._lock:
            self._how, self._passing, self._cuts, self._goes_away = how, at - 1, times, then_away

    def close(self) -> None:
        """End every connection."""
        self._listening.close()
        with self._lock:
            for client, server in self._open:
                _end(client)
                _end(server)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self.is_away:
                    _end(client)
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._target)
                with self._lock:
                    self._open.append((client, server))
                Connection(self, client, server)

    def cuts_now(self, asking: socket.socket) -> Cut | None:
        """Asked at each COMMIT: how this one is cut, if it is."""
        with self._lock:
            if self._passing:
                self._passing -= 1
                return None
            if not self._cuts:
                return None
            self._cuts -= 1
            self.cuts += 1
            if not self._cuts and self._goes_away:
                self.is_away = True
                for client, server in self._open:
                    if client is not asking:
                        _end(client)
                        _end(server)
            return self._how


class Connection:
    """Two threads that pass on what comes from either side."""

    def __init__(self, proxy: CuttingProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._cut_at_answer = False
        for pump in (self._to_server, self._to_client):
            Thread(target=pump, name="proxy", daemon=True).start()

    def _to_server(self) -> None:
        with suppress(OSError):
            while some := self._client.recv(65_536):
                # A COMMIT is a message of its own, shorter than any that could be divided here.
                how = self._proxy.cuts_now(self._client) if COMMIT in some else None
                if how == "before":
                    break
                self._cut_at_answer = how == "after"
                self._server.sendall(some)
                if how == "while":
                    break
        self._end()

    def _to_client(self) -> None:
        with suppress(OSError):
            while some := self._server.recv(65_536):
                if self._cut_at_answer and COMMIT in some:
                    break
                self._client.sendall(some)
        self._end()

    def _end(self) -> None:
        _end(self._client)
        _end(self._server)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def cutting_proxy(url: str) -> Iterator[CuttingProxy]:
    """Gone at the end of the block."""
    proxy = CuttingProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
