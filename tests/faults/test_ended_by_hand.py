"""A run that somebody terminates or cancels in Temporal's pages comes back."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import IMPATIENT, House, RunningSystem
from tests.support.stores.databases import on
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("act", ["terminate", "cancel"])
def test_the_relay_brings_a_run_back_for_its_deadline(house: House, act: str) -> None:
    async def story(running: RunningSystem) -> None:
        deal_id = f"hand-{act}"
        async with running.worker(), running.relay(IMPATIENT):
            due_at = running.open(deal_id).next_due
            await eventually(lambda: running.row(deal_id).armed_at == due_at)
            handle = await running.handle(deal_id)
            if act == "terminate":
                await handle.terminate()
            else:
                await handle.cancel()
            await eventually(lambda: running.deal(deal_id).open_stalls)
            assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
            [stall] = running.deal(deal_id).open_stalls
            assert stall.due_at == due_at
            await everything_holds(running)

    with house(learn="12 seconds") as running:
        asyncio.run(story(running))


@on("postgres")
def test_evidence_brings_it_back_at_once(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            running.open("by-evidence")
            await eventually(lambda: running.row("by-evidence").armed_at)
            await (await running.handle("by-evidence")).terminate()
            running.prove_need("by-evidence")
            await eventually(lambda: running.deal("by-evidence").stage == "sign")
            await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))
