"""A real worker on a real server whose activities follow a script."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from dealflow.adapters.store import open_store
from dealflow.adapters.temporal.activities import Activities
from dealflow.adapters.temporal.client import connect
from dealflow.application.notices.deliver import Delivered
from dealflow.settings import Settings
from dealflow.worker import worker_of
from dealflow_workflows.contracts import (
    DEAL_PROGRESSION,
    PERSON_NOTICES,
    WAKE,
    DealRun,
    PersonRun,
    deal_workflow_id,
    person_workflow_id,
)
from tests.support.waiting import LONGEST_SECONDS, eventually
from tests.support.workers.scripted import Look, ScriptedDeals, ScriptedDelivering, Telling

_numbers = count(1)
NOTHING = Delivered(delivered=0, failed=0)


@dataclass
class ScriptedWorker:
    """What a test needs to drive one deal's or one person's workflow."""

    client: Client
    queue: str
    deals: ScriptedDeals
    delivering: ScriptedDelivering

    async def start_deal(self, deal_id: str, *, start_signal: str | None = None) -> WorkflowHandle[Any, Any]:
        """A run of the deal's first opening."""
        return await self.client.start_workflow(
            DEAL_PROGRESSION,
            DealRun(deal_id=deal_id, opening=1),
            id=deal_workflow_id(deal_id, 1),
            task_queue=self.queue,
            start_signal=start_signal,
        )

    async def looked(self, times: int) -> None:
        """Wait until the deal was looked at so often."""
        await eventually(lambda: len(self.deals.asked_at) >= times)

    async def delivered(self, times: int) -> None:
        """Wait until a delivery was asked for so often."""
        await eventually(lambda: len(self.delivering.asked_at) >= times)

    async def start_person(self, person_id: str) -> WorkflowHandle[Any, Any]:
        """A run for this recipient."""
        return await self.client.start_workflow(
            PERSON_NOTICES, PersonRun(person_id=person_id), id=person_workflow_id(person_id), task_queue=self.queue
        )


@asynccontextmanager
async def scripted_worker(
    folder: Path, address: str, looks: Sequence[Look] = (), tellings: Sequence[Telling] = (NOTHING,)
) -> AsyncIterator[ScriptedWorker]:
    """Run it inside the block, on a task queue of its own."""
    settings = Settings.load(home=folder, temporal_address=address)
    queue = f"scripted-{folder.name}-{next(_numbers)}"
    client = await connect(settings)
    parts = open_store("", folder, folder / "keys.sqlite")
    deals, delivering = ScriptedDeals(looks), ScriptedDelivering(tellings)
    with ThreadPoolExecutor(8) as pool:
        async with worker_of(client, queue, Activities(deals, parts.schedule, delivering, lambda _: None), pool, 4):
            yield ScriptedWorker(client, queue, deals, delivering)
    parts.close()


async def wake(handle: WorkflowHandle[Any, Any]) -> None:
    """A signal alone."""
    await handle.signal(WAKE)


async def at_rest(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """Its events once all that was asked of it is done, and it waits."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            found = await events(handle)
            ended = sum(found.count(f"WORKFLOW_TASK_{how}") for how in ("COMPLETED", "FAILED", "TIMED_OUT"))
            if found.count("WORKFLOW_TASK_SCHEDULED") == ended:
                return found
            await asyncio.sleep(0.05)


async def events(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """The history by its event types, without their common prefix."""
    history = await handle.fetch_history()
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]
