"""The spans that end here, in place of a collector."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dealflow.observability import traces
from dealflow.observability.traces import Span


@contextmanager
def gathered() -> Iterator[list[Span]]:
    """Those that ended inside the block so far."""
    spans: list[Span] = []

    def gather(ended: Sequence[Span]) -> None:
        spans.extend(ended)

    with traces.handed_to(gather):
        yield spans
