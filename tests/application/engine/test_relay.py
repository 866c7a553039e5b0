"""The relay against a store in memory and a scripted Temporal: whom it wakes, how often, and what does not stop it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from dealflow.application.engine.lease import RENEWALS, LeaseHolder
from dealflow.application.engine.relay import Pace, Relay, RelayTurn, summary_of
from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.store import StoreUnreachable, Stream
from dealflow.application.ports.workflow_starter import TemporalUnreachable, Woken
from dealflow.observability.logs import Log
from tests.support.deals.facts import AT
from tests.support.observed.captured_logs import captured_logs
from tests.support.stores.appends import append, notice, wants
from tests.support.stores.memory_lease import MemoryKnownServer, MemoryLease
from tests.support.stores.memory_store import MemoryStore
from tests.support.waiting import LONGEST_SECONDS, eventually
from tests.support.workers.scripted_wakes import ScriptedWakes

QUICK = Pace(every=0.01, grace=2, patience=60, check_server_every=0.01, longest_back_off=0.02)
LEASE_SECONDS = 2.0
AWAY = TemporalUnreachable("away")


@dataclass
class SetClock:
    """Stands where a test sets it."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at


@dataclass
class World:
    store: MemoryStore = field(default_factory=MemoryStore)
    wakes: ScriptedWakes = field(default_factory=ScriptedWakes)
    clock: SetClock = field(default_factory=SetClock)
    known_server: MemoryKnownServer = field(default_factory=MemoryKnownServer)
    lease: MemoryLease = field(default_factory=MemoryLease)
    mended: list[str] = field(default_factory=list)

    def relay(self, name: str = "r-1", **parts: Any) -> Relay:
        async def mend() -> None:
            self.mended.append(self.wakes.database)

        own = {"schedule": self.store.schedule, "outbox": self.store.outbox, "pace": QUICK, "mend": mend}
        given: dict[str, Any] = {"lease": LeaseHolder(self.lease, name, LEASE_SECONDS)} | own | parts
        return Relay(**given, clock=self.clock, starter=self.wakes, known_server=self.known_server)

    def turn(self, relay: Relay, after_seconds: float) -> RelayTurn:
        self.clock.at = AT + timedelta(seconds=after_seconds)
        return asyncio.run(relay.turn())

    def run_until(self, relay: Relay, holds: Callable[[], object]) -> None:
        async def story() -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(relay.run(stop))
            async with asyncio.timeout(LONGEST_SECONDS):
                while not holds():  # noqa: ASYNC110  the relay makes it so
                    await asyncio.sleep(0.005)
            stop.set()
            await asyncio.wait_for(running, LONGEST_SECONDS)

        asyncio.run(story())


def test_a_wake_is_left_to_the_command_for_two_seconds_and_then_sent_once() -> None:
    world = World()
    world.store.append([append("d", schedule=wants(due_hours=-1))])
    relay = world.relay()
    assert world.turn(relay, 1).deals == 0
    assert world.turn(relay, 2).deals == 1
    assert world.turn(relay, 3).deals == 0
    assert world.wakes.woken == ["d"]


def test_a_wake_that_the_workflow_has_seen_meanwhile_is_not_sent() -> None:
    world = World()
    world.store.append([append("d", schedule=wants(due_hours=-1))])
    world.store.schedule.seen("d", 1, AT + timedelta(days=1))
    assert world.turn(world.relay(), 30).deals == 0


def test_a_signal_that_nobody_saw_is_sent_again_after_a_minute() -> None:
    world = World()
    world.store.append([append("d", schedule=wants(due_hours=-1))])
    relay = world.relay()
    for seconds in (2, 30, 61, 63, 90, 124):
        world.turn(relay, seconds)
    assert world.wakes.woken == ["d", "d", "d"]


def test_an_armed_instant_that_passed_unseen_is_woken_after_a_minute() -> None:
    world = World()
    world.store.append([append("d", schedule=wants(due_hours=1))])
    world.store.schedule.seen("d", 1, AT + timedelta(hours=1))
    relay = world.relay()
    assert world.turn(relay, 3659).deals == 0
    assert world.turn(relay, 3660).deals == 1


def test_a_run_that_begins_at_its_deadline_is_not_woken_before() -> None:
    world = World()
    world.wakes.outcome = Woken.DELAYED
    world.store.append([append("d", schedule=wants(due_hours=24))])
    relay = world.relay()
    for seconds in (2, 100, 3600, 23 * 3600):
        world.turn(relay, seconds)
    assert world.wakes.woken == ["d"]
    row = world.store.schedule.get("d")
    assert row is not None and row.armed_at == AT + timedelta(hours=24)


