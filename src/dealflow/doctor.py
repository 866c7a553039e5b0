"""`dealflow doctor`: looks at every part of an installation without changing any, and says what to do."""

import asyncio
import os
from collections.abc import Callable, Iterator
from datetime import datetime

from dealflow import __version__
from dealflow.adapters.calendar_file import CalendarFileInvalid
from dealflow.adapters.clock import SystemClock
from dealflow.adapters.notices_text import NoticeTexts
from dealflow.adapters.people_file import PeopleFileError, load_people
from dealflow.adapters.store.sqlite import FILE_NAME
from dealflow.adapters.temporal.client import let_go
from dealflow.adapters.temporal.probe import probe
from dealflow.application.health import (
    CalendarState,
    Examined,
    Health,
    OutboxState,
    PeopleState,
    Setting,
    StoreState,
    ViewState,
    WorkState,
    examined,
)
from dealflow.application.invariants import Checked, Invariants, checked
from dealflow.application.ports import Scheduled, StoreUnreachable
from dealflow.application.workflow_checks import compare
from dealflow.bootstrap import System, open_system
from dealflow.domain.people import Person
from dealflow.embedded.home_lock import holder_of
from dealflow.settings import Settings, unknown_variables
from dealflow.worker import reconcile

PAGE = 5_000
# Younger than this a wake is under way; the relay leaves it to others for as long.
GRACE_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
# Longer than the relay's grace: a wake that was under way has arrived by then.
SETTLED_SECONDS = 2 * GRACE_SECONDS


def examine(settings: Settings) -> Examined:
    """Look at everything once; takes a few seconds at most, also when a part is away."""
    now = SystemClock().now()
    holder = holder_of(settings.home)
    try:
        temporal = asyncio.run(probe(settings))
    finally:
        let_go()
    found = Health(
        at=now,
        version=__version__,
        home=str(settings.home.absolute()),
        embedded=f"dealflow {holder.what}, process {holder.pid}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
        if holder
        else "",
        settings=tuple(Setting(name=row.name, value=row.value, source=row.source) for row in settings.describe()),
        unknown_settings=tuple(unknown_variables(os.environ)),
        store=StoreState(place=_place(settings)),
        people=PeopleState(file=str(settings.people)),
        notice_problems=tuple(NoticeTexts(settings.notices).problems()),
        temporal=temporal,
    )
    return examined(_with_store(found, settings, now))


def examine_deeply(settings: Settings, progress: Callable[[int, int], None]) -> Checked:
    """Whether everything holds that the store promises; `progress` hears how many events of how many were read."""
    try:
        with open_system(settings) as system:
            return asyncio.run(check_invariants(system, progress))
    finally:
        let_go()


async def check_invariants(
    system: System,
    progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    settled_seconds: float = SETTLED_SECONDS,
) -> Checked:
    """The store's rows, then its deals against their workflows; the system may work on meanwhile."""
    invariants = Invariants(system.parts.rows, system.processes, progress)
    counted, found = await asyncio.to_thread(lambda: invariants.check(system.parts.count_events()))
    compared = await compare(lambda: reconcile(system, dry_run=True), lambda: asyncio.sleep(settled_seconds))
    return checked(counted, found, compared)


def _place(settings: Settings) -> str:
    return "PostgreSQL" if settings.database_url else f"SQLite, {(settings.home / FILE_NAME).absolute()}"


def _with_store(found: Health, settings: Settings, now: datetime) -> Health:
    # Opening a store makes one, and a doctor changes nothing.
    if not settings.database_url and not (settings.home / FILE_NAME).exists():
        said = f"there is no store in {settings.home.absolute()}"
        return found.model_copy(update={"store": StoreState(place=_place(settings), error=said)})
    try:
        with open_system(settings) as system:
            return _looked_at(found, system, now)
    except StoreUnreachable as error:
        return found.model_copy(update={"store": StoreState(place=_place(settings), error=str(error))})
    except CalendarFileInvalid as error:
        return found.model_copy(update={"calendar_problems": tuple(str(problem) for problem in error.problems)})


def _looked_at(found: Health, system: System, now: datetime) -> Health:
    rows = list(_in_progress(system))
    published = system.processes.published()
    return found.model_copy(
        update={
            "store": _store(system, len(rows)),
            "people": _people(system),
            "calendars": tuple(_calendars(system, now)),
            "processes": tuple(str(ref) for ref in published),
            "work": _work(system, now),
            "outbox": _outbox(system, now),
            "views": _views(system),
        }
    )


def _store(system: System, in_progress: int) -> StoreState:
    parts = system.parts
    keys = system.settings.keys
    return StoreState(
        place=parts.place,
        schema_version=parts.schema_version,
        events=parts.count_events(),
        last_position=parts.store.head(),
        deals=len(parts.store.streams("deal/")),
        in_progress=in_progress,
        keys="in a schema of their own" if system.settings.database_url else str(keys.absolute()),
    )


def _in_progress(system: System) -> Iterator[Scheduled]:
    after = ""
    while page := system.schedule.in_progress(after, PAGE):
        yield from page
        after = page[-1].deal_id


def _people(system: System) -> PeopleState:
    file = system.settings.people
    try:
        organisation = load_people(file)
    except PeopleFileError as error:
        problems = tuple(str(problem) for problem in error.problems)
        return PeopleState(file=str(file), declared=True, problems=problems)
    unreachable = {
        person.id: why for person in organisation.people.values() if (why := _why_unreachable(system, person))
    }
    return PeopleState(
        file=str(file), declared=organisation.declared, people=len(organisation.people), unreachable=unreachable
    )


def _why_unreachable(system: System, person: Person) -> str:
    """Why no channel of this person can ever take a message; "" when one can."""
    faults = {channel.id: system.notifier.fault_of(channel) for channel in system.notifier.channels_of(person)}
    if any(fault is None for fault in faults.values()):
        return ""
    return "; ".join(f"{channel}: {fault}" for channel, fault in faults.items()) or "no channel"


def _calendars(system: System, now: datetime) -> Iterator[CalendarState]:
    calendars = system.calendars
    for name in sorted(calendars.names):
        calendar = calendars.get(name)
        years = (now.year, now.year + 1) if calendar.plan.country else ()
        provisional = next((year for year in years if calendar.is_provisional(year)), None)
        yield CalendarState(name=name, version=calendar.version, provisional_from=provisional)


def _work(system: System, now: datetime) -> WorkState:
    rows = system.schedule.waiting(now, grace_seconds=GRACE_SECONDS, patience_seconds=PATIENCE_SECONDS, limit=PAGE)
    wakes = [row for row in rows if row.wake_version > max(row.signalled_version, row.seen_version)]
    late = [row for row in rows if row not in wakes]
    since = [row.armed_at if row.signalled_version <= row.seen_version else row.signalled_at for row in late]
    return WorkState(
        waiting_wakes=len(wakes),
        oldest_wake=min((row.wake_at for row in wakes if row.wake_at), default=None),
        overdue=len(late),
        oldest_overdue=min((at for at in since if at), default=None),
    )


def _outbox(system: System, now: datetime) -> OutboxState:
    recipients = system.outbox.recipients(now, 1)
    return OutboxState(
        **system.outbox.counts(),
        oldest_due=recipients[0][1] if recipients else None,
        gather_minutes=system.settings.digest_minutes,
    )


def _views(system: System) -> ViewState:
    board = system.board
    lag = board.lag()
    return ViewState(
        position=lag.position,
        head=lag.head,
        faults=tuple(f"deal {f.deal_id}, event {f.event}: {f.error}" for f in board.faults()),
    )
