"""PostgreSQL goes away in the middle of everything and comes back: what was answered is there, what failed had said so."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.application.repeated import row_of
from tests.support.observed.held_receiver import HeldReceiver, held_receiver
from tests.support.observed.load import Load, load
from tests.support.observed.sound import everything_holds
from tests.support.running.restartable_postgres import RestartablePostgres, restartable_postgres
from tests.support.running.running_system import IMPATIENT, RunningSystem, running_system
from tests.support.waiting import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
STALLING = [f"stalling-{number}" for number in range(10)]


def test_stopped_at_once_and_killed_under_load_it_loses_nothing_that_was_answered(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem, server: RestartablePostgres, receiver: HeldReceiver) -> None:
        async with running.worker(), running.relay(IMPATIENT):
            due_at = {deal_id: running.open(deal_id).next_due for deal_id in STALLING}
            with load(running, callers=8) as given:
                await asyncio.sleep(2)
                # The shorter outage is waited out by most.
                await away(given, server, server.stop_at_once, lambda: asyncio.sleep(2))
                await away(given, server, server.kill, lambda: eventually(lambda: given.unreachable > 0))
            await eventually(lambda: all(arrived(running, deal_id) for deal_id in given.deals))
            await eventually(lambda: all(running.deal(deal_id).open_stalls for deal_id in STALLING))
            await eventually(lambda: running.system.outbox.counts()["waiting"] == 0)
            await everything_holds(running)
        had_their_effect_once(running, given)
        assert {deal_id: stall_due(running, deal_id) for deal_id in STALLING} == due_at
        assert len(receiver.keys) == running.system.outbox.counts()["delivered"] >= 2 * len(STALLING)
        assert set(receiver.keys.values()) == {1}

    with (
        restartable_postgres() as server,
        held_receiver() as receiver,
        running_system(
            tmp_path / "restarted",
            temporal_server.address,
            learn="4 seconds",
            database=server.create_careless_database(),
            channel=receiver.url,
        ) as running,
    ):
        asyncio.run(story(running, server, receiver))


async def away(
    given: Load, server: RestartablePostgres, end: Callable[[], None], meanwhile: Callable[[], Awaitable[None]]
) -> None:
    """One outage, with answers before and after it."""
    before = len(given.answers)
    assert before > 0
    await asyncio.to_thread(end)
    await meanwhile()
    await asyncio.to_thread(server.start)
    await eventually(lambda: len(given.answers) > before + 20)


def arrived(running: RunningSystem, deal_id: str) -> bool:
    """Whether the deal is where its evidence brings it: every other one is signed, and closed by that."""
    deal = running.deal(deal_id)
    return not deal.in_progress if int(deal_id.rpartition("-")[2]) % 2 else deal.stage == "sign"


def stall_due(running: RunningSystem, deal_id: str) -> object:
    [stall] = running.deal(deal_id).open_stalls
    return stall.due_at


def had_their_effect_once(running: RunningSystem, given: Load) -> None:
    """Each answer is the one on record, and the events that it tells of are there."""
    for command_id, answer in given.answers.items():
        row = row_of(running.system.store, running.seller, command_id)
        assert row is not None, command_id
        assert type(answer).model_validate_json(row.answer) == answer.model_copy(update={"repeated": False})
        events = running.system.store.load(f"deal/{answer.deal_id}")
        own = [one.fact.topic for one in events if one.stamp.command_id == command_id]
        assert own == list(answer.facts), command_id


def test_a_message_that_went_out_just_before_is_not_sent_again(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story(running: RunningSystem, server: RestartablePostgres, receiver: HeldReceiver) -> None:
        async with running.worker(), running.relay(IMPATIENT):
            running.open("told-once")
            receiver.hold()
            await eventually(lambda: receiver.held == 2)
            await asyncio.to_thread(server.kill)
            receiver.release()
            await eventually(lambda: len(receiver.keys) == 2)
            # It cannot be put on record now that both were told.
            await asyncio.sleep(3)
            await asyncio.to_thread(server.start)
            await eventually(lambda: running.system.outbox.counts()["delivered"] == 2)
            await everything_holds(running)
        assert set(receiver.keys.values()) == {1}

    with (
        restartable_postgres() as server,
        held_receiver() as receiver,
        running_system(
            tmp_path / "told-once",
            temporal_server.address,
            learn="2 seconds",
            database=server.create_database(),
            channel=receiver.url,
        ) as running,
    ):
        asyncio.run(story(running, server, receiver))
