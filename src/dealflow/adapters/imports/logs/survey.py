"""A first walk through a whole event log, before anything is written: is it sound, how large is it, does the mapping fit?"""

from collections import Counter
from dataclasses import dataclass, field

from dealflow.adapters.files.located_yaml import Problems
from dealflow.adapters.imports.cells import personal_columns
from dealflow.adapters.imports.columns.look import ColumnsLook
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.logs.trace import EventLog, Names, Stray
from dealflow.adapters.imports.mapping.chosen import ELSE, Chosen
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.log import CASE, STANDARD_NAMES
from dealflow.adapters.imports.mapping.model import Choices, Column, LogMapping, Template, When, first
from dealflow.application.imports.plans import ColumnProfile, ImportFinding
from dealflow.application.imports.progress import ImportWalk, OnProgress, nowhere
from dealflow.domain.values.phrase import NOTHING, phrase
from dealflow.domain.values.suggest import Suggestions
from dealflow.domain.values.text.spelling import normal_name

MAX_ACTIVITIES = 10_000


@dataclass(frozen=True)
class Survey:
    """What a first walk through the whole log found; a log with a fault in its XML never gets so far."""

    digest: str
    traces: int
    events: int
    forms: ColumnForms
    columns: tuple[ColumnProfile, ...] = ()
    # Attributes of the mapping that nothing has, then activities that no event has.
    never: tuple[ImportFinding, ...] = ()


class _Known:
    """The names of a log's attributes as a mapping writes them."""

    def __init__(self, names: Names) -> None:
        self.of_traces = sorted(f"{CASE}{one}" for one in names.of_traces)
        self.of_events = sorted(one for one in names.of_events if not one.startswith(CASE))
        self.every = [*self.of_events, *self.of_traces]

    def instead_of(self, name: str) -> list[str]:
        """The names that could stand for this one: only a fact may have those of events and of its trace."""
        return self.of_traces if name.startswith(CASE) else self.every


@dataclass
class _Seen:
    traces: int = 0
    events: int = 0
    used: set[str] = field(default_factory=set)
    closest: set[str] = field(default_factory=set)  # keys by which an event is read
    activities: Counter[str] = field(default_factory=Counter)
    names: Names = field(default_factory=Names)


def survey(file: EventLog, mapping: LogMapping, progressed: OnProgress = nowhere) -> Survey:
    """Go through the log once before anything is written.

    Raise ImportInvalid where its XML is broken, where it holds nothing, where an attribute that the mapping cannot do without
    never occurs, and where no event has any of the mapping's activities.
    """
    seen, look = _Seen(), ColumnsLook(mapping, frozenset(personal_columns(mapping)))
    of_events = _OfEvents(mapping)
    wanted, chosen = wanted_of(mapping), Chosen(mapping.facts)
    for trace in file.traces(wanted.of_trace, wanted.of_event_too, seen.names):
        if isinstance(trace, Stray):
            seen.events += 1
            continue
        seen.traces += 1
        progressed(ImportWalk.LOOK, seen.traces, max(seen.traces, round(seen.traces / (file.share or 1))))
        seen.events += len(trace.events) + trace.events_left_out
        case = {f"{CASE}{key}": value for key, value in trace.cells.items()}
        where = phrase("trace {number}", number=trace.number) if mapping.records is None else NOTHING
        look.add(case, where or phrase("row {row}", row=trace.line), of_events.is_of_traces)
        for event in trace.events:
            of_events.add(look, case, event.cells, where or phrase("row {row}", row=event.line))
            name = normal_name(first(mapping.by, event.cells) or "")
            forms = forms_of(name, event.cells.get(mapping.transition.name, ""))
            seen.used.update(form for form in forms if form in mapping.facts)
            if mapping.previous is not None and (before := event.cells.get(mapping.previous.name)):
                seen.used.update(filter(None, [chosen.key_of(normal_name(before))]))
            if (key := chosen.key_of(*forms)) is not None:
                seen.used.add(key)
                seen.closest.add(key)
            if name in seen.activities or len(seen.activities) < MAX_ACTIVITIES:
                seen.activities[name] += 1
    if not seen.traces and not seen.events:
        problems = Problems(str(file.path))
        problems.add((1, 1), "no-events", phrase("the log holds no event"))
        raise ImportInvalid(problems.found)
    absent = _absent(mapping, seen)
    known = _Known(seen.names)
    _refuse_misnamed(absent, file.path.name, mapping, seen, known)
    never = [key for key in mapping.facts if key not in seen.used and key != ELSE]
    if seen.events and not seen.used:
        _refuse(never, seen, mapping)
    suggestions = Suggestions()
    by = ", ".join(column.name for column in _by(mapping))
    found = [
        ImportFinding(
            name, phrase("attribute {name}", name=name[:60]), suggestions.nearest(name, known.instead_of(name))
        )
        for name in sorted(absent)
    ]
    found += [ImportFinding(by, key, suggestions.nearest(key.partition("+")[0], seen.activities)) for key in never]
    read_by = look.forms(file.path.name)
    return Survey(file.digest, seen.traces, seen.events, read_by, look.profiles(read_by), tuple(found))


