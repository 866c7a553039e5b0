"""The endpoint that Prometheus scrapes: one address for our metrics and those of Temporal's SDK."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread

from dealflow.adapters.telemetry.exposition import CONTENT_TYPE, Exposition
from dealflow.adapters.temporal.sdk_runtime import sdk_measured, sdk_metrics
from dealflow.domain.values.phrase import phrase
from dealflow.observability.logs import Log, emit
from dealflow.wording.system_faults import system_reason

PATH = "/metrics"
# Whoever connects and says nothing must not keep a thread.
_PATIENCE_SECONDS = 10.0


class MetricsNotServed(Exception):
    """The address for metrics cannot be listened on; the text says why."""


@contextmanager
def serving(host: str, port: int) -> Iterator[None]:
    """Serve the metrics of this process while the block runs; connect to Temporal inside it. Raise MetricsNotServed."""
    with sdk_measured():
        exposition = Exposition(sdk_metrics)
        server = _listening(host, port, exposition)
        thread = Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        emit(Log.METRICS_SERVED, address=f"{host}:{server.server_address[1]}")
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, exposition: Exposition) -> None:
        [(self.address_family, *_), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        super().__init__((host, port), partial(_Handler, exposition))

    def server_bind(self) -> None:
        """Without asking who the host is, which takes seconds where the name service does not answer."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A scraper that leaves before its answer is no matter of ours."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE_SECONDS

    def __init__(self, exposition: Exposition, *socket_and_address: object) -> None:
        self._exposition = exposition
        super().__init__(*socket_and_address)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self.send_error(404, f"metrics are at {PATH}")
            return
        text = self._exposition.text()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """A scrape every few seconds is nothing to log."""


def _listening(host: str, port: int, exposition: Exposition) -> _Server:
    try:
        return _Server(host, port, exposition)
    except OSError as error:
        raise MetricsNotServed(
            phrase(
                "metrics cannot be served at {host}:{port}: {reason}", host=host, port=port, reason=system_reason(error)
            )
        ) from error
