"""The SDK's own log lines go where ours go, instead of straight to the terminal."""

import logging

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter


def forward_core_logs() -> None:
    """Call once, before the first client: the SDK's core then logs through Python's logging."""
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    chosen = LoggingConfig(filter=TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarding)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=chosen)), error_if_already_set=False)
