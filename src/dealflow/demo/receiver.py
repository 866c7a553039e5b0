"""A small HTTP receiver on loopback: what a chat robot or another system would be, so that a webhook has where to go."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from typing import Any

from dealflow.adapters.notices.notify import KEY_HEADER

LOOPBACK = "127.0.0.1"
MOST_BYTES = 1_000_000
GONE = 410


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message as it came in, and the status that it was answered with."""

    key: str
    title: str
    text: str
    status: int


class Receiver:
    """Takes messages until it is told to be gone; then it answers that it will never take one again."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self._arrived: Queue[Arrived] = Queue()
        self.gone = False

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def address(self) -> str:
        """As people.yaml takes it."""
        return f"json://{LOOPBACK}:{self.port}/"

    def take(self, body: dict[str, Any], key: str) -> int:
        """Keep a message, or refuse it for good; the HTTP status."""
        status = GONE if self.gone else 200
        self._arrived.put(Arrived(key, str(body.get("title", "")), str(body.get("message", "")), status))
        return status

    def next(self) -> Arrived | None:
        """The next message that has not been looked at; None when there is none now."""
        try:
            return self._arrived.get_nowait()
        except Empty:
            return None


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port for as long as the block lasts."""
    with ThreadingHTTPServer((LOOPBACK, 0), _Handler) as server:
        receiver = Receiver(server)
        server.receiver = receiver  # type: ignore[attr-defined]
        thread = Thread(target=server.serve_forever, name="receiver", daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length", 0)), MOST_BYTES)
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError:
            self.send_error(400)
            return
        self.send_response(receiver.take(body, self.headers.get(KEY_HEADER, "")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
        """Nothing: the demo tells what arrived."""
