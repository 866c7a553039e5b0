"""What `doctor` found, as a person reads it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from dealflow.application.audit.invariants import Checked
from dealflow.application.health.state import CalendarState, Examined, Health, HealthProblem
from dealflow.cli.errors import DONE, REFUSED
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import cell, print_heading, print_pairs, print_table
from dealflow.cli.views.system.parts import print_running

_SHOWN = 50


def print_examined(examined: Examined, deep: Checked | None = None) -> int:
    """Print what was found and what to do about it; the exit code."""
    healthy = examined.healthy and (deep is None or deep.sound)
    if reader().json:
        print_json(examined if deep is None else {**examined.model_dump(), "healthy": healthy, "deep": deep})
        return DONE if healthy else REFUSED
    found = examined.found
    print_pairs([*_parts(found), *(_counted(deep) if deep else ())])
    if found.running:
        print_running(found.running)
    print_heading("Settings")
    print_table(("Name", "Value", "From"), [(one.name, one.value, one.source) for one in found.settings], indent=2)
    _print_problems("Wrong", examined.problems)
    if deep:
        _print_deep(deep)
    _print_problems("To consider", examined.advice)
    if healthy:
        say()
        say(reader().t("All is well."))
    return DONE if healthy else REFUSED


def _counted(deep: Checked) -> Iterator[tuple[str, object]]:
    text = "{events} events, {commands} commands, {notices} notices"
    yield "Checked", reader().t(text).format(**deep.counted.model_dump())


def _print_deep(deep: Checked) -> None:
    faults = [HealthProblem(part=one.check, says=one.says, do=one.do) for one in deep.findings[:_SHOWN]]
    _print_problems("Does not hold", faults)
    if deep.counted.faults > len(faults):
        say("  " + reader().t("and {n} more; --json has more of them").format(n=deep.counted.faults - len(faults)))
    if deep.not_checked:
        say()
        say(reader().t("The workflows were not checked: {why}").format(why=cell(deep.not_checked)))


def _parts(found: Health) -> Iterator[tuple[str, object]]:
    to, store, temporal = reader(), found.store, found.temporal
    yield "dealflow", f"{found.version}, {found.home}" + (f", {found.embedded}" if found.embedded else "")
    yield "Looked at", to.time(found.at)
    if store.error:
        yield "Store", f"{store.place}: {store.error}"
    else:
        # The place begins with what it is, which the version says too.
        yield "Store", f"{store.version}, {store.place.partition(', ')[2]}"
        text = "schema {schema}, {events} events, {deals} deals, {in_progress} in progress"
        numbers = {"schema": store.schema_version, "deals": store.deals, "in_progress": store.in_progress}
        yield "", to.t(text).format(events=store.events, **numbers)
        yield "Keys", store.keys
    if temporal.error:
        yield "Temporal", temporal.error
    else:
        text = "{address} ({found}), version {version}, namespace {namespace}, queue {queue}"
        yield "Temporal", to.t(text).format(**temporal.model_dump())
        text = "{workers} workers poll; {deals} workflows of deals, {people} of recipients"
        counts = {"deals": temporal.deal_workflows, "people": temporal.person_workflows}
        yield "", to.t(text).format(workers=temporal.workers, **counts)
        if temporal.known_since:
            yield "", to.t("its database has been known since {at}").format(at=to.time(temporal.known_since))
    yield "People", to.t("{n} in {file}").format(n=found.people.people, file=found.people.file)
    yield "Calendars", ", ".join(_calendar(calendar) for calendar in found.calendars)
    yield "Processes", ", ".join(found.processes) or to.t("none")
    if found.work:
        text = "{waiting} deals wait to be woken, {overdue} should have been looked at"
        work = to.t(text).format(waiting=found.work.waiting_wakes, overdue=found.work.overdue)
        yield "Work", work + _oldest(found.work.oldest_wake, found.work.oldest_overdue)
    if found.outbox:
        text = "{waiting} waiting, {delivered} delivered, {abandoned} given up, {held} held"
        yield "Notices", to.t(text).format(**found.outbox.model_dump()) + _oldest(found.outbox.oldest)
    if found.views:
        place = to.t("at {position} of {head}").format(position=found.views.position, head=found.views.head)
        yield "Views", place + _oldest(found.views.oldest)


def _oldest(*instants: datetime | None) -> str:
    """Since when the oldest of them waits, as the rest of a line."""
    known = [instant for instant in instants if instant is not None]
    return reader().t("; the oldest since {at}").format(at=reader().time(min(known))) if known else ""


def _calendar(calendar: CalendarState) -> str:
    """Its name, with the first year whose make-up days are still to be announced."""
    if calendar.provisional_from is None:
        return calendar.name
    return reader().t("{name} (provisional from {year})").format(name=calendar.name, year=calendar.provisional_from)


def _print_problems(heading: str, problems: Sequence[HealthProblem]) -> None:
    if problems:
        print_heading(heading)
        for problem in problems:
            say(f"  {problem.part}: {cell(problem.says)}")
            say(f"    {cell(problem.do)}")
