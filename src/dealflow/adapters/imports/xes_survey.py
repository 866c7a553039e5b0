"""A first walk through a whole event log, before anything is written: is it sound, how large is it, does the mapping fit?"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from dealflow.adapters.imports.mapping import LogMapping
from dealflow.adapters.imports.mapping_file import ImportInvalid
from dealflow.adapters.imports.xes_file import Stray, XesFile
from dealflow.adapters.process_yaml import Problems
from dealflow.application.import_plans import Finding

MAX_ACTIVITIES = 10_000


@dataclass(frozen=True)
class Survey:
    """What a first walk through the whole log found; a log with a fault in its XML never gets so far."""

    digest: str
    traces: int
    events: int
    never: tuple[Finding, ...] = ()  # activities of the mapping that no event has


@dataclass
class _Seen:
    traces: int = 0
    events: int = 0
    used: set[str] = field(default_factory=set)
    names: Counter[str] = field(default_factory=Counter)


def survey(file: XesFile, mapping: LogMapping) -> Survey:
    """Go through the log once before anything is written.

    Raise ImportInvalid where its XML is broken, and where no event has any of the mapping's activities.
    """
    seen = _Seen()
    for trace in file.traces(frozenset(), frozenset((mapping.by.name, mapping.transition.name))):
        if isinstance(trace, Stray):
            seen.events += 1
            continue
        seen.traces += 1
        seen.events += len(trace.events) + trace.events_left_out
        for event in trace.events:
            name = event.cells.get(mapping.by.name, "")
            seen.used.update(keys_of(name, event.cells.get(mapping.transition.name, ""), mapping))
            if name in seen.names or len(seen.names) < MAX_ACTIVITIES:
                seen.names[name] += 1
    never = [key for key in mapping.facts if key not in seen.used]
    if seen.events and len(never) == len(mapping.facts):
        _refuse(never, seen, mapping)
    found = tuple(Finding(mapping.by.name, key, _nearest(key, seen)) for key in never)
    return Survey(file.digest, seen.traces, seen.events, found)


def keys_of(name: str, transition: str, mapping: LogMapping) -> Iterator[str]:
    """The keys of the mapping that fit an event, the closest first: `name+transition`, `+transition`, `name`."""
    if transition:
        whole, any_name = f"{name}+{transition}", f"+{transition}"
        if whole in mapping.facts:
            yield whole
        if any_name in mapping.facts:
            yield any_name
    if name in mapping.facts:
        yield name


def _nearest(key: str, seen: _Seen) -> str | None:
    return next(iter(get_close_matches(key.partition("+")[0], list(seen.names), n=1)), None)


def _refuse(never: list[str], seen: _Seen, mapping: LogMapping) -> None:
    problems = Problems(mapping.file)
    known = list(seen.names)
    for key in never:
        wrong = f"no event has the activity '{key[:60]}'"
        problems.add(mapping.places[key], "never-occurs", wrong, near=(key.partition("+")[0], known))
    raise ImportInvalid(problems.found)
