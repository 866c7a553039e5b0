"""The workflow of one recipient, against a script: it tries again, ends when nothing waits, and loses no wake."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from temporalio.testing import TimeSkipper

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.application.notices.deliver import Delivered
from dealflow.application.ports.store import StoreUnreachable
from dealflow_workflows.contracts import PERSON_NOTICES, WAKE, PersonRun, person_workflow_id
from tests.support.waiting import LONGEST_SECONDS
from tests.support.workers.scripted import Telling
from tests.support.workers.scripted_worker import NOTHING, ScriptedWorker, events, scripted_worker, wake


def later(length: timedelta) -> Telling:
    def telling(now: datetime) -> Delivered:
        return Delivered(delivered=0, failed=1, next_try_at=now + length)

    return telling


def test_it_ends_when_nothing_waits_any_more(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address) as scripted:
            handle = await scripted.start_person("nothing-waits")
            await handle.result()
            assert len(scripted.delivering.asked_at) == 1

    asyncio.run(story())


def test_it_tries_again_when_the_back_off_has_passed(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        tellings: list[Telling] = [later(timedelta(minutes=30)), later(timedelta(hours=1)), NOTHING]
        async with scripted_worker(tmp_path, temporal_server.address, tellings=tellings) as scripted:
            handle = await scripted.start_person("tries-again")
            await scripted.delivered(1)
            await TimeSkipper(scripted.client).fast_forward(handle, timedelta(hours=2))
            await handle.result()
            first, second, third = scripted.delivering.asked_at
            assert second - first >= timedelta(minutes=30) and third - second >= timedelta(hours=1)

    asyncio.run(story())


def test_a_new_notice_is_told_without_waiting_for_the_back_off(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        tellings: list[Telling] = [later(timedelta(days=30)), NOTHING]
        async with scripted_worker(tmp_path, temporal_server.address, tellings=tellings) as scripted:
            handle = await scripted.start_person("new-notice")
            await scripted.delivered(1)
            await wake(handle)
            await handle.result()
            assert Counter(await events(handle))["TIMER_STARTED"] == 1

    asyncio.run(story())


def test_an_outage_of_the_store_is_waited_out(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        tellings: list[Telling] = [StoreUnreachable("away"), StoreUnreachable("away"), NOTHING]
        async with scripted_worker(tmp_path, temporal_server.address, tellings=tellings) as scripted:
            handle = await scripted.start_person("outage")
            await handle.result()
            assert len(scripted.delivering.asked_at) == 3

    asyncio.run(story())


def test_wakes_that_race_the_end_are_never_lost(temporal_server: RunningServer, tmp_path: Path) -> None:
    """Each wake stands for a notice that was put into the outbox just before: a delivery must begin after it."""

    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address) as scripted:
            for number in range(60):
                await wake_recipient(scripted)
                # All phases of the run's end are met in turn: starting, delivering, completing, completed.
                await asyncio.sleep(number * 0.002)
                written_at = SystemClock().now()
                await wake_recipient(scripted)
                await asyncio.wait_for(
                    scripted.client.get_workflow_handle(person_workflow_id("racer")).result(), LONGEST_SECONDS
                )
                assert scripted.delivering.asked_at[-1] >= written_at

    asyncio.run(story())


async def wake_recipient(scripted: ScriptedWorker) -> None:
    await scripted.client.start_workflow(
        PERSON_NOTICES,
        PersonRun(person_id="racer"),
        id=person_workflow_id("racer"),
        task_queue=scripted.queue,
        start_signal=WAKE,
    )
