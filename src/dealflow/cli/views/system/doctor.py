"""What `doctor` found, as a person reads it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from dealflow.application.audit.invariants import Checked
from dealflow.application.health.state import (
    CalendarState,
    Examined,
    Health,
    HealthProblem,
    OnRecord,
    StoreState,
    TemporalState,
)
from dealflow.cli.errors import DONE, REFUSED
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import cell, print_heading, print_pairs, print_table
from dealflow.cli.views.setup.house import SHOWN
from dealflow.cli.views.system.parts import print_running
from dealflow.domain.values.phrase import Phrase, counted, phrase
from dealflow.wording.terms import term

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
    _print_problems(phrase("Wrong"), examined.problems)
    if deep:
        _print_deep(deep)
    _print_problems(phrase("To consider"), examined.advice)
    if healthy:
        say()
        say(reader().t("All is well."))
    return DONE if healthy else REFUSED


def _counted(deep: Checked) -> Iterator[tuple[str, object]]:
    counts = deep.counted
    checked = (
        _n_events(counts.events),
        counted("{n:,} command", "{n:,} commands", counts.commands),
        counted("{n:,} notice", "{n:,} notices", counts.notices),
    )
    yield phrase("Checked"), reader().listed(checked)
    to, seal = reader(), deep.seal
    if seal.seals:
        since = (
            to.t("since {at}, as it stood then", at=to.time(seal.since))
            if seal.since
            else to.t("since its first event")
        )
        yield phrase("Sealed"), to.listed((since, counted("{n:,} seal", "{n:,} seals", seal.seals)))
    if changed := sum(seal.not_provable.values()):
        yield (
            phrase("Not provable"),
            counted(
                "{n:,} row that changes: an earlier state of it, put back, would not be found",
                "{n:,} rows that change: an earlier state of one, put back, would not be found",
                changed,
            ),
        )


def _print_deep(deep: Checked) -> None:
    faults = [HealthProblem(part=one.check, says=one.says, do=one.do) for one in deep.findings[:_SHOWN]]
    _print_problems(phrase("Does not hold"), faults)
    if deep.counted.faults > len(faults):
        say("  " + reader().t("and {n} more; --json has more of them", n=deep.counted.faults - len(faults)))
    if deep.not_checked:
        say()
        say(reader().t("The workflows were not checked: {why}", why=cell(deep.not_checked)))


def _parts(found: Health) -> Iterator[tuple[str, object]]:
    to = reader()
    place = [found.version, found.home, *([found.embedded] if found.embedded else [])]
    yield "dealflow", to.listed(place)
    yield phrase("Looked at"), to.time(found.at)
    yield from _store(found.store)
    if found.keys:
        keys = (phrase("{n:,} kept", n=found.keys.kept), phrase("{n:,} destroyed", n=found.keys.erased))
        yield phrase("Keys"), to.joined([found.store.keys, to.listed(keys)])
    yield from _temporal(found.temporal)
    yield phrase("People"), to.t("{n} in {file}", n=found.people.people, file=found.people.file)
    if found.people.on_record:
        yield "", _on_record(found.people.on_record)
    if found.calendars_on_record:
        yield phrase("Own calendars"), _on_record(found.calendars_on_record)
    yield phrase("Calendars"), to.listed(_calendar(calendar) for calendar in found.calendars)
    yield phrase("Processes"), to.listed(found.processes) or to.t("none")
    if found.work:
        waiting = counted("{n:,} deal waits to be woken", "{n:,} deals wait to be woken", found.work.waiting_wakes)
        overdue = counted("{n:,} should have been looked at", "{n:,} should have been looked at", found.work.overdue)
        yield phrase("Work"), _with_oldest([waiting, overdue], found.work.oldest_wake, found.work.oldest_overdue)
    if found.outbox:
        notices = (
            phrase("{n:,} waiting", n=found.outbox.waiting),
            phrase("{n:,} delivered", n=found.outbox.delivered),
            phrase("{n:,} given up", n=found.outbox.abandoned),
            phrase("{n:,} superseded", n=found.outbox.superseded),
            phrase("{n:,} held", n=found.outbox.held),
        )
        yield phrase("Notices"), _with_oldest(notices, found.outbox.oldest)
    if found.views:
        place_in_log = phrase("at {position} of {head}", position=found.views.position, head=found.views.head)
        yield phrase("Views"), _with_oldest([place_in_log], found.views.oldest)


def _on_record(record: OnRecord) -> str:
    to = reader()
    return to.t(
        "version {version} ({digest}), since {at}, loaded by {who}",
        version=record.version,
        digest=record.digest[:SHOWN],
        at=to.time(record.since),
        who=record.by,
    )


def _store(store: StoreState) -> Iterator[tuple[str, object]]:
    to = reader()
    if store.error:
        yield phrase("Store"), to.t("{place}: {error}", place=store.place, error=store.error)
        return
    # The place begins with what it is, which the version says too.
    yield phrase("Store"), to.listed([store.version, str(store.place).partition(", ")[2]])
    contents = (
        phrase("schema {schema}", schema=store.schema_version),
        _n_events(store.events or 0),
        counted("{n:,} deal", "{n:,} deals", store.deals or 0),
        phrase("{n:,} in progress", n=store.in_progress or 0),
    )
    yield "", to.listed(contents)
    if store.seal:
        seals = counted("{n:,} seal", "{n:,} seals", store.seal.seals)
        yield phrase("Seal"), phrase("{seals}, keys in {file}", seals=seals, file=store.seal.file)


def _temporal(temporal: TemporalState) -> Iterator[tuple[str, object]]:
    to = reader()
    if temporal.error:
        yield "Temporal", temporal.error
        return
    yield (
        "Temporal",
        to.t(
            "{address} ({found}), version {version}, namespace {namespace}, queue {queue}",
            address=temporal.address,
            found=temporal.found,
            version=temporal.version,
            namespace=temporal.namespace,
            queue=temporal.queue,
        ),
    )
    workers = counted("{n:,} worker polls", "{n:,} workers poll", temporal.workers or 0)
    workflows = (
        counted("{n:,} workflow of a deal", "{n:,} workflows of deals", temporal.deal_workflows or 0),
        counted("{n:,} of a recipient", "{n:,} of recipients", temporal.person_workflows or 0),
    )
    yield "", to.joined([to.t(workers), to.listed(workflows)])
    if temporal.known_since:
        yield "", to.t("its database has been known since {at}", at=to.time(temporal.known_since))


def _n_events(n: int) -> Phrase:
    return counted("{n:,} event", "{n:,} events", n)


def _with_oldest(counts: Sequence[Phrase], *instants: datetime | None) -> str:
    """Counts of what waits, with since when the oldest of them does."""
    to = reader()
    known = [instant for instant in instants if instant is not None]
    said = to.listed(counts)
    return to.joined([said, to.t("the oldest since {at}", at=to.time(min(known)))]) if known else said


def _calendar(calendar: CalendarState) -> str:
    """Its name, with the first year whose make-up days are still to be announced."""
    if calendar.provisional_from is None:
        return calendar.name
    return reader().t("{name} (provisional from {year})", name=calendar.name, year=calendar.provisional_from)


def _print_problems(heading: str, problems: Sequence[HealthProblem]) -> None:
    if problems:
        print_heading(heading)
        for problem in problems:
            say("  " + reader().t("{name}: {value}", name=term("part", problem.part), value=cell(problem.says)))
            say(f"    {cell(problem.do)}")
