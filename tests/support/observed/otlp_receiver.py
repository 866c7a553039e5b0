"""A collector of traces: takes OTLP over HTTP on loopback and keeps the spans."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Received:
    """A span as it arrived; ids in hexadecimal, `parent` is "" at the root of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    links: tuple[tuple[str, str], ...]
    attributes: dict[str, Any]
    resource: dict[str, Any]
    started_ns: int
    ended_ns: int
    error: str


@dataclass
class OtlpReceiver:
    """What has arrived so far; `status` is what it answers with."""

    endpoint: str = ""
    spans: list[Received] = field(default_factory=list)
    requests: int = 0
    status: int = 200

    def named(self, name: str) -> list[Received]:
        """Spans of this name, in the order of their beginning."""
        return sorted((span for span in self.spans if span.name == name), key=lambda span: span.started_ns)

    def take(self, body: bytes) -> None:
        """What one request brings."""
        for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = _values(of_resource.resource.attributes)
            self.spans += [_received(span, resource) for scope in of_resource.scope_spans for span in scope.spans]


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, receiver: OtlpReceiver, *rest: Any) -> None:
        self._receiver = receiver
        super().__init__(*rest)

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        self._receiver.requests += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._receiver.status == 200:
            self._receiver.take(body)
        self.send_response(self._receiver.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """In silence."""


@contextmanager
def otlp_receiver() -> Iterator[OtlpReceiver]:
    """Running inside the block."""
    receiver = OtlpReceiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, receiver))
    receiver.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _received(span: Span, resource: dict[str, Any]) -> Received:
    return Received(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
        attributes=_values(span.attributes),
        resource=resource,
        started_ns=span.start_time_unix_nano,
        ended_ns=span.end_time_unix_nano,
        error=span.status.message,
    )


def _values(pairs: Any) -> dict[str, Any]:
    found: list[KeyValue] = list(pairs)
    return {pair.key: _value(pair.value) for pair in found}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    assert kind is not None
    held = getattr(value, kind)
    return [_value(each) for each in held.values] if kind == "array_value" else held
