"""What `doctor` found, in lines for people: the parts first, then what is wrong and what to do."""

from collections.abc import Iterator

from dealflow.application.health import Examined, Health, Problem

_WIDTH = 12


def told(examined: Examined) -> Iterator[str]:
    """The lines, the verdict last."""
    found = examined.found
    for name, text in _parts(found):
        yield f"{name:<{_WIDTH}}{text}"
    yield ""
    yield "Settings"
    width = max((len(setting.name) for setting in found.settings), default=0)
    for setting in found.settings:
        yield f"  {setting.name:<{width}}  {setting.value or '-'}  ({setting.source})"
    for title, listed in (("Advice", examined.advice), ("Problems", examined.problems)):
        if listed:
            yield ""
            yield title
            for problem in listed:
                yield from _lines(problem)
    yield ""
    yield "Healthy." if examined.healthy else f"{len(examined.problems)} to mend."


def _lines(problem: Problem) -> Iterator[str]:
    yield f"  {problem.part}: {problem.says}"
    yield f"    -> {problem.do}"


def _parts(found: Health) -> Iterator[tuple[str, str]]:
    yield "dealflow", f"{found.version}, state in {found.home}"
    yield "running", found.embedded or "no `dealflow up` in this folder"
    yield from _store(found)
    people = found.people
    yield "people", f"{people.people} in {people.file}" if people.declared else "nobody declared"
    for calendar in found.calendars:
        provisional = f"; provisional from {calendar.provisional_from}" if calendar.provisional_from else ""
        yield "calendar", f"{calendar.name}: {calendar.version}{provisional}"
    if not found.store.error:
        yield "processes", ", ".join(found.processes) or "none published"
    yield from _temporal(found)
    yield from _work(found)


def _store(found: Health) -> Iterator[tuple[str, str]]:
    store = found.store
    if store.error or store.events is None:
        yield "store", f"{store.place}: not usable"
        return
    yield "store", f"{store.place}, schema {store.schema_version}"
    yield "", f"{store.events} events up to position {store.last_position}; keys in {store.keys}"
    yield "deals", f"{store.deals}, {store.in_progress} in progress"


def _temporal(found: Health) -> Iterator[tuple[str, str]]:
    temporal = found.temporal
    if temporal.error:
        yield "temporal", f"{temporal.address or 'no address'}: not reachable"
        return
    yield (
        "temporal",
        f"{temporal.address} ({temporal.found}), server {temporal.version}, namespace {temporal.namespace}",
    )
    yield "", f"{temporal.workers} workers on queue {temporal.queue}"
    yield "", f"{temporal.deal_workflows} deal workflows, {temporal.person_workflows} for recipients"


def _work(found: Health) -> Iterator[tuple[str, str]]:
    if found.work:
        yield "waiting", f"{found.work.waiting_wakes} wakes, {found.work.overdue} overdue looks"
    if found.outbox:
        o = found.outbox
        yield "outbox", f"{o.waiting} waiting, {o.delivered} delivered, {o.held} held, {o.abandoned} given up"
    if found.views:
        yield "board", f"at position {found.views.position} of {found.views.head}, {len(found.views.faults)} faults"
