"""Workers and relays side by side, ended in order, killed and started anew while commands are given: nothing is lost or doubled."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Self

import pytest

from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.observability.logs import Log
from tests.support.observed.sound import everything_holds
from tests.support.running.programs import Program, Programs, programs
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.stores.databases import on
from tests.support.waiting import eventually

pytestmark = [pytest.mark.temporal, pytest.mark.slow]
DEALS = 40


@pytest.fixture
def running(database: str, temporal_server: RunningServer, tmp_path: Path) -> Iterator[RunningSystem]:
    # A name that no other test has: all share one server, whose workflows bear it.
    with running_system(
        tmp_path / tmp_path.name, temporal_server.address, database=database, sign="20 seconds"
    ) as running:
        yield running


def named(running: RunningSystem, name: str, count: int) -> list[str]:
    """Ids of deals that no other test has."""
    return [f"{running.settings.home.name}-{name}{number}" for number in range(count)]


class Seller:
    """Opens deals and proves their need, one after the other, until all are there or the block is left."""

    def __init__(self, running: RunningSystem, deals: list[str], pause: float) -> None:
        self._running, self._deals, self._pause = running, deals, pause
        self._stop = Event()
        self._thread = Thread(target=self._sell, name="seller")
        self.sold: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sell(self) -> None:
        for deal_id in self._deals:
            if self._stop.wait(self._pause):
                return
            self._running.open(deal_id)
            self._running.prove_need(deal_id)
            self.sold.append(deal_id)


@on("postgres")
def test_parts_come_and_go_while_commands_are_given(running: RunningSystem) -> None:
    deals = named(running, "d", DEALS)

    async def story(started: Programs) -> None:
        workers = [started.start("worker") for _ in range(2)]
        relays = [started.start("relay") for _ in range(2)]
        await eventually(lambda: started.works(*workers, *relays))
        with Seller(running, deals, 0.1) as seller:
            await eventually(lambda: len(seller.sold) > DEALS // 5)
            assert await asyncio.to_thread(workers[0].end) == 0
            assert await asyncio.to_thread(started.holder().end) == 0
            workers.append(started.start("worker"))
            relays.append(started.start("relay"))
            await eventually(lambda: started.works(workers[-1], relays[-1]))
            await eventually(lambda: len(seller.sold) > DEALS // 2)
            await asyncio.to_thread(workers[1].kill)
            await asyncio.to_thread(started.holder().kill)
            workers.append(started.start("worker"))
            await eventually(lambda: len(seller.sold) == DEALS)
        await eventually(lambda: running.system.outbox.counts()["delivered"] == 2 * DEALS)
        await everything_holds(running)
        for program in (*workers, *relays):
            if program.process.poll() is None:
                assert await asyncio.to_thread(program.end) == 0
            assert "Traceback" not in program.logged, program.logged

    with programs(running) as started:
        asyncio.run(story(started))
    for topic in ("deal.stage_advanced.v1", "deal.stall_recorded.v1"):
        assert Counter(running.facts(deal_id).count(topic) for deal_id in deals) == {1: DEALS}
    # Seller and director hear of each stall, once.
    assert running.system.outbox.counts() == {
        "waiting": 0,
        "delivered": 2 * DEALS,
        "abandoned": 0,
        "superseded": 0,
        "held": 0,
    }
    assert len(list(running.settings.outbox.rglob("*.txt"))) == 2 * DEALS
    # Those that were killed stand there as last seen, the others as ended.
    parts = running.system.parts.running.all()
    assert Counter((part.what, part.stopped_at is None) for part in parts) == {
        ("worker", False): 3,
        ("worker", True): 1,
        ("relay", False): 2,
        ("relay", True): 1,
    }


@on("sqlite")
def test_two_relays_wake_each_deal_once_and_the_second_takes_over_from_the_killed_one(running: RunningSystem) -> None:
    deals, later = named(running, "d", 50), named(running, "later", 5)

    async def story(started: Programs) -> None:
        relays = [started.start("relay"), started.start("relay")]
        await eventually(lambda: started.works(*relays))
        await asyncio.to_thread(open_all, running, deals)
        await eventually(lambda: are_armed(running, deals))
        first = started.holder()
        # What a look has done stands in the store a moment before it is logged.
        await eventually(lambda: woken_by(first) >= len(deals))
        await asyncio.to_thread(first.kill)
        await asyncio.to_thread(open_all, running, later)
        await eventually(lambda: are_armed(running, later))
        [second] = [relay for relay in relays if relay is not first]
        assert started.holder() is second
        assert await asyncio.to_thread(second.end) == 0
        assert woken_by(first) == len(deals) and woken_by(second) == len(later)
        leased = running.system.parts.relay_lease.state()
        assert leased is not None and leased.until <= running.system.parts.running.now(), "it is free at once"

    with programs(running) as started:
        asyncio.run(story(started))


@on("postgres")
def test_a_relay_that_hung_finds_another_one_at_work_and_stands_by(running: RunningSystem) -> None:
    before, meanwhile, after = (named(running, name, 5) for name in ("before", "meanwhile", "after"))

    async def story(started: Programs) -> None:
        relays = [started.start("relay"), started.start("relay")]
        await eventually(lambda: started.works(*relays))
        await asyncio.to_thread(open_all, running, before)
        await eventually(lambda: are_armed(running, before))
        hung = started.holder()
        hung.process.send_signal(signal.SIGSTOP)
        await asyncio.to_thread(open_all, running, meanwhile)
        await eventually(lambda: are_armed(running, meanwhile))
        hung.process.send_signal(signal.SIGCONT)
        await asyncio.to_thread(open_all, running, after)
        await eventually(lambda: are_armed(running, after))
        [other] = [relay for relay in relays if relay is not hung]
        assert started.holder() is other
        assert (woken_by(hung), woken_by(other)) == (5, 10)
        assert await asyncio.to_thread(hung.end) == 0
        assert started.holder() is other

    with programs(running) as started:
        asyncio.run(story(started))


def open_all(running: RunningSystem, deals: list[str]) -> None:
    for deal_id in deals:
        running.open(deal_id)


def are_armed(running: RunningSystem, deals: list[str]) -> bool:
    return all(running.row(deal_id).armed_at for deal_id in deals)


def woken_by(relay: Program) -> int:
    lines = [json.loads(line) for line in relay.logged.splitlines()]
    return sum(line["deals"] for line in lines if line["event"] == Log.RELAY_WOKE.value)