class _OfEvents:
    """Which typed columns the events have: what is asked of a deal may stand in them as well, or be picked from them."""

    def __init__(self, mapping: LogMapping) -> None:
        self._shared = wanted_of(mapping).shared
        self._picked = {pick.name: pick.cell.name for pick in mapping.picks}

    def is_of_traces(self, template: Template) -> bool:
        """Whether only a trace has it."""
        return all(part.name.startswith(CASE) and part.name not in self._picked for part in template.columns)

    def _is_of_events(self, template: Template) -> bool:
        return not all(
            part.name.startswith(CASE) and part.name not in self._picked and part.name[len(CASE) :] not in self._shared
            for part in template.columns
        )

    def add(self, look: ColumnsLook, case: dict[str, str], cells: dict[str, str], where: str) -> None:
        """One event."""
        shared = {f"{CASE}{name}": cell for name in self._shared if (cell := cells.get(name))}
        picked = {name: cells.get(cell, "") for name, cell in self._picked.items()}
        own = {name: cell for name, cell in case.items() if name[len(CASE) :] not in self._shared}
        look.add({**own, **cells, **shared, **picked}, where, self._is_of_events)


@dataclass(frozen=True)
class Wanted:
    """The attributes of a trace and of an event that a mapping asks for, as the log names them.

    `shared` are those of a trace that its events may have instead: not what says of an event what it is.
    """

    of_trace: frozenset[str]
    of_event: frozenset[str]
    shared: frozenset[str]

    @property
    def of_event_too(self) -> frozenset[str]:
        """All that is to be read of an event."""
        return self.of_event | self.shared


def wanted_of(mapping: LogMapping) -> Wanted:
    """What the mapping asks for."""
    names = {column.name for column in mapping.columns()}
    of_trace = frozenset(name.removeprefix(CASE) for name in names if name.startswith(CASE))
    own = {mapping.at.name, mapping.transition.name, *(column.name for column in _by(mapping))}
    own.update(name for key, name in STANDARD_NAMES.items() if key != "resource")
    return Wanted(of_trace, frozenset(name for name in names if not name.startswith(CASE)), of_trace - own)


def forms_of(name: str, transition: str) -> tuple[str, ...]:
    """How a key of the mapping may name an event, the closest first: `name+transition`, `+transition`, `name`."""
    return (f"{name}+{transition}", f"+{transition}", name) if transition else (name,)


def _by(mapping: LogMapping) -> list[Column]:
    return [column for template in mapping.by for column in template.columns]


def _absent(mapping: LogMapping, seen: _Seen) -> set[str]:
    """The attributes that the mapping asks for and nothing has; where there is no event at all, none is missed in them."""
    wanted, names = wanted_of(mapping), seen.names
    of_trace = wanted.of_trace - names.of_traces - (wanted.shared & names.of_events)
    absent = {f"{CASE}{name}" for name in of_trace} if seen.traces else set[str]()
    # What a mapping of a table does not name, the table need not have.
    unnamed = {STANDARD_NAMES["transition"], STANDARD_NAMES["resource"]} if mapping.records is not None else set[str]()
    return absent | (wanted.of_event - names.of_events - unnamed) if seen.activities else absent


def _refuse_misnamed(absent: set[str], file: str, mapping: LogMapping, seen: _Seen, names: _Known) -> None:
    """Raise ImportInvalid for what no record could be read without, and for what is named almost as something that occurs."""
    problems = Problems(mapping.file)
    own = (mapping.at, *_by(mapping), mapping.transition, mapping.resource)  # of the event, never of its trace
    needed, likely = [mapping.at], [mapping.transition, mapping.resource]
    # Without activities there are still keys for a transition of any activity.
    (likely if seen.used else needed).extend(_by(mapping))
    needed += [*_missed(mapping.deal.id, absent), *_missed_instants(mapping.deal.opened, absent)]
    for key in seen.closest:
        for rule in (*mapping.every, *mapping.facts[key]):
            likely += _missed_instants(rule.at, absent)
    told: set[str] = set()
    for column in [*needed, *likely]:
        name = column.name
        known = names.of_events if column in own else names.instead_of(name)
        # A name of the standard is not misspelled: a log need not have it.
        if name not in absent or name in told:
            continue
        near = problems.suggestions.nearest(name, known)
        is_misspelled = name not in STANDARD_NAMES.values() and near is not None
        if not (column in needed or is_misspelled):
            continue
        told.add(name)
        looked_for = {"file": file, "name": name[:60]}
        wrong = (
            phrase("no trace of {file} has the attribute '{name}'", **looked_for)
            if name.startswith(CASE)
            else phrase("no event of {file} has the attribute '{name}'", **looked_for)
        )
        right = phrase("there are: {known}", known=[one[:40] for one in known[:20]]) if known else None
        problems.add((column.line, column.column), "missing-attribute", wrong, right, suggestion=near)
    if problems.failed:
        raise ImportInvalid(sorted(problems.found, key=lambda problem: (problem.line, problem.column)))


def _missed(choices: Choices, absent: set[str]) -> list[Column]:
    """The absent attributes of texts of which none can ever be filled."""
    missed = [[column for column in template.columns if column.name in absent] for template in choices]
    return [column for columns in missed for column in columns] if all(missed) else []


def _missed_instants(when: When, absent: set[str]) -> list[Column]:
    return [] if when.or_snapshot else _missed(when.choices, absent)


def _refuse(never: list[str], seen: _Seen, mapping: LogMapping) -> None:
    problems = Problems(mapping.file)
    for key in never:
        wrong = phrase("no event has the activity '{key}'", key=key[:60])
        problems.add(mapping.places[key], "never-occurs", wrong, near=(key.partition("+")[0], seen.activities))
    raise ImportInvalid(problems.found)
