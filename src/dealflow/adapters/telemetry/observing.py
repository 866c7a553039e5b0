"""What a process tells of itself while it runs: its metrics, and its spans."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dealflow.adapters.telemetry.spans import sent_meanwhile
from dealflow.settings import Settings


@contextmanager
def observed(settings: Settings) -> Iterator[None]:
    """Serve metrics and send spans while the block runs, where settings say so; raise MetricsNotServed.

    Connect to Temporal inside.
    """
    with ExitStack() as stack:
        stack.enter_context(sent_meanwhile(settings))
        if settings.metrics_at:
            # What renders metrics loads slowly, and most installations serve none.
            from dealflow.adapters.telemetry.endpoint import serving  # noqa: PLC0415  only where metrics are served

            stack.enter_context(serving(*settings.metrics_at))
        yield
