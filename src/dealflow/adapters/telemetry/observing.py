"""What a process tells of itself: all the while it runs, or, for a command, in one go when it ends."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from dealflow.adapters.telemetry.spans import sent_at_the_end, sent_meanwhile
from dealflow.observability import metrics
from dealflow.settings import Settings


@contextmanager
def observed(settings: Settings, *, takes_counts: bool) -> Iterator[None]:
    """Serve metrics and send spans while the block runs, where settings say so; raise MetricsNotServed.

    One process of a folder, with its relay, `takes_counts` of the folder's short commands. Connect to Temporal inside.
    """
    with ExitStack() as stack:
        stack.enter_context(sent_meanwhile(settings))
        if settings.metrics_at:
            # What renders metrics loads slowly, and most installations serve none.
            from dealflow.adapters.telemetry.endpoint import serving  # noqa: PLC0415
            from dealflow.adapters.telemetry.passed_counts import taken_in  # noqa: PLC0415

            stack.enter_context(serving(*settings.metrics_at))
            if takes_counts:
                stack.enter_context(taken_in(settings.home))
        yield


@contextmanager
def observed_briefly(settings: Settings) -> Iterator[None]:
    """Send the spans and pass on the counts of a command when it ends, however it ends."""
    with sent_at_the_end(settings):
        try:
            yield
        finally:
            if metrics.moved():
                from dealflow.adapters.telemetry.passed_counts import pass_on  # noqa: PLC0415

                pass_on(settings.home)
