"""Who gets the spans of this process: a collector that our setting or OpenTelemetry's own environment names, else nobody."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from dealflow.observability import traces
from dealflow.observability.traces import Span
from dealflow.settings import Settings

_MOST_SPANS = 2_000
# Shorter than the exporter's first pause, so that no command waits for a second try.
_COMMAND_SECONDS = 0.75
_LAST_WORD_SECONDS = 2.0


def is_wanted(settings: Settings, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether there is a collector to send spans to."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    names = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return bool(settings.otlp_endpoint or any(environment.get(name) for name in names))


@contextmanager
def sent_at_the_end(settings: Settings) -> Iterator[None]:
    """Gather the spans of a command and send them when the block is left; a collector that is away costs a moment."""
    if not is_wanted(settings):
        yield
        return
    gathered: list[Span] = []

    def gather(spans: Sequence[Span]) -> None:
        gathered.extend(spans[: max(_MOST_SPANS - len(gathered), 0)])

    try:
        with traces.handed_to(gather):
            yield
    finally:
        if gathered:
            # A command without spans, which most are, must not load what takes half a second.
            from dealflow.adapters.telemetry.span_pipeline import Pipeline  # noqa: PLC0415  OpenTelemetry loads slowly

            pipeline = Pipeline(settings.otlp_endpoint, timeout=_COMMAND_SECONDS)
            pipeline.take(gathered)
            pipeline.end(_LAST_WORD_SECONDS)


@contextmanager
def sent_meanwhile(settings: Settings) -> Iterator[None]:
    """Send spans in the background while the block runs; when it is left, what is in hand has two seconds to go."""
    if not is_wanted(settings):
        yield
        return
    from dealflow.adapters.telemetry.span_pipeline import Pipeline  # noqa: PLC0415  OpenTelemetry loads slowly

    pipeline = Pipeline(settings.otlp_endpoint)
    try:
        with traces.handed_to(pipeline.take):
            yield
    finally:
        pipeline.end(_LAST_WORD_SECONDS)
