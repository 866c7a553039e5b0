"""A command from a computer whose clock is an hour ahead, with its wake lost: the deal moves all the same, at once."""

import asyncio
from datetime import timedelta

import pytest

from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import House, RunningSystem
from tests.support.waiting import eventually
from tests.support.workers.moved_clock import with_moved_clock

pytestmark = pytest.mark.slow
AHEAD = timedelta(hours=1)


def test_neither_a_deal_that_runs_nor_a_new_one_waits_for_the_hour(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            running.open("known")
            await eventually(lambda: running.row("known").armed_at)
        right = running.system.clock
        clock = with_moved_clock(running.system)
        clock.moved = AHEAD
        running.prove_need("known")
        running.open("new")
        running.prove_need("new")
        # Only whoever gave the commands has the wrong time; those that carry them out do not.
        running.system.clock = right
        clock.moved = timedelta(0)
        assert running.row("new").wake_at > right.now() + AHEAD / 2  # type: ignore[operator]
        async with running.worker(), running.relay():
            await eventually(lambda: all(running.deal(deal_id).stage == "sign" for deal_id in ("known", "new")))
            await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))
