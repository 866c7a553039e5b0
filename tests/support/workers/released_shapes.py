"""Every shape of history that a released workflow leaves: how each is brought about, by name."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import TimeSkipper

from dealflow.application.notices.deliver import Delivered
from dealflow.application.ports.store import StoreUnreachable
from dealflow_workflows.contracts import WAKE
from tests.support.workers.scripted import CLOSED, Look, Telling, waits
from tests.support.workers.scripted_worker import NOTHING, ScriptedWorker, scripted_worker, wake

Handle = WorkflowHandle[Any, Any]
FAR = datetime(2100, 1, 1, tzinfo=UTC)
AWAY = StoreUnreachable("away")


def in_days(days: int) -> Look:
    return lambda now: waits(now + timedelta(days=days))


def again_in(length: timedelta) -> Telling:
    return lambda now: Delivered(delivered=1, failed=1, next_try_at=now + length)


async def lone_wake(scripted: ScriptedWorker) -> Handle:
    """Looks, waits for a deadline, is woken, waits for the same one, is woken and ends."""
    handle = await scripted.start_deal("lone-wake")
    for times in (1, 2):
        await scripted.looked(times)
        await wake(handle)
    await handle.result()
    return handle


async def deadline(scripted: ScriptedWorker) -> Handle:
    """Two deadlines in its own time, one replaced by a nearer one, one given up for none, and the end."""
    handle = await scripted.start_deal("deadline")
    await scripted.looked(1)
    await TimeSkipper(scripted.client).fast_forward(handle, timedelta(days=11))
    for times in (2, 3, 4):
        await scripted.looked(times)
        await wake(handle)
    await handle.result()
    return handle


async def started_by_a_wake(scripted: ScriptedWorker) -> Handle:
    """A run that a signal started, for a deal that is closed already."""
    handle = await scripted.start_deal("started-by-a-wake", start_signal=WAKE)
    await handle.result()
    return handle


async def regular_activity(scripted: ScriptedWorker) -> Handle:
    """The local attempt fails, a regular activity succeeds at its second try; a wake comes meanwhile."""
    handle = await scripted.start_deal("regular-activity")
    await scripted.looked(2)
    await wake(handle)
    await handle.result()
    return handle


async def continued(scripted: ScriptedWorker) -> Handle:
    """So many wakes that the run continues as new (soon, as the recorder sets its server); the first run's history."""
    handle = await scripted.start_deal("continued")
    chain = scripted.client.get_workflow_handle(handle.id)
    first = scripted.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    looks = 0
    while (await first.describe()).status is WorkflowExecutionStatus.RUNNING:
        await scripted.looked(looks := looks + 1)
        await wake(chain)
    await chain.terminate()
    return first


async def delivery(scripted: ScriptedWorker) -> Handle:
    """Everything is delivered at once."""
    handle = await scripted.start_person("delivery")
    await handle.result()
    return handle


async def delivery_with_retry(scripted: ScriptedWorker) -> Handle:
    """The store is away, then a channel is; a back-off passes, a wake cuts another short, and all is told."""
    handle = await scripted.start_person("delivery-with-retry")
    await scripted.delivered(2)
    await TimeSkipper(scripted.client).fast_forward(handle, timedelta(minutes=2))
    await scripted.delivered(3)
    await wake(handle)
    await handle.result()
    return handle


SHAPES: dict[str, tuple[Callable[[ScriptedWorker], Awaitable[Handle]], list[Look], list[Telling]]] = {
    "deal-lone-wake": (lone_wake, [waits(FAR), waits(FAR), CLOSED], []),
    "deal-deadline": (deadline, [in_days(10), waits(FAR), waits(FAR - timedelta(days=1)), waits(None), CLOSED], []),
    "deal-started-by-a-wake": (started_by_a_wake, [CLOSED], []),
    "deal-regular-activity": (regular_activity, [AWAY, AWAY, waits(FAR), CLOSED], []),
    "deal-continued": (continued, [waits(FAR)], []),
    "person-delivery": (delivery, [], [NOTHING]),
    "person-delivery-with-retry": (
        delivery_with_retry,
        [],
        [AWAY, again_in(timedelta(minutes=1)), again_in(timedelta(hours=1)), NOTHING],
    ),
}


@asynccontextmanager
async def shaped(name: str, folder: Path, address: str) -> AsyncIterator[Handle]:
    """A workflow that has lived through this shape."""
    live, looks, tellings = SHAPES[name]
    async with scripted_worker(folder, address, looks, tellings) as scripted:
        yield await live(scripted)
