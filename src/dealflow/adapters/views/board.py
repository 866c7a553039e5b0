"""The board: all deals at a glance in tables that follow the log, each event taken in exactly once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from threading import Lock
from types import MappingProxyType
from typing import TypeVar

from dealflow.adapters.views.checkpoint import START, VIEW, Checkpoint, Place, Taken, fault
from dealflow.adapters.views.engine import ViewDatabase, open_views
from dealflow.adapters.views.queries import (
    BoardQueries,
    ProcessMissing,
    WrongOf,
    deals_of,
    faults_of,
    processes_in_use,
    rows_held,
)
from dealflow.adapters.views.rows import ViewRows, rows_of
from dealflow.adapters.views.stalled import stalled_deals
from dealflow.application.log_pages import Page, next_page, tail_of
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.open_stalls import StalledDeal
from dealflow.application.ports.store import EventStore, EventUnreadable, StoreUnreachable, Stream
from dealflow.application.processes.registry import Processes
from dealflow.application.reading.board import DealQuery, DealRow, Fault, GapRow, Lag
from dealflow.application.reading.inventory import Inventory, ProcessOf
from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.application.reading.unreadable import UnreadableDeal, why_unreadable
from dealflow.application.viewer import Viewer
from dealflow.domain.deal.events import Recorded
from dealflow.domain.deal.evolve import fold, last_known
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of, stream_of
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability.logs import Log, emit
from dealflow.settings import Settings

PAGE = 5_000
_COMPARED = 200
_POLL_SECONDS = 1.0
_PATIENCE_SECONDS = 30.0
Answered = TypeVar("Answered")


def _nothing(_: ProcessRef) -> Phrase:
    return NOTHING


class BoardView:
    """Safe to use from several threads and processes at once: whoever is second at a position gives way.

    It is the system's own and holds every deal; `seen_by` gives the board of one reader.
    """

    _viewer: str | None = None

    def __init__(
        self,
        database: ViewDatabase,
        store: EventStore,
        process_of: ProcessOf,
        people: Callable[[], Organisation],
        clock: UtcClock,
        *,
        wrong_of: WrongOf = _nothing,
    ) -> None:
        self._database, self._store = database, store
        self._process_of, self._wrong_of = process_of, wrong_of
        self._people, self._clock = people, clock
        self._checkpoint = Checkpoint(database)
        self._lock = Lock()

    def seen_by(self, viewer: str) -> "BoardView":
        """The same board with nothing on it but the deals that this person sees."""
        seen = copy(self)
        seen._viewer = viewer  # noqa: SLF001  a board of our own
        return seen

    def deals(self, wanted: DealQuery) -> list[DealRow]:
        """The deals that are wanted, by id."""
        return self._ask(lambda queries: queries.deals(wanted))

    def count_deals(self, wanted: DealQuery) -> int:
        """How many are wanted, whatever the page."""
        return self._ask(lambda queries: queries.count_deals(wanted))

    def gaps(self, wanted: DealQuery) -> list[GapRow]:
        """The gaps that are wanted, of the deals that are, by the deal's id, oldest first."""
        return self._ask(lambda queries: queries.gaps(wanted))

    def stalls(self, wanted: StallQuery) -> list[StallRow]:
        """The stalls that are wanted, oldest deadline first."""
        return self._ask(lambda queries: queries.stalls(wanted))

    def customers(self) -> list[str]:
        """The ids of all customers of deals."""
        return self._ask(lambda queries: queries.customers())

    def owners_in_progress(self, process: str | None = None) -> list[str | None]:
        """Who owns deals in progress, of a process in any version of it where one is named, each once."""
        return self._ask(lambda queries: queries.owners_in_progress(process))

    def board_inventory(self) -> Inventory:
        """The inventory of now."""
        return self._ask(lambda queries: queries.inventory())

    def unreadable(self) -> list[UnreadableDeal]:
        """The deals that cannot be read, by id; none of the lists has them."""
        return self._ask(lambda queries: queries.unreadable())

    def stalled_deals(self) -> Sequence[StalledDeal]:
        """The deals in progress with an open stall, by id; whoever reads the board."""
        self.catch_up()
        with self._database.reading() as connection:
            return stalled_deals(connection)

    def lag(self) -> Lag:
        """How far the view has come, without catching up first, or making a table."""
        return Lag(position=(self._checkpoint.look() or START)[0], head=self._store.head())

    def faults(self) -> list[Fault]:
        """What the view could not take in; makes no table either."""
        if self._checkpoint.look() is None:
            return []
        with self._database.reading() as connection:
            return faults_of(connection)

    def catch_up(self) -> int:
        """Take in what was appended since; how many events. A deal that cannot be taken in is noted, and holds up no other."""
        self._checkpoint.prepare()
        with self._lock:
            taken = 0
            while (step := self._step()) is not None:
                taken += step
            return taken

    def mend(self) -> int:
        """Try the deals again that could not be taken in; how many are well now."""
        self._checkpoint.prepare()
        with self._lock:
            while (mended := self._mended()) is None:
                pass
            return mended

    async def follow(self, stop: asyncio.Event, *, poll_seconds: float = _POLL_SECONDS) -> None:
        """Catch up until told to stop; while the store is away, ever more rarely."""
        emit(Log.PROJECTION_STARTED, view=VIEW)
        wait, is_first = poll_seconds, True
        while not stop.is_set():
            try:
                taken = await asyncio.to_thread(self.catch_up)
                if is_first:
                    await asyncio.to_thread(self.mend)
                    emit(Log.PROJECTION_CAUGHT_UP, view=VIEW, events=taken)
                wait, is_first = poll_seconds, False
            except StoreUnreachable as error:
                emit(Log.PROJECTION_FAILED, "warning", view=VIEW, error=str(error))
                wait = min(wait * 2, _PATIENCE_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def differing(self) -> list[str]:
        """The deals whose rows are not what their streams come to, by id; the board is neither made nor brought up to date.

        What it has not taken in yet is no difference. Raise what it is that cannot be read of the tables.
        """
        place = self._checkpoint.look()
        if place is None:
            return []
        is_behind = place[0] != self._store.head()
        found: list[str] = []
        streams = self._store.streams(DEAL_STREAMS)
        for start in range(0, len(streams), _COMPARED):
            loaded, errors = self._load(streams[start : start + _COMPARED])
            with self._database.reading() as connection:
                held = rows_held(connection, [deal_of(stream) for stream in loaded])
                known = {each.deal_id for each in faults_of(connection)}
            for stream, recorded in loaded.items():
                deal, deal_id = fold(recorded), deal_of(stream)
                if deal_id in known or stream in errors:
                    continue
                rows = held.get(deal_id)
                if deal is None:
                    found += [deal_id] if rows is not None and not is_behind else []
                    continue
                if rows is None or rows.deal["version"] != deal.version:
                    found += [] if is_behind else [deal.id]
                elif rows.in_order() != rows_of(deal, self._process_of(deal.process)).in_order():
                    found.append(deal.id)
        return sorted(found)

    def refill(self) -> None:
        """Make the tables anew, and fill them from the start of the log."""
        self._checkpoint.remake()
        self.catch_up()

    def processes_in_use(self) -> set[ProcessRef]:
        """The versions of the deals in progress that are on the board, without catching up first, or making a table."""
        if self._checkpoint.look() is None:
            return set()
        with self._database.reading() as connection:
            return processes_in_use(connection)

    def _ask(self, question: Callable[[BoardQueries], Answered]) -> Answered:
        try:
            return self._answer(question)
        except (StoreUnreachable, CommandRefused):
            raise
        except Exception as error:  # noqa: BLE001  whatever is wrong with the rows, the log has all that they are made of
            emit(Log.PROJECTION_FAILED, "error", view=VIEW, error=str(error), exc_info=error)
        self._checkpoint.remake()
        return self._answer(question)

    def _answer(self, question: Callable[[BoardQueries], Answered]) -> Answered:
        self.catch_up()
        if self.faults():
            self.mend()
        while True:
            try:
                with self._database.reading() as connection:
                    viewer = Viewer(self._viewer, self._people(), self._clock.now())
                    return question(BoardQueries(connection, self._process_of, viewer, self._wrong_of))
            except ProcessMissing as missing:
                self._take_again(missing.ref)

    def _take_again(self, ref: ProcessRef) -> None:
        """The deals of a process that cannot be read any more become deals that cannot be."""
        with self._lock:
            place = self._checkpoint.place()
            with self._database.reading() as connection:
                streams = [stream_of(deal_id) for deal_id in deals_of(connection, ref)]
            taken = self._rows(dict.fromkeys(streams), dict.fromkeys(streams, place[0]))
            self._checkpoint.write(place, place, taken, self._clock.now())

    def _mended(self) -> int | None:
        """How many deals are well now; None when somebody else moved on meanwhile, so that these rows may be old already."""
        place = self._checkpoint.place()
        with self._database.reading() as connection:
            known = {stream_of(each.deal_id): each for each in faults_of(connection) if each.deal_id}
        if not known:
            return 0
        positions = {stream: each.position for stream, each in known.items()}
        taken = self._rows(dict.fromkeys(known), positions, known)
        # Of the others it is on record already that they cannot be read, and why.
        failed = [row for row in taken.failed if row["error"] != known[stream_of(row["deal_id"])].error]
        taken = taken._replace(failed=failed)
        if not any(taken):
            return 0
        well = len(taken.rows) + len(taken.gone)
        return well if self._checkpoint.write(place, place, taken, self._clock.now()) else None

    def _step(self) -> int | None:
        """Take in the next page; 0 when somebody else was first, None when there is nothing left."""
        place = self._checkpoint.place()
        if not self._is_same_history(place):
            emit(Log.PROJECTION_FAILED, "warning", view=VIEW, error="the store has another history; filling anew")
            self._checkpoint.forget(place)
            return 0
        page = next_page(self._store, place[0], PAGE)
        if page is None:
            return None
        moved = self._checkpoint.write(place, (page.end, page.tail), self._take(page), self._clock.now())
        return len(page.events) if moved else 0

    def _is_same_history(self, place: Place) -> bool:
        """Whether the event taken in last still stands where it stood; not in a store that was restored or replaced."""
        position, tail = place
        if not tail:
            return position == 0 or self._store.head() >= position
        try:
            stands = self._store.log(position - 1, 1)
        except EventUnreadable:
            return True
        return bool(stands) and stands[0].position == position and tail_of(stands[0]) == tail

    def _take(self, page: Page) -> Taken:
        if page.unreadable:
            error = page.unreadable
            emit(Log.PROJECTION_FAILED, "error", view=VIEW, position=page.end, error=str(error))
            deal = deal_of(error.stream) if error.stream.startswith(DEAL_STREAMS) else ""
            return Taken(
                failed=[fault(deal, page.end, f"{error.stream} {error.version}", str(error), self._clock.now())]
            )
        streams: dict[str, list[Recorded]] = {}
        positions: dict[str, int] = {}
        for logged in page.events:
            if logged.recorded.stream.startswith(DEAL_STREAMS):
                streams.setdefault(logged.recorded.stream, []).append(logged.recorded)
                positions[logged.recorded.stream] = logged.position
        # A stream that begins in this page is all here: an import is read once.
        known = {stream: events if events[0].stamp.version == 1 else None for stream, events in streams.items()}
        return self._rows(known, positions)

    def _rows(
        self,
        streams: Mapping[str, list[Recorded] | None],
        positions: Mapping[str, int],
        known: Mapping[str, Fault] = MappingProxyType({}),
    ) -> Taken:
        """The rows of these deals, and what was wrong with the others; None: the events are still to be loaded.

        What was `known` before is not said in the log again.
        """
        loaded, errors = self._load([stream for stream, events in streams.items() if events is None])
        rows: list[ViewRows] = []
        gone: list[str] = []
        deals: dict[str, Deal | None] = {}
        for stream, events in streams.items():
            if stream in errors:
                continue
            try:
                recorded = loaded.get(stream, ()) if events is None else events
                deals[stream] = deal = fold(recorded)
                if deal is not None:
                    rows.append(rows_of(deal, self._process_of(deal.process)))
                elif last_known(recorded):
                    gone.append(deal_of(stream))
                else:
                    raise EventUnreadable(stream, 1, phrase("it is not there"))
            except Exception as error:
                if isinstance(error, StoreUnreachable) and not isinstance(error, EventUnreadable):
                    raise
                # Whatever else it is, it must hold up no other deal.
                errors[stream] = error
        failed = []
        for stream, wrong in errors.items():
            position, deal = positions[stream], deals.get(stream)
            said = str(why_unreadable(wrong, str(deal.process) if deal else ""))
            if stream not in known or known[stream].error != said:
                emit(Log.PROJECTION_FAILED, "error", view=VIEW, deal=stream, position=position, error=str(wrong))
            failed.append(fault(deal_of(stream), position, stream, said, self._clock.now(), deal))
        return Taken(rows, failed, gone)

    def _load(self, streams: list[str]) -> tuple[dict[str, Stream], dict[str, Exception]]:
        try:
            return (self._store.load_many(streams) if streams else {}), {}
        except EventUnreadable:
            loaded: dict[str, Stream] = {}
            errors: dict[str, Exception] = {}
            for stream in streams:
                try:
                    loaded[stream] = self._store.load(stream)
                except EventUnreadable as error:
                    errors[stream] = error
            return loaded, errors


def open_board(
    settings: Settings, store: EventStore, processes: Processes, people: Callable[[], Organisation], clock: UtcClock
) -> BoardView:
    """The board beside this store; nothing is read or made before the first question."""
    database = open_views(settings.home, settings.database_url)
    return BoardView(
        database,
        store,
        lambda ref: processes.get(ref).definition,
        people,
        clock,
        wrong_of=lambda ref: processes.get(ref).calendar_fault,
    )
