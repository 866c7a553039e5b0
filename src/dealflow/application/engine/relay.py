"""The relay: wakes every deal and recipient that nobody else has woken, so that a lost wake is late and never missing."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from time import monotonic
from typing import TypeVar

from dealflow.application.commands.append import about
from dealflow.application.commands.causes import cause_in
from dealflow.application.engine.bounded import for_each
from dealflow.application.engine.follow import FollowHouse
from dealflow.application.engine.lease import LeaseHolder
from dealflow.application.engine.parts import KnownServer
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.schedule import Mark, Schedule, Scheduled
from dealflow.application.ports.store import EventStore, StoreUnreachable
from dealflow.application.ports.workflow_starter import TemporalUnreachable, Woken, WorkflowStarter
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.stream import stream_of
from dealflow.observability import happened as h
from dealflow.observability.happened import happened
from dealflow.observability.logs import Log, emit
from dealflow.observability.traces import Cause, is_on, span

T = TypeVar("T")
MOST_RECIPIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the relay looks, how long it leaves a wake to others, and how much it does at a time; in seconds.

    `lease` is how long after a relay has died another one takes over.
    """

    every: float = 0.5
    grace: float = 2.0
    patience: float = 60.0
    check_server_every: float = 5.0
    longest_back_off: float = 10.0
    lease: float = 10.0
    in_flight: int = 16
    page: int = 500


@dataclass(frozen=True, slots=True)
class RelayTurn:
    """What one look of the relay came to: how many deals and recipients it woke."""

    deals: int
    recipients: int


def record(schedule: Schedule, row: Scheduled, woken: Woken, at: datetime) -> None:
    """Note it at once."""
    schedule.note([mark_of(row, woken, at)])


def mark_of(row: Scheduled, woken: Woken, at: datetime) -> Mark:
    """What became of this version's wake, to be noted so that it is not sent again."""
    match woken:
        case Woken.SIGNALLED:
            return Mark(row.deal_id, row.version, at, seen=False)
        case Woken.DELAYED:
            # A run that begins at that instant is as good as one that has looked and waits for it.
            return Mark(row.deal_id, row.version, row.next_due, seen=True)
        case Woken.ENDED:
            return Mark(row.deal_id, row.version, None, seen=True)


def summary_of(store: EventStore, deal_id: str) -> str:
    """What people read of a deal's workflow in a list: title and process; its id where its events cannot be read now."""
    try:
        deal = fold(store.load(stream_of(deal_id)))
    except StoreUnreachable:
        # One deal whose events are damaged must not pass for an outage, which would hold up everybody's wakes.
        return deal_id
    return about(deal) if deal else deal_id


def last_cause(store: EventStore, deal_id: str) -> Cause | None:
    """What appended the deal's last event: a wake goes on from there. None where its events cannot be read now."""
    try:
        recorded = store.load(stream_of(deal_id))
    except StoreUnreachable:
        return None
    return cause_in(recorded[-1].stamp) if recorded else None


