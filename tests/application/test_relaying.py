"""The relay against a store in memory and a scripted Temporal: whom it wakes, how often, and what does not stop it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from structlog.testing import capture_logs

from dealflow.application.ports import StoreUnreachable, TemporalUnreachable
from dealflow.application.relaying import Pace, Relay, Turn, Woken, summary_of
from dealflow.domain.events import Recorded
from dealflow.telemetry import Log
from tests.support.appends import append, notice, wants
from tests.support.facts import AT
from tests.support.memory_store import MemoryStore
from tests.support.scripted_wakes import ScriptedWakes

QUICK = Pace(every=0.01, grace=2, patience=60, check_server_every=0.01, longest_back_off=0.02)
AWAY = TemporalUnreachable("away")


@dataclass
class SetClock:
    """Stands where a test sets it."""

    at: datetime = AT

    def now(self) -> datetime:
        return self.at


@dataclass
class KeptMarker:
    """Remembers in memory."""

    known: str = "database-1"

    def read(self) -> str:
        return self.known

    def write(self, server_id: str) -> None:
        self.known = server_id


@dataclass
class World:
    store: MemoryStore = field(default_factory=MemoryStore)
    wakes: ScriptedWakes = field(default_factory=ScriptedWakes)
    clock: SetClock = field(default_factory=SetClock)
    marker: KeptMarker = field(default_factory=KeptMarker)
    mended: list[str] = field(default_factory=list)

    def relay(self, **parts: Any) -> Relay:
        async def mend() -> None:
            self.mended.append(self.wakes.database)

        own = {"schedule": self.store.schedule, "outbox": self.store.outbox, "pace": QUICK}
        given: dict[str, Any] = own | parts
        return Relay(**given, clock=self.clock, wakes=self.wakes, marker=self.marker, mend=mend)

    def turn(self, relay: Relay, after_seconds: float) -> Turn:
        self.clock.at = AT + timedelta(seconds=after_seconds)
        return asyncio.run(relay.turn())

    def run_until(self, relay: Relay, holds: Callable[[], object]) -> None:
        async def story() -> None:
            stop = asyncio.Event()
            running = asyncio.create_task(relay.run(stop))
            async with asyncio.timeout(5):
                while not holds():  # noqa: ASYNC110 - the relay makes it so
                    await asyncio.sleep(0.005)
            stop.set()
            await asyncio.wait_for(running, 5)

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
    with capture_logs() as logs:
        assert world.turn(relay, 5).deals == 39
        assert world.turn(relay, 6).deals == 0
    assert [log["deal"] for log in logs if log["event"] == Log.RELAY_WAKE_FAILED.value] == ["d7"]


def test_more_poisoned_deals_than_one_look_takes_hold_up_no_other() -> None:
    world = World()
    world.store.append([append(f"d{n}", schedule=wants(due_hours=-1)) for n in range(5)])
    world.wakes.faults |= {f"d{n}": ValueError("poisoned") for n in range(4)}
    relay = world.relay(pace=replace(QUICK, page=2))
    with capture_logs():
        for seconds in (5, 6, 7):
            world.turn(relay, seconds)
    assert world.wakes.woken == ["d4"]


def test_a_deal_whose_events_cannot_be_read_is_called_by_its_id_and_no_outage() -> None:
    class Damaged(MemoryStore):
        def load(self, stream: str) -> list[Recorded]:
            raise StoreUnreachable(f"event 1 of {stream} cannot be read: its bytes were altered")

    assert summary_of(Damaged(), "d") == "d"


def test_recipients_are_woken_once_a_minute_while_their_notices_wait() -> None:
    world = World()
    world.store.append([append("d", notices=[notice("n", "dora")])])
    relay = world.relay()
    assert [world.turn(relay, seconds).recipients for seconds in (1, 2, 3)] == [0, 1, 0]
    relay._rests.clear()
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

    with capture_logs() as logs:
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

    with capture_logs() as logs:
        world.run_until(world.relay(schedule=Away()), lambda: world.wakes.woken)
    assert [log["event"] for log in logs].count(Log.STORE_UNREACHABLE.value) == 1


def test_another_database_is_mended_once_and_then_known() -> None:
    world = World()
    world.wakes.database = "database-2"
    world.run_until(world.relay(), lambda: world.marker.known == "database-2")
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

    relay = Relay(world.store.schedule, world.store.outbox, world.clock, world.wakes, world.marker, mend, QUICK)
    with capture_logs():
        world.run_until(relay, lambda: world.marker.known == "database-2")
    assert len(tries) == 3
