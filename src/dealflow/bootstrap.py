"""Where ports meet adapters: one system, opened from its settings."""

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.calendars.current import CalendarFile, NamedCalendar
from dealflow.adapters.calendars.kept import calendars_content, calendars_of_content
from dealflow.adapters.clock import SystemClock
from dealflow.adapters.files.private import keep_private
from dealflow.adapters.people.file import PeopleFile
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.store import StoreParts, fingerprint_of, found_schema, open_store
from dealflow.adapters.temporal_server.address import address_of
from dealflow.application.house.in_force import InForce
from dealflow.application.house.versions import KeptForm, Versions
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.schedule import Schedule
from dealflow.application.ports.store import EventStore
from dealflow.application.ports.wake_hint import WakeHint
from dealflow.application.processes.publishing import Concern
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.events import CalendarsLoaded, PeopleLoaded
from dealflow.domain.house.decide import must_leave_a_loader
from dealflow.domain.house.people_content import organisation_of, people_content, with_addresses
from dealflow.domain.house.streams import CALENDARS_STREAM, PEOPLE_STREAM
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.sight import sees_all
from dealflow.settings import Settings

if TYPE_CHECKING:
    from dealflow.adapters.notices.notify import Notifier
    from dealflow.adapters.notices.texts import NoticeTexts
    from dealflow.adapters.telemetry.store_gauges import StoreGauges
    from dealflow.adapters.temporal.wake_hint import TemporalWakeHint
    from dealflow.adapters.views.board import BoardView
    from dealflow.application.audit.exceptions import FindExceptions
    from dealflow.application.audit.seal_acts import SealActs
    from dealflow.application.commands.handle import Deals
    from dealflow.application.customers.deals import DealsOfCustomer
    from dealflow.application.customers.find import FindCustomers
    from dealflow.application.customers.handle import Customers
    from dealflow.application.imports.run import Imports
    from dealflow.application.reading.as_of import ReadDeals
    from dealflow.application.tokens.handle import Tokens
    from dealflow.application.tokens.known import RecogniseTokens
    from dealflow.application.tokens.people_change import PeopleChange


PEOPLE = KeptForm(
    PEOPLE_STREAM,
    PeopleLoaded,
    people_content,
    organisation_of,
    is_nothing=lambda people: not people.declared,
    check=must_leave_a_loader,
    outlives_file=True,
)
CALENDARS = KeptForm(
    CALENDARS_STREAM,
    CalendarsLoaded,
    calendars_content,
    calendars_of_content,
    is_nothing=lambda calendars: not calendars.own,
    check=lambda _: None,
    # They are asked for each deadline, of which an import has many.
    stale_seconds=0.5,
)


