"""Waking on a real server: start delays, runs that were ended by hand, runs that have completed, deals that are closed."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.temporal.starter import TemporalStarter
from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.workflow_starter import Woken
from dealflow_workflows.contracts import WAKE, deal_workflow_id, person_workflow_id
from tests.support.waiting import LONGEST_SECONDS
from tests.support.workers.meanwhile import meanwhile
from tests.support.workers.scripted import CLOSED, waits
from tests.support.workers.scripted_worker import ScriptedWorker, at_rest, scripted_worker

FAR = datetime(2100, 1, 1, tzinfo=UTC)
NEW = Scheduled("", 1, True, 1, FAR, 1, None, 0, None, 0, None)


def waker_for(scripted: ScriptedWorker, now_row: Scheduled | None = None) -> TemporalStarter:
    async def about(deal_id: str) -> str:
        return f"商机 {deal_id} · standard-sale@1 " + "长" * 300

    async def row(deal_id: str) -> Scheduled | None:
        return now_row

    return TemporalStarter(scripted.client, scripted.queue, SystemClock(), about=about, now_row=row)


async def status(client: Client, deal_id: str) -> WorkflowExecutionStatus | None:
    handle: WorkflowHandle[None, None] = client.get_workflow_handle(deal_workflow_id(deal_id, 1))
    return (await handle.describe()).status


def test_a_deal_with_a_distant_deadline_starts_no_worker_until_a_wake_cuts_the_delay_short(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            waker = waker_for(scripted)
            row = replace(NEW, deal_id="delayed")
            assert await waker.wake(row) is Woken.DELAYED
            await asyncio.sleep(1)
            assert scripted.deals.asked_at == []
            due_now = replace(row, version=2, next_due=datetime(2020, 1, 1, tzinfo=UTC))
            assert await waker.wake(due_now) is Woken.SIGNALLED
            await scripted.looked(1)

    asyncio.run(story())


def test_a_deal_for_which_nothing_is_ever_due_is_woken_by_evidence_too(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(None)]) as scripted:
            waker = waker_for(scripted)
            row = replace(NEW, deal_id="never", next_due=None)
            assert await waker.wake(row) is Woken.DELAYED
            assert await waker.wake(replace(row, version=2)) is Woken.SIGNALLED
            await scripted.looked(1)

    asyncio.run(story())


def test_a_start_delay_ends_at_the_first_deadline(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            due_at = SystemClock().now() + timedelta(seconds=2)
            assert await waker_for(scripted).wake(replace(NEW, deal_id="soon", next_due=due_at)) is Woken.DELAYED
            await scripted.looked(1)
            assert timedelta(0) <= scripted.deals.asked_at[0] - due_at < timedelta(minutes=1)

    asyncio.run(story())


def test_a_run_that_was_terminated_is_started_again(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            handle = await scripted.start_deal("terminated")
            await scripted.looked(1)
            await handle.terminate()
            now = replace(NEW, deal_id="terminated", next_due=datetime(2020, 1, 1, tzinfo=UTC))
            assert await waker_for(scripted).wake(now) is Woken.SIGNALLED
            await scripted.looked(2)
            assert await status(scripted.client, "terminated") is WorkflowExecutionStatus.RUNNING

    asyncio.run(story())


@pytest.mark.parametrize("next_due", [datetime(2020, 1, 1, tzinfo=UTC), FAR])
def test_a_completed_run_stays_so_when_the_store_says_closed_and_begins_again_when_it_does_not(
    temporal_server: RunningServer, tmp_path: Path, next_due: datetime
) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [CLOSED, waits(FAR)]) as scripted:
            deal_id = f"completed-{next_due:%Y}"
            await (await scripted.start_deal(deal_id)).result()
            row = replace(NEW, deal_id=deal_id, next_due=next_due)
            closed = replace(row, in_progress=False, version=9)
            assert await waker_for(scripted, closed).wake(row) is Woken.ENDED
            reopened = replace(row, opening=2, version=9)
            assert await waker_for(scripted, reopened).wake(row) is Woken.ENDED
            assert await status(scripted.client, deal_id) is WorkflowExecutionStatus.COMPLETED
            assert await waker_for(scripted, row).wake(row) is Woken.SIGNALLED
            await scripted.looked(2)

    asyncio.run(story())


def test_a_wake_for_a_closed_deal_ends_its_run_and_starts_none(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [CLOSED]) as scripted:
            waker = waker_for(scripted)
            closed = replace(NEW, deal_id="woken-closed", in_progress=False, next_due=None)
            assert await waker.wake(closed) is Woken.ENDED
            with pytest.raises(RPCError):
                await status(scripted.client, "woken-closed")
            # Its run is still in its start delay: a signal alone would leave it there.
            assert await waker.wake(replace(NEW, deal_id="woken-closed")) is Woken.DELAYED
            assert await waker.wake(closed) is Woken.SIGNALLED
            handle: WorkflowHandle[None, None] = scripted.client.get_workflow_handle(
                deal_workflow_id("woken-closed", 1)
            )
            await asyncio.wait_for(handle.result(), LONGEST_SECONDS)
            assert await waker.wake(closed) is Woken.ENDED

    asyncio.run(story())


def test_a_run_that_completes_while_it_is_woken_has_no_wake_to_wait_for(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR), CLOSED]) as scripted:
            handle = await scripted.start_deal("ends-meanwhile")
            await scripted.looked(1)

            async def end() -> None:
                await handle.signal(WAKE)
                await asyncio.wait_for(handle.result(), LONGEST_SECONDS)

            scripted.client = meanwhile(scripted.client, end)
            closed = replace(NEW, deal_id="ends-meanwhile", in_progress=False, next_due=None)
            assert await waker_for(scripted).wake(closed) is Woken.ENDED

    asyncio.run(story())


def test_a_worker_that_is_away_for_long_is_not_flooded(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            scripted.queue = "nobody-works-here"
            waker = waker_for(scripted)
            past = datetime(2020, 1, 1, tzinfo=UTC)
            now = replace(NEW, deal_id="many", next_due=past)
            again = replace(now, signalled_version=1, signalled_at=past)
            assert await waker.wake(now) is Woken.SIGNALLED
            assert {await waker.wake(again) for _ in range(20)} == {Woken.SIGNALLED}
            # A wake for what was recorded since is another one.
            assert await waker.wake(replace(again, version=2, wake_version=2)) is Woken.SIGNALLED
            assert await length(scripted, deal_workflow_id("many", 1)) == 4
            await waker.wake_recipient("many")
            for _ in range(20):
                await waker.wake_recipient("many", again=True)
            assert await length(scripted, person_workflow_id("many")) == 3

    async def length(scripted: ScriptedWorker, workflow_id: str) -> int:
        handle: WorkflowHandle[None, None] = scripted.client.get_workflow_handle(workflow_id)
        return (await handle.describe()).history_length

    asyncio.run(story())


def test_a_wake_is_sent_again_when_nothing_came_of_it(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story() -> None:
        async with scripted_worker(tmp_path, temporal_server.address, [waits(FAR)]) as scripted:
            past = datetime(2020, 1, 1, tzinfo=UTC)
            handle = await scripted.start_deal("again")
            await scripted.looked(1)
            await at_rest(handle)
            again = replace(NEW, deal_id="again", next_due=past, signalled_version=1, signalled_at=past)
            assert await waker_for(scripted).wake(again) is Woken.SIGNALLED
            await scripted.looked(2)

    asyncio.run(story())
