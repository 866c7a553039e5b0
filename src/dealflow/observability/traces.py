"""Traces: what a command led to, in processes that share nothing but the store, found by its correlation id.

A trace is named by its correlation id and a span by the command id of what it appended, both of which stand in every event:
so whoever reads an event knows the span that it goes on from, and no context has to travel.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import time_ns

Value = str | bool | int | float | tuple[str, ...]
Sink = Callable[[Sequence["Span"]], None]


@dataclass(frozen=True, slots=True)
class Cause:
    """What was appended by one command or look, by the ids in the stamps of its events."""

    correlation_id: str
    command_id: str

    @property
    def trace_id(self) -> int:
        """128 bits, never 0."""
        return _digest(self.correlation_id, 16)

    @property
    def span_id(self) -> int:
        """64 bits, never 0."""
        return _digest(f"{self.correlation_id}\n{self.command_id}", 8)


@dataclass(slots=True)
class Span:
    """One step with its times in nanoseconds; `error` is the kind of a failure, never its words, which may be personal."""

    name: str
    trace_id: int
    span_id: int
    parent: "Span | Cause | None"
    links: tuple[Cause, ...]
    started_ns: int
    ended_ns: int = 0
    error: str = ""
    attributes: dict[str, Value] = field(default_factory=dict)

    def note(self, **values: Value | None) -> None:
        """Add attributes under `dealflow.`; what is None is left out."""
        self.attributes.update({f"dealflow.{name}": value for name, value in values.items() if value is not None})

    def appended(self, cause: Cause) -> None:
        """From now on this is the span that others find by that cause."""
        self.trace_id, self.span_id = cause.trace_id, cause.span_id


class _Tree:
    """The spans under one that began here; handed on together, since only at the end its ids are known."""

    def __init__(self, root: Span) -> None:
        self.spans, self.current = [root], root


_tree: ContextVar[_Tree | None] = ContextVar("tree", default=None)
_sinks: list[Sink] = []


def is_on() -> bool:
    """Whether anybody wants traces; if not, do nothing for them."""
    return bool(_sinks)


def begun_ns() -> int:
    """The beginning of a step of which only its end will say what it was; 0 when nobody wants traces."""
    return time_ns() if _sinks else 0


@contextmanager
def handed_to(sink: Sink) -> Iterator[None]:
    """Give the spans that end while the block runs to this sink, and to no earlier one."""
    _sinks.append(sink)
    try:
        yield
    finally:
        _sinks.remove(sink)


@contextmanager
def span(
    name: str,
    *,
    correlation_id: str | None = None,
    after: Cause | None = None,
    links: Sequence[Cause] = (),
    since_ns: int = 0,
) -> Iterator[Span]:
    """A step: inside another one its part, else the beginning of a tree, in the trace of a correlation id or of `after`.

    `since_ns` dates its beginning back, to what `begun_ns` said.
    """
    if not _sinks:
        yield _NOBODY
        return
    tree, began = _tree.get(), since_ns or time_ns()
    if tree is None:
        cause = after or (Cause(correlation_id, "") if correlation_id else None)
        trace_id = cause.trace_id if cause else _random(16)
        with _tree_of(Span(name, trace_id, _random(8), after, tuple(links), began)) as root:
            yield root
        return
    parent = tree.current
    step = tree.current = Span(name, parent.trace_id, _random(8), parent, tuple(links), began)
    tree.spans.append(step)
    try:
        with _timed(step):
            yield step
    finally:
        tree.current = parent


def note(**values: Value | None) -> None:
    """Add attributes to the step that is under way here, if any is."""
    if (tree := _tree.get()) is not None:
        tree.current.note(**values)


@contextmanager
def _tree_of(root: Span) -> Iterator[Span]:
    tree = _Tree(root)
    token = _tree.set(tree)
    try:
        with _timed(root):
            yield root
    finally:
        _tree.reset(token)
        for step in tree.spans:
            step.trace_id = root.trace_id
        if _sinks:
            _sinks[-1](tree.spans)


@contextmanager
def _timed(step: Span) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        step.error = type(error).__name__
        raise
    finally:
        step.ended_ns = time_ns()


class _Nobody(Span):
    """Takes what is said of a step when nobody wants traces."""

    def note(self, **values: Value | None) -> None:
        pass

    def appended(self, cause: Cause) -> None:
        pass


def _digest(text: str, length: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:length]) or 1


def _random(length: int) -> int:
    return int.from_bytes(os.urandom(length)) or 1


_NOBODY = _Nobody("", 1, 1, None, (), 0)