@dataclass
class System:
    """Everything that the edges use; parts that few commands need are made when asked for."""

    settings: Settings
    parts: StoreParts
    clock: UtcClock
    people: InForce[Organisation]
    people_file: PeopleFile
    house_calendars: InForce[BusinessCalendars]
    calendar_file: CalendarFile
    processes: Processes
    given_hint: WakeHint | None = None
    _temporal_hint: "TemporalWakeHint | None" = field(default=None, init=False)
    _hint_lock: Lock = field(default_factory=Lock, init=False)

    @property
    def store(self) -> EventStore:
        return self.parts.store

    @property
    def calendars(self) -> BusinessCalendars:
        return self.house_calendars.current()

    def calendars_checked(self) -> BusinessCalendars:
        """The same for what is to be told of them; CalendarFileInvalid where they are a file's that cannot be used."""
        if self.house_calendars.is_own:
            self.calendar_file.checked()
        return self.calendars

    def must_agree(self) -> None:
        """HouseFilesDiffer where a part would run here beside other files of the house than those that count in the store."""
        self.people.must_agree("people load")
        self.house_calendars.must_agree("calendar load")

    def people_with_addresses(self) -> Organisation:
        """The people who count, with the addresses of channels that this computer's file has."""
        counting, of_file = self.people.current(), self.people_file.known()
        return counting if of_file is None or of_file is counting else with_addresses(counting, of_file)

    @property
    def schedule(self) -> Schedule:
        return self.parts.schedule

    @property
    def outbox(self) -> Outbox:
        return self.parts.outbox

    @cached_property
    def reading(self) -> "ReadDeals":
        """Of the system itself, which sees all: no edge reads with it."""
        return self.reading_for(None)

    def reading_for(self, viewer: str | None) -> "ReadDeals":
        """Reads deals for this person; None is the system itself, which sees all."""
        from dealflow.application.reading.as_of import ReadDeals  # noqa: PLC0415  an import reads no single deal

        return ReadDeals(self.store, self.processes, self.people.current, self.clock, viewer)

    def reach_hint(self) -> WakeHint | None:
        """What wakes workflows after an append, made when there is something to wake; None while no server is known."""
        if self.given_hint is not None:
            return self.given_hint
        with self._hint_lock:
            if self._temporal_hint is None and address_of(self.settings):
                from dealflow.adapters.temporal.wake_hint import TemporalWakeHint  # noqa: PLC0415  0.3 s that most commands save

                self._temporal_hint = TemporalWakeHint(self.settings, self.store, self.schedule, self.clock)
            return self._temporal_hint

    @cached_property
    def deals(self) -> "Deals":
        from dealflow.application.commands.handle import Deals  # noqa: PLC0415  whoever only reads needs nothing that decides

        def take_along(customer: str) -> None:
            # Made when the first merge comes in between, which is hardly ever.
            self.customers.take_along(customer)

        fingerprint = fingerprint_of(self.parts.keys)
        return Deals(
            self.store,
            self.processes,
            self.people.current,
            self.clock,
            self.reach_hint,
            fingerprint,
            check_instant=self.parts.clock.check_instant,
            hides_customer=lambda person, customer: self.customers_for(person).hides(customer),
            take_along=take_along,
        )

    @cached_property
    def customers(self) -> "Customers":
        from dealflow.application.customers.handle import CustomerParts, Customers  # noqa: PLC0415  few commands need it
        from dealflow.application.reading.board import DealQuery  # noqa: PLC0415  few commands need it

        def deals_of(customer: str) -> list[str]:
            return [row.deal_id for row in self.board.deals(DealQuery(customer=customer))]

        return Customers(
            CustomerParts(
                self.store,
                self.processes,
                self.people.current,
                self.clock,
                self.parts.keys,
                self.parts.external_ids,
                fingerprint_of(self.parts.keys),
                self.reach_hint,
                deals_of,
                lambda: [deal.deal_id for deal in self.board.unreadable()],
            )
        )

    def exceptions_for(self, viewer: str) -> "FindExceptions":
        """What was done as an exception, as far as this person may read of it."""
        from dealflow.application.audit.exceptions import FindExceptions  # noqa: PLC0415  few commands need it
        from dealflow.application.viewer import Viewer  # noqa: PLC0415  few commands need it

        return FindExceptions(self.store, Viewer(viewer, self.people.current(), self.clock.now()))

    def customers_for(self, viewer: str) -> "FindCustomers":
        """The customers who are there for this person."""
        from dealflow.application.customers.find import FindCustomers  # noqa: PLC0415  few commands need it

        people, board = self.people.current(), self.board
        return FindCustomers(
            self.store,
            self.parts.external_ids,
            board.seen_by(viewer),
            board,
            self.parts.keys,
            sees_all=sees_all(viewer, people),
            suggests=not self._is_integrator(viewer),
        )

    def _is_integrator(self, viewer: str) -> bool:
        person = self.people.current().people.get(viewer)
        return person is not None and person.role == "integrator"

    def deals_of_customers_for(self, viewer: str) -> "DealsOfCustomer":
        """The deals that are meant by their customer; an integrator records for deals that they do not see."""
        from dealflow.application.customers.deals import DealsOfCustomer  # noqa: PLC0415  few commands need it
        from dealflow.application.reading.known_names import KnownNames  # noqa: PLC0415  few commands need it

        names = KnownNames(self.reading_for(viewer))
        return DealsOfCustomer(self.customers_for(viewer), names, self._is_integrator(viewer))

    @cached_property
    def tokens(self) -> "Tokens":
        from dealflow.application.tokens.handle import Tokens  # noqa: PLC0415  few commands need it

        return Tokens(self.store, self.people.current, self.clock, fingerprint_of(self.parts.keys))

    def people_change(self, version: int, viewer: str) -> "PeopleChange":
        """What this version of the people means for what is there, for whoever reads."""
        from dealflow.application.tokens.people_change import change_of  # noqa: PLC0415  few commands need it

        board, numbered, now = self.board, self.people.versions.numbered, self.parts.running.now()
        before, people = numbered(version - 1).value if version > 1 else None, numbered(version).value
        return change_of(before, people, self.store, now, board.owners_in_progress(), board.seen_by(viewer), board)

    @cached_property
    def recognise_tokens(self) -> "RecogniseTokens":
        from dealflow.application.tokens.known import RecogniseTokens  # noqa: PLC0415  few people come by one

        return RecogniseTokens(self.store, self.people.current, self.parts.running.now)

    @cached_property
    def seal_acts(self) -> "SealActs":
        from dealflow.application.audit.seal_acts import SealActs  # noqa: PLC0415  few commands need it

        file = str(self.settings.seal_keys)
        return SealActs(self.store, self.parts.sealing, self.people.current, self.clock, file)

    @cached_property
    def imports(self) -> "Imports":
        from dealflow.application.imports.run import Imports  # noqa: PLC0415  few commands need it
        from dealflow.wording.sentences import all_said  # noqa: PLC0415  few commands need it

        return Imports(self.store, self.outbox, self.processes, self.people.current, self.reach_hint, all_said)

    @cached_property
    def notifier(self) -> "Notifier":
        return notifier_of(self.settings)

    @cached_property
    def texts(self) -> "NoticeTexts":
        from dealflow.adapters.notices.texts import NoticeTexts  # noqa: PLC0415  few commands need it

        return NoticeTexts(self.settings.notices)

    @cached_property
    def board(self) -> "BoardView":
        from dealflow.adapters.views.board import open_board  # noqa: PLC0415  SQLAlchemy loads slowly

        return open_board(self.settings, self.store, self.processes, self.people.current, self.clock)

    @cached_property
    def gauges(self) -> "StoreGauges":
        from dealflow.adapters.telemetry.store_gauges import StoreGauges  # noqa: PLC0415  for the relay only

        return StoreGauges(self.parts.tallies, self.store, lambda: self.board.lag().position, self.clock)

    def wake(self, recipients: Collection[str]) -> None:
        """Have these people told of what waits for them."""
        from dealflow.application.commands.hint import hint_recipients  # noqa: PLC0415  few commands need it

        hint_recipients(self.reach_hint, {*recipients})

    def close(self) -> None:
        """Let go of what was made when it was asked for."""
        try:
            if "board" in vars(self):
                self.board.close()
        finally:
            if self._temporal_hint is not None:
                self._temporal_hint.close()


