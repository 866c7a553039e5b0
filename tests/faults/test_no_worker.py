"""Very many commands while no worker runs: all are accepted, nobody is flooded, and then every deal moves."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from dealflow.application.engine.relay import Pace
from dealflow.application.ports.schedule import Scheduled
from dealflow.domain.deal import commands as c
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import House, RunningSystem
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow
CALLERS = 16
PACE = Pace(every=0.1, grace=0.3, check_server_every=0.5, patience=3)


@pytest.mark.parametrize(("deals", "each"), [(40, 10), pytest.param(400, 25, marks=pytest.mark.soak)])
def test_very_many_commands_cost_one_wake_each_deal_and_all_move_when_a_worker_comes(
    house: House, deals: int, each: int
) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.relay(PACE):
            # A server that is new to it is compared with the store first, which wakes as well.
            await eventually(running.system.parts.known_server.read)
            await give_all(running, deals, each)
            assert len(rows(running)) == deals and all(row.wake_version > row.seen_version for row in rows(running))
            await eventually(lambda: all(row.signalled_at for row in rows(running)))
            # More than once as long as the relay's patience with a wake that nobody has answered.
            await asyncio.sleep(2 * PACE.patience)
            # The start, one signal, one task for a worker.
            assert await lengths_of_histories(running, deals) == {3}
            async with running.worker():
                await eventually(lambda: arrived(running, deals))
                counted = await everything_holds(running)
        assert counted.commands == deals * each + 1  # and the publication of the process

    with house() as running:
        asyncio.run(story(running))


async def give_all(running: RunningSystem, deals: int, each: int) -> None:
    """The commands of all deals, by many callers at once."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(CALLERS) as callers:
        await asyncio.gather(*(loop.run_in_executor(callers, give, running, number, each) for number in range(deals)))


def give(running: RunningSystem, number: int, each: int) -> None:
    """The commands for one deal; every other deal is signed by them."""
    deal_id = f"many-{number}"
    running.open(deal_id)
    for call in range(each - 3):
        running.execute(deal_id, c.RecordActivity(what=f"Call {call}"))
    running.prove_need(deal_id)
    if number % 2:
        running.sign(deal_id)
    else:
        running.execute(deal_id, c.RecordActivity(what="One more call"))


def rows(running: RunningSystem) -> list[Scheduled]:
    """Of the deals in progress."""
    return running.system.schedule.in_progress(limit=10_000)


def arrived(running: RunningSystem, deals: int) -> bool:
    """Whether the signed deals are closed, and the others have moved and wait."""
    return len(rows(running)) == deals // 2 and all(row.seen_version == row.version for row in rows(running))


async def lengths_of_histories(running: RunningSystem, deals: int) -> set[int]:
    """In events."""
    await running.client()
    bound = asyncio.Semaphore(16)

    async def length(number: int) -> int:
        async with bound:
            return (await (await running.handle(f"many-{number}")).describe()).history_length

    return set(await asyncio.gather(*map(length, range(deals))))