def test_what_has_ended_is_not_asked_for_again() -> None:
    world = World()
    world.wakes.outcome = Woken.ENDED
    world.store.append([append("d", schedule=wants(in_progress=False))])
    relay = world.relay()
    for seconds in (2, 100, 10_000):
        world.turn(relay, seconds)
    assert world.wakes.woken == ["d"]


def test_one_deal_that_cannot_be_woken_holds_no_other_and_is_left_alone_for_a_while() -> None:
    world = World()
    world.store.append([append(f"d{n}", schedule=wants(due_hours=-1)) for n in range(40)])
    world.wakes.faults["d7"] = ValueError("poisoned")
    relay = world.relay()
    with captured_logs() as logs:
        assert world.turn(relay, 5).deals == 39
        assert world.turn(relay, 6).deals == 0
    assert [log["deal"] for log in logs if log["event"] == Log.RELAY_WAKE_FAILED.value] == ["d7"]


def test_more_poisoned_deals_than_one_look_takes_hold_up_no_other() -> None:
    world = World()
    world.store.append([append(f"d{n}", schedule=wants(due_hours=-1)) for n in range(5)])
    world.wakes.faults |= {f"d{n}": ValueError("poisoned") for n in range(4)}
    relay = world.relay(pace=replace(QUICK, page=2))
    with captured_logs():
        for seconds in (5, 6, 7):
            world.turn(relay, seconds)
    assert world.wakes.woken == ["d4"]


def test_a_deal_whose_events_cannot_be_read_is_called_by_its_id_and_no_outage() -> None:
    class Damaged(MemoryStore):
        def load(self, stream: str) -> Stream:
            raise StoreUnreachable(f"event 1 of {stream} cannot be read: its bytes were altered")

    assert summary_of(Damaged(), "d") == "d"


def test_recipients_are_woken_once_a_minute_while_their_notices_wait() -> None:
    world = World()
    world.store.append([append("d", notices=[notice("n", "dora")])])
    relay = world.relay()
    assert [world.turn(relay, seconds).recipients for seconds in (1, 2, 3)] == [0, 1, 0]
    relay._rests.clear()  # noqa: SLF001  a minute that no test waits for
    assert world.turn(relay, 70).recipients == 1
    assert world.wakes.told == [("dora", False), ("dora", True)]


def test_somebody_whose_next_try_lies_ahead_is_left_to_wait() -> None:
    world = World()
    world.store.append([append("d", notices=[notice("n", "dora")])])
    world.store.outbox.failed(["n"], "busy", AT + timedelta(minutes=10))
    assert world.turn(world.relay(), 60).recipients == 0


def test_an_outage_is_logged_once_and_work_goes_on_after_it() -> None:
    world = World()
    world.store.append([append("d", schedule=wants(due_hours=-1))])
    world.clock.at = AT + timedelta(seconds=5)
    world.wakes.away = AWAY
    relay = world.relay()
    turns = iter(range(1000))

    def comes_back() -> bool:
        if next(turns) == 40:
            world.wakes.away = None
        return bool(world.wakes.woken)

    with captured_logs() as logs:
        world.run_until(relay, comes_back)
    events = [log["event"] for log in logs]
    assert events.count(Log.RELAY_WAKE_FAILED.value) == 1 and Log.RELAY_WOKE.value in events
    assert (events[0], events[-1]) == (Log.RELAY_STARTED.value, Log.RELAY_STOPPED.value)


def test_the_store_may_be_away_too() -> None:
    world = World()
    world.store.append([append("d", schedule=wants(due_hours=-1))])
    world.clock.at = AT + timedelta(seconds=5)

    class Away:
        tries = 0

        def waiting(self, *given: Any, **more: Any) -> Any:
            self.tries += 1
            if self.tries < 3:
                raise StoreUnreachable("away")
            return world.store.schedule.waiting(*given, **more)

        def signalled(self, *given: Any) -> None:
            world.store.schedule.signalled(*given)

    with captured_logs() as logs:
        world.run_until(world.relay(schedule=Away()), lambda: world.wakes.woken)
    assert [log["event"] for log in logs].count(Log.STORE_UNREACHABLE.value) == 1


def test_another_database_is_mended_once_and_then_known() -> None:
    world = World()
    world.wakes.database = "database-2"
    world.run_until(world.relay(), lambda: world.known_server.known == "database-2")
    world.run_until(world.relay(), lambda: True)
    assert world.mended == ["database-2"]


