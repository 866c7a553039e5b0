"""The workflow of one deal, against a script: what a wake costs, how it waits, when it ends."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import TimeSkipper

from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.application.ports.store import StoreUnreachable
from dealflow_workflows.waiting import MOST_EVENTS, SHORTEST
from tests.support.waiting import LONGEST_SECONDS
from tests.support.workers.scripted import CLOSED, Look, waits
from tests.support.workers.scripted_worker import at_rest, scripted_worker, wake

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def test_a_lone_wake_costs_five_history_events(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            handle = await scripted.start_deal("lone-wake")
            await scripted.looked(1)
            before = await at_rest(handle)
            for number in range(2, 7):
                await wake(handle)
                await scripted.looked(number)
                after = await at_rest(handle)
            assert len(after) - len(before) == 5 * 5
            assert Counter(after[len(before) :]) == {
                "WORKFLOW_EXECUTION_SIGNALED": 5,
                "WORKFLOW_TASK_SCHEDULED": 5,
                "WORKFLOW_TASK_STARTED": 5,
                "WORKFLOW_TASK_COMPLETED": 5,
                "MARKER_RECORDED": 5,
            }
            assert after.count("TIMER_STARTED") == 1
            await handle.terminate()

    asyncio.run(story())


def test_another_deadline_replaces_the_timer(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        looks = [waits(FAR), waits(FAR - timedelta(days=1)), waits(None), waits(FAR)]
        async with scripted_worker(tmp_path, temporal_server.address, looks) as scripted:
            handle = await scripted.start_deal("another-deadline")
            for number in range(1, 5):
                await scripted.looked(number)
                kinds = Counter(await at_rest(handle))
                if number < 4:
                    await wake(handle)
            assert (kinds["TIMER_STARTED"], kinds["TIMER_CANCELED"]) == (3, 2)
            await handle.terminate()

    asyncio.run(story())


def test_a_year_of_deadlines_fires_each_once_in_the_workflows_own_time(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        looks: list[Look] = [*[lambda now: waits(now + timedelta(days=90))] * 4, CLOSED]
        async with scripted_worker(tmp_path, temporal_server.address, looks) as scripted:
            handle = await scripted.start_deal("year")
            await scripted.looked(1)
            await TimeSkipper(scripted.client).fast_forward(handle, timedelta(days=361))
            await handle.result()
            asked = scripted.deals.asked_at
            assert len(asked) == 5
            for earlier, later in pairwise(asked):
                assert timedelta(0) <= later - earlier - timedelta(days=90) < timedelta(minutes=1)

    asyncio.run(story())


def test_a_burst_of_wakes_is_answered_by_few_looks(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            handle = await scripted.start_deal("burst")
            await scripted.looked(1)
            await asyncio.gather(*(wake(handle) for _ in range(200)))
            await at_rest(handle)
            looks = len(scripted.deals.asked_at) - 1
            assert 1 <= looks <= 60
            await handle.terminate()

    asyncio.run(story())


def test_an_outage_costs_one_local_attempt_and_then_a_regular_activity(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        away = StoreUnreachable("away")
        async with scripted_worker(tmp_path, temporal_server.address, [away, away, away, waits(FAR)]) as scripted:
            handle = await scripted.start_deal("outage")
            await scripted.looked(4)
            kinds = Counter(await at_rest(handle))
            assert kinds["MARKER_RECORDED"] == 1 and kinds["ACTIVITY_TASK_SCHEDULED"] == 1
            # Each attempt decides with the instant at which it is made.
            first, second, third, fourth = scripted.deals.asked_at
            assert first <= second < third < fourth and fourth - second >= timedelta(seconds=2.9)
            await handle.terminate()

    asyncio.run(story())


def test_an_attempt_that_comes_late_decides_with_the_workflows_present_instant(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        away = StoreUnreachable("away")
        looks: list[Look] = [lambda now: waits(now + timedelta(days=100)), away, away, waits(FAR)]
        async with scripted_worker(tmp_path, temporal_server.address, looks) as scripted:
            handle = await scripted.start_deal("late-attempt")
            await scripted.looked(1)
            await TimeSkipper(scripted.client).fast_forward(handle, timedelta(days=100, minutes=1))
            await scripted.looked(4)
            first, local, regular, late = scripted.deals.asked_at
            assert timedelta(0) <= local - first - timedelta(days=100) < timedelta(minutes=1)
            assert timedelta(0) <= regular - local < timedelta(minutes=1)
            assert timedelta(seconds=0.9) <= late - regular < timedelta(minutes=1)
            await handle.terminate()

    asyncio.run(story())


@pytest.mark.slow
def test_a_run_with_very_many_wakes_continues_as_new_and_loses_none(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            handle = await scripted.start_deal("continues")
            first_run = handle.first_execution_run_id
            for _ in range(MOST_EVENTS // 50):
                await asyncio.gather(*(wake(handle) for _ in range(50)))
            chain = scripted.client.get_workflow_handle(handle.id)
            async with asyncio.timeout(LONGEST_SECONDS):
                while (await chain.describe()).run_id == first_run:  # noqa: ASYNC110  the server makes it so
                    await asyncio.sleep(0.2)
            ended = scripted.client.get_workflow_handle(handle.id, run_id=first_run)
            assert (await ended.describe()).status is WorkflowExecutionStatus.CONTINUED_AS_NEW
            looks = len(scripted.deals.asked_at)
            await wake(chain)
            await scripted.looked(looks + 1)
            await chain.terminate()

    asyncio.run(story())


def test_a_deal_that_is_closed_ends_its_run_at_the_first_look(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [CLOSED]) as scripted:
            handle = await scripted.start_deal("closed")
            await handle.result()
            assert len(scripted.deals.asked_at) == 1

    asyncio.run(story())


def test_a_person_can_read_what_the_workflow_waits_for(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            handle = await scripted.start_deal("readable")
            await scripted.looked(1)
            metadata = await handle.query("__temporal_workflow_metadata")
            assert "learn: need_confirmed, until 2100-01-01 00:00:00 UTC" in str(metadata)
            await handle.terminate()

    asyncio.run(story())


def test_a_deadline_that_stays_in_the_past_does_not_make_the_workflow_spin(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        past = datetime(2020, 1, 1, tzinfo=UTC)
        async with scripted_worker(tmp_path, temporal_server.address, [waits(past)]) as scripted:
            handle = await scripted.start_deal("past")
            await scripted.looked(6)
            for earlier, later in pairwise(scripted.deals.asked_at):
                assert later - earlier >= SHORTEST
            await handle.terminate()

    asyncio.run(story())
