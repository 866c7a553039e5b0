"""A webhook's receiver on loopback that keeps every key it was sent, and lets senders wait while it is held."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

from dealflow.adapters.notices.notify import KEY_HEADER

LONGEST_SECONDS = 180.0


class HeldReceiver:
    """`held` are the senders that wait now; `keys` are those that were answered, each as often as it came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: Counter[str] = Counter()
        self.held = 0
        self._lock, self._open = Lock(), Event()
        self._open.set()

    def hold(self) -> None:
        """Answer nobody until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Answer all that wait, and all who come."""
        self._open.set()

    def take(self, key: str) -> None:
        """One message."""
        with self._lock:
            self.held += 1
        self._open.wait(LONGEST_SECONDS)
        with self._lock:
            self.held -= 1
            self.keys[key] += 1


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, receiver: HeldReceiver, *rest: Any) -> None:
        self._receiver = receiver
        super().__init__(*rest)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._receiver.take(self.headers[KEY_HEADER])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """In silence."""


@contextmanager
def held_receiver() -> Iterator[HeldReceiver]:
    """Running inside the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        receiver = HeldReceiver(f"json://127.0.0.1:{server.server_port}/")
        server.RequestHandlerClass = partial(_Handler, receiver)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.release()
            server.shutdown()
            thread.join()
