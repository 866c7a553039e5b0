"""Parts that note themselves, the lease of the relay and the known server, on both databases, by the database's clock."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.store import StoreParts
from dealflow.application.engine.parts import HeartbeatState, Identity, What
from dealflow.application.engine.presence import present
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from tests.adapters.store.conftest import Database
from tests.support.waiting import LONGEST_SECONDS, until

WORKER = Identity("worker-a-7-1f", "worker", "a", 7, "0.1.0")
WELL = HeartbeatState(timedelta(0), store_was_away=False, temporal="reached", temporal_error="")
AWAY = replace(WELL, temporal="away", temporal_error="refused")


@dataclass
class ShiftedClock:
    """The clock of a host that is wrong by so much."""

    by: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.by


@pytest.fixture
def parts(database: Database) -> StoreParts:
    return database.open()


def test_the_databases_clock_moves_on_and_is_near_ours(parts: StoreParts) -> None:
    seen = [parts.running.now() for _ in range(3)]
    assert seen == sorted(seen)
    assert abs(seen[0] - SystemClock().now()) < timedelta(minutes=1)


def test_a_part_is_seen_from_its_first_sign_to_its_last(parts: StoreParts) -> None:
    parts.running.note(WORKER, WELL)
    [first] = parts.running.all()
    time.sleep(0.01)
    parts.running.note(WORKER, WELL)
    [second] = parts.running.all()
    assert (second.id, second.what, second.host, second.pid, second.version) == (*vars_of(WORKER),)
    assert second.seen_at > first.seen_at
    assert (second.started_at, second.temporal_since) == (first.started_at, first.temporal_since)
    parts.running.leave(WORKER.id)
    [last] = parts.running.all()
    assert last.stopped_at is not None and last.stopped_at >= second.seen_at


def test_since_when_something_is_away_or_back_is_kept(parts: StoreParts) -> None:
    sinces = []
    for sign in (WELL, AWAY, AWAY, WELL, replace(WELL, store_was_away=True), WELL):
        parts.running.note(WORKER, sign)
        [row] = parts.running.all()
        sinces.append((row.temporal_since, row.store_since))
        assert row.temporal_error == sign.temporal_error
        time.sleep(0.005)
    temporal, store = zip(*sinces, strict=True)
    assert temporal[0] < temporal[1] == temporal[2] < temporal[3] == temporal[4] == temporal[5]
    assert store[0] == store[3] < store[4] == store[5]


def test_parts_that_ended_long_ago_are_forgotten_but_for_the_last_of_each_kind(
    database: Database, parts: StoreParts
) -> None:
    kinds: tuple[What, ...] = ("worker", "worker", "relay")
    for number, what in enumerate(kinds):
        who = replace(WORKER, id=f"{what}-{number}", what=what)
        parts.running.note(who, WELL)
        parts.running.leave(who.id)
        time.sleep(0.005)
    parts.running.forget(timedelta(days=1))
    assert len(parts.running.all()) == 3
    database.run("UPDATE parts SET seen_at = seen_at - ?", 2 * 86_400_000_000)
    parts.running.forget(timedelta(days=1))
    assert [part.id for part in parts.running.all()] == ["relay-2", "worker-1"]


def test_a_host_whose_clock_is_wrong_is_found_by_the_databases(parts: StoreParts) -> None:
    clock = ShiftedClock(timedelta(seconds=90))

    async def story() -> None:
        async with present(parts.running, clock, WORKER):
            async with asyncio.timeout(LONGEST_SECONDS):
                while not parts.running.all():  # noqa: ASYNC110  its own task makes it so
                    await asyncio.sleep(0.01)
            [part] = parts.running.all()
            assert 60 < part.clock_ahead_seconds < 120
            assert abs(part.seen_at - SystemClock().now()) < timedelta(minutes=1)
            assert part.temporal == "unknown" and part.stopped_at is None

    asyncio.run(story())
    [part] = parts.running.all()
    assert part.stopped_at is not None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TemporalUnreachable("nothing listens there"), "nothing listens there"),
        (RuntimeError("nobody foresaw it"), "RuntimeError: nobody foresaw it"),
    ],
)
def test_a_part_says_whether_it_reaches_temporal(parts: StoreParts, error: Exception, said: str) -> None:
    async def away() -> None:
        raise error

    async def story() -> None:
        async with present(parts.running, SystemClock(), WORKER) as presence:
            presence.asks(away)
            async with asyncio.timeout(LONGEST_SECONDS):
                while not parts.running.all():  # noqa: ASYNC110  its own task makes it so
                    await asyncio.sleep(0.01)

    asyncio.run(story())
    [part] = parts.running.all()
    assert (part.temporal, part.temporal_error) == ("away", said)
    assert part.stopped_at is not None


def test_one_holds_the_lease_and_another_gets_it_when_it_runs_out(parts: StoreParts) -> None:
    lease = parts.relay_lease
    assert lease.state() is None
    assert lease.take("r-1", 2)
    assert not lease.take("r-2", 2)
    assert lease.take("r-1", 2), "it is held on"
    first = lease.state()
    assert first is not None and first.holder == "r-1" and first.since < first.until
    assert until(lambda: lease.take("r-2", 180))
    assert not lease.take("r-1", 2)
    second = lease.state()
    assert second is not None and second.holder == "r-2" and second.since > first.since


def test_a_lease_that_was_let_go_is_free_at_once_and_only_its_holder_lets_go(parts: StoreParts) -> None:
    lease = parts.relay_lease
    assert lease.take("r-1", 180)
    lease.release("r-2")
    assert not lease.take("r-2", 180)
    lease.release("r-1")
    assert lease.take("r-2", 180)


def test_of_many_who_take_the_lease_at_once_one_has_it(database: Database) -> None:
    opened = [database.open() for _ in range(4)]
    for _ in range(5):
        with ThreadPoolExecutor(8) as threads:
            taken = list(threads.map(lambda n: opened[n % 4].relay_lease.take(f"r-{n}", 180), range(8)))
        assert taken.count(True) == 1
        opened[0].relay_lease.release(f"r-{taken.index(True)}")


def test_all_hosts_know_the_same_server(database: Database) -> None:
    one, other = database.open(), database.open()
    assert one.known_server.read() is None
    one.known_server.write("database-1")
    known = other.known_server.read()
    assert known is not None and known.server_id == "database-1"
    other.known_server.write("database-2")
    later = one.known_server.read()
    assert later is not None and later.server_id == "database-2" and later.since >= known.since


def vars_of(who: Identity) -> tuple[str, str, str, int, str]:
    return who.id, who.what, who.host, who.pid, who.version
