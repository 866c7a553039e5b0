"""What an open store says of itself, of the parts that run on it, and of what waits in it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dealflow.adapters.people.reader import PeopleFileError, load_people
from dealflow.adapters.store.rows.tallies import WaitingCount
from dealflow.adapters.views.engine import FILE_NAME as VIEWS
from dealflow.application.engine.presence import clock_ahead
from dealflow.application.health.state import (
    CalendarMissing,
    CalendarState,
    Health,
    KeysState,
    OnRecord,
    OutboxState,
    PeopleState,
    RunningState,
    SealHealth,
    StoreState,
    TemporalState,
    ViewState,
    WorkState,
)
from dealflow.application.house.in_force import InForce
from dealflow.application.ports.store import EventUnreadable, StoreUnreachable
from dealflow.bootstrap import System
from dealflow.domain.deal.stream import DEAL_STREAMS
from dealflow.domain.people.organisation import Person
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase, phrase_of

T = TypeVar("T")


def looked_at(found: Health, system: System) -> Health:
    """What was found, with what the store knows; of Temporal that is which database of it is known."""
    now = system.clock.now()
    damaged: list[Phrase | str] = []

    def looked(name: str, look: Callable[[], T]) -> T | None:
        """What there is to see, or None where rows are damaged, which is told instead."""
        try:
            return look()
        except EventUnreadable as error:
            damaged.append(phrase_of(error))
            return None
        except StoreUnreachable:
            raise
        except Exception as error:  # noqa: BLE001  whatever stands in the rows, it is told and not thrown
            damaged.append(f"{name} ({type(error).__name__})")
            return None

    tally = looked("tallies", lambda: system.parts.tallies.take(now))
    known = looked("known_server", system.parts.known_server.read)
    update = {
        "at": now,
        "store": _store(system, tally),
        "keys": looked("keys", lambda: _keys(system)),
        "temporal": TemporalState(database=known.server_id, known_since=known.since) if known else TemporalState(),
        "running": looked("parts", lambda: _running(system)),
        "people": looked("people", lambda: _people(system)) or found.people.model_copy(update={"unread": True}),
        "calendars": looked("calendars", lambda: tuple(_calendars(system, now))) or (),
        "calendars_on_record": looked("calendars", lambda: _on_record(system.house_calendars)),
        "calendars_missing": looked("calendars", lambda: tuple(_calendars_missing(system))) or (),
        "processes": looked("processes", lambda: tuple(str(ref) for ref in system.processes.published())) or (),
        "work": _work(tally) if tally else None,
        "outbox": looked("outbox", lambda: _outbox(system, tally)) if tally else None,
        "views": looked("views", lambda: _views(system)),
    }
    return found.model_copy(update=update | {"damaged": tuple(damaged)})


def _work(tally: WaitingCount) -> WorkState:
    return WorkState(
        waiting_wakes=tally.wakes,
        oldest_wake=tally.oldest_wake,
        overdue=tally.overdue,
        oldest_overdue=tally.oldest_overdue,
    )


def _running(system: System) -> RunningState:
    parts = system.parts
    # The instant last: whoever reads it finds no sign of life that is younger.
    found, lease = parts.running.all(), parts.relay_lease.state()
    return RunningState(at=parts.running.now(), parts=tuple(found), relay_lease=lease)


def _store(system: System, tally: WaitingCount | None) -> StoreState:
    parts = system.parts
    ahead = clock_ahead(parts.running, system.clock) or timedelta(0)
    keys = system.settings.keys
    return StoreState(
        place=parts.place,
        version=parts.database_version(),
        schema_version=parts.schema_version,
        clock_ahead_seconds=ahead.total_seconds(),
        events=parts.count_events(),
        last_position=parts.store.head(),
        deals=len(parts.store.streams(DEAL_STREAMS)),
        in_progress=tally.in_progress if tally else None,
        seal=_seal(system),
        keys=phrase("in a schema of their own") if system.settings.database_url else str(keys.absolute()),
    )


def _seal(system: System) -> SealHealth:
    found = system.parts.sealing.state()
    return SealHealth(
        seals=found.seals,
        key_id=found.key_id,
        file=str(system.settings.seal_keys.absolute()),
        is_here=found.is_here,
        is_gone=found.is_gone,
    )


def _keys(system: System) -> KeysState:
    found = system.parts.keys.examine()
    says, do = found.problem or (NOTHING, NOTHING)
    return KeysState(
        place=found.place,
        problem=says,
        do=do,
        exposed=found.exposed,
        kept=found.kept,
        erased=found.erased,
        missing=found.missing,
        lost=found.lost,
        doubtful=found.doubtful,
    )


def _people(system: System) -> PeopleState:
    file = system.settings.people
    try:
        load_people(file)
        organisation = system.people_with_addresses()
    except PeopleFileError as error:
        problems = tuple(str(problem) for problem in error.problems)
        return PeopleState(file=str(file), declared=True, problems=problems)
    unreachable = {
        person.id: why for person in organisation.people.values() if (why := _why_unreachable(system, person))
    }
    return PeopleState(
        file=str(file),
        declared=organisation.declared,
        people=len(organisation.people),
        unreachable=unreachable,
        on_record=_on_record(system.people),
    )


def _on_record(of: InForce[Any]) -> OnRecord | None:
    """The version that counts; None where none was ever loaded."""
    last, differs = of.versions.last(), of.differs()
    if last is None:
        return None
    return OnRecord(
        version=last.number,
        digest=last.digest,
        since=last.stamp.recorded_at,
        by=last.stamp.actor,
        differs=differs.said if differs else NOTHING,
        gone=of.is_gone(),
    )


def _why_unreachable(system: System, person: Person) -> str:
    """Why no channel of this person can ever take a message; "" when one can."""
    faults = {channel.id: system.notifier.fault_of(channel) for channel in system.notifier.channels_of(person)}
    if any(fault is None for fault in faults.values()):
        return ""
    return "; ".join(f"{channel}: {fault}" for channel, fault in faults.items()) or phrase("no channel")


def _calendars(system: System, now: datetime) -> Iterator[CalendarState]:
    calendars = system.calendars
    for name in sorted(calendars.names):
        calendar = calendars.get(name)
        years = (now.year, now.year + 1) if calendar.plan.country else ()
        provisional = next((year for year in years if calendar.is_provisional(year)), None)
        yield CalendarState(name=name, version=calendar.version, provisional_from=provisional)


def _calendars_missing(system: System) -> Iterator[CalendarMissing]:
    """What the processes ask for by which deals are in progress, or would be opened."""
    published = system.processes.published()
    latest = {ref.name: ref for ref in published}
    asking: dict[Phrase, list[str]] = {}
    for ref in published:
        if ref in latest.values() or (has_views(system) and ref in system.board.processes_in_use()):
            with suppress(EventUnreadable):
                if fault := system.processes.get(ref).calendar_fault:
                    asking.setdefault(fault, []).append(str(ref))
    for says, processes in asking.items():
        yield CalendarMissing(says=says, processes=tuple(processes))


def has_views(system: System) -> bool:
    """Whether there is a board."""
    # Asking SQLite for a file makes it.
    return bool(system.settings.database_url) or (system.settings.home / VIEWS).exists()


def _outbox(system: System, tally: WaitingCount) -> OutboxState:
    return OutboxState(
        **system.outbox.counts(),
        oldest=tally.oldest_notice,
        oldest_due=tally.earliest_due,
        gather_minutes=system.settings.digest_minutes,
    )


def _views(system: System) -> ViewState:
    head = system.store.head()
    if not has_views(system):
        return ViewState(head=head, behind=head, oldest=_recorded_after(system, 0))
    lag = system.board.lag()
    oldest = _recorded_after(system, lag.position)
    return ViewState(
        position=lag.position,
        head=lag.head,
        behind=lag.head - lag.position if oldest else 0,
        oldest=oldest,
        faults=tuple(
            phrase("deal {deal_id}, event {event}: {error}", deal_id=f.deal_id, event=f.event, error=f.error)
            for f in system.board.faults()
        ),
    )


def _recorded_after(system: System, position: int) -> datetime | None:
    """When the next event behind a position was recorded; None when there is none, or it cannot be read."""
    try:
        events = system.store.log(position, 1)
    except EventUnreadable:
        return None
    return events[0].recorded.stamp.recorded_at if events else None