class Relay:
    """Of all that run the one with the lease works; `mend` is run when the server's database is another one.

    The lease spares work, it does not guard anything: a wake that two have sent is seen once.
    """

    def __init__(  # noqa: PLR0913  each is a port of its own
        self,
        schedule: Schedule,
        outbox: Outbox,
        clock: UtcClock,
        starter: WorkflowStarter,
        known_server: KnownServer,
        lease: LeaseHolder,
        mend: Callable[[], Awaitable[None]],
        *,
        house: FollowHouse | None = None,
        pace: Pace = Pace(),
        cause_of: Callable[[str], Cause | None] = lambda _: None,
    ) -> None:
        self._schedule, self._outbox, self._clock = schedule, outbox, clock
        self._starter, self._known_server, self._lease = starter, known_server, lease
        self._mend, self._pace = mend, pace
        self._cause_of, self._house = cause_of, house
        # Its own threads: the store's calls block, and the loop's default pool is small and shared.
        self._threads = ThreadPoolExecutor(4, "relay")
        self._rests: dict[str, float] = {}
        self._woken_recipients: set[str] = set()
        self._mending: asyncio.Task[None] | None = None
        self._check_server_at = 0.0
        self._server_id = ""
        self._is_checked = True
        self._away = False

    async def run(self, stop: asyncio.Event) -> None:
        """Look and wake until `stop` is set; neither Temporal nor the store being away ends it."""
        emit(Log.RELAY_STARTED)
        keeping = asyncio.create_task(self._lease.keep())
        pause = self._pace.every
        try:
            while not stop.is_set():
                try:
                    await self._ask_server()
                    self._say(await self.turn())
                    pause = self._pace.every
                except (TemporalUnreachable, StoreUnreachable) as error:
                    self._say_away(error)
                    pause = min(pause * 2, self._pace.longest_back_off)
                    self._check_server_at = 0.0
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
        finally:
            keeping.cancel()
            await self._stop_mending()
            await self._let_go("it is being stopped")
            self._lease.close()
            self._threads.shutdown()
            emit(Log.RELAY_STOPPED)

    async def turn(self) -> RelayTurn:
        """Wake all that wait now, if this is the one that works; raise what makes going on useless.

        What was under way has ended by then, and nothing is begun once the lease is another's.
        """
        leads = await self._lease.take()
        if self._house is not None:
            await self._blocking(partial(self._house.read_files, leads=leads))
        if not leads:
            await self._stop_mending()
            return RelayTurn(0, 0)
        await self._mend_another_server()
        woken = await self._wake_deals() + await self._wake_for_house()
        recipients = await self._wake_recipients() if self._lease.holds() else 0
        return RelayTurn(woken, recipients)

    async def _wake_deals(self) -> int:
        pace, now = self._pace, self._clock.now()
        self._rests = {key: until for key, until in self._rests.items() if until > monotonic()}
        # Those that rest come first, being the oldest; however many they are, there is room for the others.
        page = pace.page + len(self._rests)
        rows = await self._blocking(
            lambda: self._schedule.waiting(now, grace_seconds=pace.grace, patience_seconds=pace.patience, limit=page)
        )
        deals = [row for row in rows if stream_of(row.deal_id) not in self._rests]
        return await for_each(
            self._while_held(deals), self._wake_deal, at_once=pace.in_flight, failed=self._deal_failed
        )

    async def _wake_for_house(self) -> int:
        """Wake what a change of people or calendars concerns; it is done with when each of them has been woken."""
        house = self._house
        if house is None or not self._lease.holds():
            return 0
        deals = await self._blocking(lambda: house.to_wake(self._pace.page))
        left = dict.fromkeys(deals)

        async def wake(deal_id: str) -> None:
            row = await self._blocking(lambda: self._schedule.get(deal_id))
            if row is not None and row.in_progress:
                # Due now, whatever its deadlines: a run that waits for its first one is to look all the same.
                woken = await self._starter.wake(replace(row, next_due=self._clock.now()))
                happened(h.DEAL_WOKEN, ("relay", woken.value))
            del left[deal_id]

        to_wake = self._while_held(deal for deal in deals if stream_of(deal) not in self._rests)
        try:
            return await for_each(to_wake, wake, at_once=self._pace.in_flight, failed=self._stalled_failed)
        finally:
            house.not_woken(left)

    async def _wake_recipients(self) -> int:
        lately = self._clock.now() - timedelta(seconds=self._pace.grace)
        people = await self._blocking(lambda: self._outbox.recipients(MOST_RECIPIENTS))
        # Somebody whose notice is due later has a workflow that waits for that instant.
        due = [person for person, at in people if at <= lately]
        self._woken_recipients.intersection_update(due)
        to_wake = self._while_held(person for person in due if f"person/{person}" not in self._rests)
        return await for_each(to_wake, self._wake_recipient, at_once=self._pace.in_flight, failed=self._person_failed)

    def _while_held(self, items: Iterable[T]) -> Iterable[T]:
        return takewhile(lambda _: self._lease.holds(), items)

    async def _wake_deal(self, row: Scheduled) -> None:
        after = await self._blocking(lambda: self._cause_of(row.deal_id)) if is_on() else None
        with span("wake", after=after) as step:
            step.note(by="relay", deal=row.deal_id, version=row.version)
            woken = await self._starter.wake(row)
            happened(h.DEAL_WOKEN, ("relay", woken.value), traced={"outcome": woken.value})
        await self._blocking(lambda: record(self._schedule, row, woken, self._clock.now()))

    async def _wake_recipient(self, person_id: str) -> None:
        await self._starter.wake_recipient(person_id, again=person_id in self._woken_recipients)
        happened(h.RECIPIENT_WOKEN, ("relay", "sent"))
        self._woken_recipients.add(person_id)
        self._rest(f"person/{person_id}")

    def _deal_failed(self, row: Scheduled, error: Exception) -> None:
        self._stalled_failed(row.deal_id, error)

    def _stalled_failed(self, deal_id: str, error: Exception) -> None:
        self._rest(stream_of(deal_id))
        happened(h.DEAL_WAKE_FAILED, ("relay", "failed"), deal=deal_id, error=str(error), exc_info=error)

    def _person_failed(self, person_id: str, error: Exception) -> None:
        self._rest(f"person/{person_id}")
        happened(h.RECIPIENT_WAKE_FAILED, ("relay", "failed"), person=person_id, error=str(error), exc_info=error)

    def _rest(self, key: str) -> None:
        """One outstanding wake: nothing more for this deal or person until patience has run out."""
        self._rests[key] = monotonic() + self._pace.patience

    async def _ask_server(self) -> None:
        """A server that stops takes its answer along; so it is asked even when there is nobody to wake."""
        if monotonic() >= self._check_server_at:
            try:
                self._server_id = await self._starter.server_id()
            except TemporalUnreachable:
                # Another relay may have a way to where this one has none.
                await self._let_go("it does not reach Temporal")
                raise
            self._check_server_at = monotonic() + self._pace.check_server_every
            self._is_checked = False

    async def _mend_another_server(self) -> None:
        if self._is_checked or (self._mending is not None and not self._mending.done()):
            return
        known = await self._blocking(self._known_server.read)
        self._is_checked = True
        if self._server_id and (known is None or known.server_id != self._server_id):
            self._mending = asyncio.create_task(self._mend_all(self._server_id))

    async def _stop_mending(self) -> None:
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.gather(self._mending, return_exceptions=True)
            self._mending = None

    async def _let_go(self, reason: str) -> None:
        try:
            await self._lease.let_go(reason)
        except StoreUnreachable:
            # It runs out by itself.
            return

    async def _mend_all(self, server_id: str) -> None:
        """The database is new or another: bring every run back, and only then take the server as known."""
        try:
            await self._mend()
            await self._blocking(lambda: self._known_server.write(server_id))
        except (TemporalUnreachable, StoreUnreachable):
            # The loop says so, once an outage; the next check begins again.
            return
        except Exception as error:  # noqa: BLE001  begun again at the next check
            emit(Log.RELAY_WAKE_FAILED, "error", error=str(error), exc_info=error)

    async def _blocking(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _say(self, turn: RelayTurn) -> None:
        self._away = False
        if turn.deals or turn.recipients:
            emit(Log.RELAY_WOKE, deals=turn.deals, recipients=turn.recipients)

    def _say_away(self, error: Exception) -> None:
        if not self._away and isinstance(error, StoreUnreachable):
            emit(Log.STORE_UNREACHABLE, "warning", error=str(error))
        elif not self._away:
            emit(Log.RELAY_WAKE_FAILED, "warning", error=str(error))
        self._away = True
