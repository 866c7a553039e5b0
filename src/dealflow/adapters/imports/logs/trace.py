"""An event log trace by trace, whatever file it stands in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dealflow.application.imports.plans import ImportFinding
from dealflow.domain.deal.events import ImportedFile
from dealflow.domain.values.phrase import Phrase, phrase

MAX_EVENTS = 20_000
_BELONGS_TO_NONE = phrase("the event belongs to no trace")


@dataclass(slots=True)
class Event:
    """One event: its number in the trace, its line in the file, and the attributes that were wanted."""

    number: int
    line: int
    cells: dict[str, str]


@dataclass(slots=True)
class Trace:
    """One trace; `cells` are its own attributes, `events_left_out` those beyond the most that is read."""

    number: int
    line: int
    cells: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    events_left_out: int = 0
    findings: list[ImportFinding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stray:
    """An event that belongs to no trace, or that cannot be read: why, and the field that is to blame."""

    line: int
    reason: Phrase = _BELONGS_TO_NONE
    field: str = ""
    value: str = ""
    file: str = ""
    is_no_event: bool = False  # what a spreadsheet has added, such as a row of totals


@dataclass(frozen=True, slots=True)
class Names:
    """The names of the attributes that traces and events of a log have: all that were wanted, and others while they are few."""

    of_traces: set[str] = field(default_factory=set)
    of_events: set[str] = field(default_factory=set)


class EventLog(Protocol):
    """A log on disk; each time it is gone through it is read anew."""

    path: Path
    digest: str

    @property
    def given(self) -> tuple[ImportedFile, ...]:
        """The files that it is in, the one with its events first; known once it was gone through."""
        ...

    @property
    def share(self) -> float:
        """How much of the log the present walk has gone through, from 0 to 1."""
        ...

    def traces(
        self, of_trace: frozenset[str], of_event: frozenset[str], names: Names | None = None
    ) -> Iterator[Trace | Stray]:
        """Every trace with these attributes of its own and of its events; `names` takes up which attributes there are."""
        ...

    def place(self, trace: Trace, event: Event | None = None) -> Phrase:
        """Where a trace or an event stands, in words; nothing where its line says it."""
        ...

    def row(self, trace: Trace, event: Event | None = None) -> str:
        """The same with the file, as a fact keeps it."""
        ...

    def called(self, name: str) -> str:
        """What the file calls an attribute or a column of the mapping."""
        ...

    def nearest(self, place: str, value: str) -> str | None:
        """What there is instead of a value that was not found in a joined table; asked for what is shown."""
        ...