@contextmanager
def open_system(
    settings: Settings, wake_hint: WakeHint | None = None, *, upgrading: bool = False, reading: bool = False
) -> Iterator[System]:
    """Open the store and what stands on it, and close it again; `wake_hint` replaces the hint to Temporal.

    `upgrading`: a store of an older version is opened as well, for what brings it up to date. `reading`: one that
    nobody may write is opened as well, for what only reads.
    """
    # Folding makes very many small values and no cycles: looking for some after every 700 of them doubles its time.
    gc.set_threshold(50_000, 20, 50)
    parts = open_store(
        settings.database_url,
        settings.home,
        settings.keys,
        settings.seal_keys,
        upgrading=upgrading,
        reading=reading,
        holds_clock=not settings.tests_move_clocks,
    )
    keep_private(settings.home, settings.keys, settings.seal_keys)
    clock = SystemClock()
    try:
        people_file = PeopleFile(settings.people, is_named=settings.names_people)
        calendar_file, writes = calendars_of(settings), not (reading or upgrading)
        people = InForce(
            people_file, Versions(PEOPLE, parts.store, clock), is_own=settings.is_own("people"), writes=writes
        )
        calendars = InForce(
            calendar_file, Versions(CALENDARS, parts.store, clock), is_own=settings.is_own("calendars"), writes=writes
        )

        def calendar_of(name: str) -> NamedCalendar:
            return NamedCalendar(name, calendars.current, calendar_file)

        # Whom a publication concerns; it is asked once the system is there.
        def owners_in_progress(process: str) -> list[str | None]:
            return system.board.owners_in_progress(process)

        def wake(recipients: Collection[str]) -> None:
            system.wake(recipients)

        processes = Processes(
            parts.store,
            clock,
            people.current,
            rules_of=CelRules,
            calendar_of=calendar_of,
            seals=parts.event_seals,
            concern=Concern(owners_in_progress, wake),
        )
        house = people, people_file, calendars, calendar_file
        system = System(settings, parts, clock, *house, processes, wake_hint)
        try:
            yield system
        finally:
            system.close()
    finally:
        parts.close()


def notifier_of(settings: Settings) -> "Notifier":
    """Sends messages by the channels of this installation."""
    from dealflow.adapters.notices.notify import Notifier  # noqa: PLC0415  Apprise loads slowly, only delivery needs it

    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    return Notifier(
        settings.outbox,
        default_channels=settings.default_channels,
        webhook_secret=secret,
        timeout=settings.notify_timeout_seconds,
    )


def calendars_of(settings: Settings) -> CalendarFile:
    """The shipped calendars and the house's own; only a file that was asked for by name has to be there."""
    return CalendarFile(settings.calendars, is_named=settings.calendars != settings.home / "calendars.yaml")


def people_here(settings: Settings) -> Organisation:
    """The people who count here, with the addresses of their channels, for what needs no store; PeopleFileError."""
    if _is_of_file(settings, "people"):
        return PeopleFile(settings.people, is_named=settings.names_people).checked()
    with open_system(settings, reading=True) as system:
        return system.people_with_addresses()


def calendars_here(settings: Settings) -> BusinessCalendars:
    """The calendars that count here, for what needs no store; CalendarFileInvalid."""
    if _is_of_file(settings, "calendars"):
        return calendars_of(settings).checked()
    with open_system(settings, reading=True) as system:
        return system.calendars_checked()


def _is_of_file(settings: Settings, name: Literal["people", "calendars"]) -> bool:
    """Whether a file alone says what counts: there is no store, or it is the home's own file, and there."""
    file: Path = getattr(settings, name)
    return (settings.is_own(name) and file.exists()) or found_schema(settings.database_url, settings.home) == 0
