"""Somebody wakes by hand what must not be woken: a closed deal, an old opening, one to come, a deal that nobody knows."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy

from dealflow.adapters.temporal.runs import TemporalRuns
from dealflow.application.engine.reconcile import WorkflowRun
from dealflow.application.ports.workflow_starter import Woken
from dealflow.domain.deal import commands as c
from dealflow.worker import starter_of
from dealflow_workflows.contracts import DEAL_PROGRESSION, WAKE, DealRun, deal_workflow_id
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import House, RunningSystem
from tests.support.stores.databases import on
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow
NEEDLESS = [("closed", 1), ("again", 1), ("again", 3), ("nobody", 1)]


async def close(running: RunningSystem, deal_id: str) -> None:
    running.open(deal_id)
    running.prove_need(deal_id)
    running.sign(deal_id)
    await eventually(lambda: not running.deal(deal_id).in_progress)


def test_such_a_run_ends_at_once_changes_nothing_and_leaves_none_behind(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            await close(running, "closed")
            await close(running, "again")
            running.execute("again", c.ReopenDeal(reason="They called back", to="sign"), by=running.director)
            await eventually(lambda: running.row("again").armed_at)
            before = [(running.facts(deal_id), running.row(deal_id)) for deal_id in ("closed", "again")]
            client = await running.client()
            for deal_id, opening in NEEDLESS:
                run = await client.start_workflow(
                    DEAL_PROGRESSION,
                    DealRun(deal_id=deal_id, opening=opening),
                    id=deal_workflow_id(deal_id, opening),
                    task_queue=running.settings.temporal_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    start_signal=WAKE,
                )
                await run.result()
                assert (await run.describe()).status is WorkflowExecutionStatus.COMPLETED
            assert [(running.facts(deal_id), running.row(deal_id)) for deal_id in ("closed", "again")] == before
            assert running.system.schedule.get("nobody") is None
            runs = TemporalRuns(client, running.settings.temporal_queue)
            assert {run async for run in runs.deals()} == {WorkflowRun("again", 2)}
            await everything_holds(running)
            # The opening that is in progress was not disturbed.
            running.execute("again", c.ConfirmEvidence(evidence_id="again-order", reason="Seen"), by=running.director)
            await eventually(lambda: not running.deal("again").in_progress)
            await (await running.handle("again", 2)).result()
            await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))


@on("postgres")
def test_the_relay_starts_nothing_for_a_deal_that_has_ended(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            await close(running, "ended")
            handle = await running.handle("ended")
            await handle.result()
            ended = await handle.describe()
            waker = starter_of(running.system, await running.client())
            assert await waker.wake(running.row("ended")) is Woken.ENDED
            assert (await handle.describe()).run_id == ended.run_id
            await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))
