"""From our spans to OpenTelemetry's, and to a collector by OTLP over HTTP, told by OpenTelemetry's own environment."""

import logging
from collections.abc import Sequence
from threading import Lock, Thread

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, set_span_in_context

from dealflow import __version__
from dealflow.observability.logs import Log, emit
from dealflow.observability.traces import Cause, Span

PATH = "/v1/traces"


class Pipeline:
    """Takes ended spans from any thread; `timeout` bounds one request and its repetitions, in seconds."""

    def __init__(self, endpoint: str, timeout: float | None = None) -> None:
        # It says every try that fails; one line an outage is ours to say.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._ids, self._lock = _GivenIds(), Lock()
        exporter = _Exporter(f"{endpoint.rstrip('/')}{PATH}" if endpoint else None, timeout=timeout)
        ours = Resource({SERVICE_NAME: "dealflow", SERVICE_VERSION: __version__})
        self._provider = TracerProvider(
            id_generator=self._ids, resource=ours.merge(OTELResourceDetector().detect()), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("dealflow", __version__)

    def take(self, spans: Sequence[Span]) -> None:
        """Queue these; never waits."""
        for span in spans:
            self._take(span)

    def end(self, within: float) -> None:
        """Send what is left and stop, or leave it after so many seconds."""
        ending = Thread(target=self._provider.shutdown, name="traces", daemon=True)
        ending.start()
        ending.join(within)

    def _take(self, span: Span) -> None:
        context, links = Context(), [Link(_context(link, is_remote=True)) for link in span.links]
        if span.parent is not None:
            parent = _context(span.parent, is_remote=isinstance(span.parent, Cause))
            context = set_span_in_context(NonRecordingSpan(parent), context)
        with self._lock:
            self._ids.trace_id, self._ids.span_id = span.trace_id, span.span_id
            made = self._tracer.start_span(
                span.name, context, attributes=span.attributes, links=links, start_time=span.started_ns
            )
        if span.error:
            made.set_status(Status(StatusCode.ERROR, span.error))
        made.end(span.ended_ns)


class _GivenIds(IdGenerator):
    """The ids of the span that is being made, which were known before."""

    def __init__(self) -> None:
        self.trace_id = self.span_id = 1

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


class _Exporter(OTLPSpanExporter):
    """Says once an outage that spans are lost."""

    _is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        if result is SpanExportResult.FAILURE and not self._is_away:
            emit(Log.TRACES_LOST, "warning", endpoint=self._endpoint, spans=len(spans))
        self._is_away = result is SpanExportResult.FAILURE
        return result


def _context(of: Span | Cause, *, is_remote: bool) -> SpanContext:
    return SpanContext(of.trace_id, of.span_id, is_remote, TraceFlags(TraceFlags.SAMPLED))