def test_a_mend_that_fails_is_begun_again() -> None:
    world = World()
    world.wakes.database = "database-2"
    tries: list[int] = []

    async def mend() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("half way")

    relay = world.relay(mend=mend)
    with captured_logs():
        world.run_until(relay, lambda: world.known_server.known == "database-2")
    assert len(tries) == 3


async def renewed(lease: MemoryLease) -> None:
    """Wait until its holder has asked for it once more."""
    before = lease.state()
    await eventually(lambda: lease.state() != before)


def test_of_two_relays_one_works_and_the_other_takes_over_when_it_ends() -> None:
    world = World()
    world.store.append([append(f"d{n}", schedule=wants(due_hours=-1)) for n in range(200)])
    world.clock.at = AT + timedelta(seconds=5)

    async def story() -> list[str]:
        stops = [asyncio.Event(), asyncio.Event()]
        relays = [world.relay("r-1"), world.relay("r-2")]
        running = [asyncio.create_task(relay.run(stop)) for relay, stop in zip(relays, stops, strict=True)]
        async with asyncio.timeout(LONGEST_SECONDS):
            while len(world.wakes.woken) < 200:  # noqa: ASYNC110  the relays make it so
                await asyncio.sleep(0.005)
        for _ in range(3):
            await renewed(world.lease)
        first = world.lease.state()
        stops[0].set()
        await running[0]
        world.store.append([append("later", schedule=wants(due_hours=-1))])
        async with asyncio.timeout(LONGEST_SECONDS):
            while "later" not in world.wakes.woken:  # noqa: ASYNC110  the relay makes it so
                await asyncio.sleep(0.005)
        stops[1].set()
        await running[1]
        second = world.lease.state()
        assert first is not None and second is not None
        return [first.holder, second.holder]

    assert asyncio.run(story()) == ["r-1", "r-2"]
    assert len(world.wakes.woken) == len(set(world.wakes.woken)) == 201


def test_a_relay_that_has_lost_its_lease_stops_in_the_middle_of_a_page() -> None:
    world = World()
    world.store.append([append(f"d{n}", schedule=wants(due_hours=-1)) for n in range(40)])
    world.clock.at = AT + timedelta(seconds=5)

    class Hanging(ScriptedWakes):
        async def wake(self, row: Scheduled) -> Woken:
            # Nothing runs meanwhile, as in a process that was stopped.
            time.sleep(LEASE_SECONDS / 4)  # noqa: ASYNC251  it blocks on purpose
            return await super().wake(row)

    world.wakes = Hanging()
    assert asyncio.run(world.relay(pace=replace(QUICK, in_flight=1)).turn()).deals < 6
    assert world.lease.take("r-2", LEASE_SECONDS)


def test_a_relay_that_does_not_reach_temporal_leaves_the_work_to_one_that_does() -> None:
    world = World()
    world.store.append([append("d", schedule=wants(due_hours=-1))])
    world.clock.at = AT + timedelta(seconds=5)
    cut_off = ScriptedWakes()

    async def story() -> None:
        stop = asyncio.Event()
        holder = LeaseHolder(world.lease, "r-1", LEASE_SECONDS)
        parts = (world.store.schedule, world.store.outbox, world.clock)
        first = Relay(*parts, cut_off, world.known_server, holder, lambda: asyncio.sleep(0), pace=QUICK)
        running = [asyncio.create_task(first.run(stop))]
        async with asyncio.timeout(LONGEST_SECONDS):
            while not cut_off.woken:  # noqa: ASYNC110  the relay makes it so
                await asyncio.sleep(0.005)
            cut_off.away = AWAY
            world.store.append([append("later", schedule=wants(due_hours=-1))])
            running.append(asyncio.create_task(world.relay("r-2").run(stop)))
            while "later" not in world.wakes.woken:  # noqa: ASYNC110  the relay makes it so
                await asyncio.sleep(0.005)
        stop.set()
        await asyncio.gather(*running)

    asyncio.run(story())


def test_a_lease_ends_for_its_holder_when_the_store_does_not_answer() -> None:
    lease = MemoryLease()

    async def story() -> None:
        holder = LeaseHolder(lease, "r-1", LEASE_SECONDS)
        assert await holder.take() and holder.holds()
        keeping = asyncio.create_task(holder.keep())
        for _ in range(RENEWALS + 1):
            await renewed(lease)
        assert holder.holds(), "it is renewed in time"
        lease.away = True
        await eventually(lambda: not holder.holds())
        lease.away = False
        assert lease.take("r-2", LEASE_SECONDS)
        assert not await holder.take()
        keeping.cancel()
        holder.close()

    asyncio.run(story())
