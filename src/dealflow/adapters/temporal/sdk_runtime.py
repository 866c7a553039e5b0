"""The runtime of Temporal's SDK, one per process: where its logs go, and where its metrics are read."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection, HTTPException

from temporalio.runtime import LogForwardingConfig, LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig

_LOOPBACK = "127.0.0.1"
_TRIES = 5
_SCRAPE_SECONDS = 2.0
_measured_at: list[int] = []


def runtime() -> Runtime:
    """The one in use now; with metrics while `sdk_measured` runs."""
    return _runtime(_measured_at[-1] if _measured_at else 0)


@contextmanager
def sdk_measured() -> Iterator[None]:
    """Clients that connect while the block runs are measured, on a port of loopback that only `sdk_metrics` reads."""
    _measured_at.append(_measured_port())
    try:
        yield
    finally:
        _measured_at.pop()


def sdk_metrics() -> bytes:
    """The SDK's own metrics as Prometheus reads them; nothing where it does not answer."""
    if not _measured_at:
        return b""
    connection = HTTPConnection(_LOOPBACK, _measured_at[-1], timeout=_SCRAPE_SECONDS)
    with suppress(OSError, HTTPException):
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        if answer.status == 200:
            return answer.read()
    connection.close()
    return b""


def _measured_port() -> int:
    """A port on which a runtime gives its metrics; somebody may take a free one before the runtime does."""
    for left in reversed(range(_TRIES)):
        with socket.socket() as held:
            held.bind((_LOOPBACK, 0))
            port: int = held.getsockname()[1]
        try:
            _runtime(port)
        except ValueError:
            if not left:
                raise
        else:
            return port
    raise AssertionError


@cache
def _runtime(port: int) -> Runtime:
    """Its logs go the way of all logs, since standard output belongs to what a command prints."""
    # The client's own target says at every retry what is logged once per outage elsewhere.
    levels = "error,temporalio_sdk_core=warn,temporalio_sdk=warn,temporal_sdk_bridge=warn,temporalio_client=error"
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    measured = PrometheusConfig(
        bind_address=f"{_LOOPBACK}:{port}", counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    logs = LoggingConfig(filter=levels, forwarding=forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=logs, metrics=measured if port else None))
