"""Temporal's server is killed (-9) and started again on its file: every wait goes on, whatever it was for."""

import asyncio
from pathlib import Path

import pytest

from tests.support.observed.held_receiver import HeldReceiver, held_receiver
from tests.support.observed.sound import everything_holds
from tests.support.running.restartable_server import restartable_server
from tests.support.running.running_system import IMPATIENT, House, RunningSystem
from tests.support.waiting import eventually

pytestmark = [pytest.mark.temporal, pytest.mark.slow]
DELAYED = [f"delayed-{number}" for number in range(5)]
TIMED = [f"timed-{number}" for number in range(5)]


def test_start_delays_timers_and_an_activity_in_flight_survive(house: House, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay(IMPATIENT):
            running.open("told")
            for deal_id in TIMED:
                running.open(deal_id)
                running.prove_need(deal_id)
            await eventually(lambda: all(running.deal(deal_id).stage == "sign" for deal_id in TIMED))
            receiver.hold()
            # Both hear of the first stall, each in an activity that cannot end now.
            await eventually(lambda: receiver.held == 2)
            for deal_id in [*DELAYED, "evidence"]:
                running.open(deal_id)
            await eventually(lambda: all(running.row(deal_id).armed_at for deal_id in [*DELAYED, "evidence"]))
            server.kill()
            running.prove_need("evidence")
            running.sign("evidence")
            server.start()
            receiver.release()
            await eventually(lambda: not running.deal("evidence").in_progress)
            for deal_id in [*DELAYED, *TIMED]:
                await eventually(lambda deal_id=deal_id: running.deal(deal_id).open_stalls)  # type: ignore[misc]
            await all_are_told(running, receiver)
            await everything_holds(running)
        for deal_id in ["told", *DELAYED, *TIMED]:
            [stall] = running.deal(deal_id).open_stalls
            # The clock ran all the while, and what was late is dated when it was due.
            assert stall.due_at == running.deal(deal_id).clocks["stage_age"].due_at
            assert running.facts(deal_id).count("deal.stall_recorded.v1") == 1

    with (
        restartable_server(tmp_path / "server") as server,
        held_receiver() as receiver,
        house(address=server.address, learn="12 seconds", sign="20 seconds", channel=receiver.url) as running,
    ):
        server.start()
        asyncio.run(story(running))


async def all_are_told(running: RunningSystem, receiver: HeldReceiver) -> None:
    """Owner and director of each stalled deal, once, by a message with a key of its own.

    Only a message that was in hand when the server died may come again, under the same key: a server that was away for
    long has given its activity up.
    """
    messages = 2 * (1 + len(DELAYED) + len(TIMED))
    await eventually(lambda: running.system.outbox.counts()["delivered"] == messages)
    assert len(receiver.keys) == messages
    assert {key for key, times in receiver.keys.items() if times > 1} <= {
        key for key in receiver.keys if key.startswith("told%2F")
    }
    assert running.system.outbox.counts()["waiting"] == 0
