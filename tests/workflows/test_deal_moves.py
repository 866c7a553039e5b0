"""The main job on a real server: evidence moves a deal, a deadline stalls it, and its end ends the workflow."""

import asyncio
from datetime import timedelta
from pathlib import Path

from temporalio.client import WorkflowExecutionStatus

from dealflow.adapters.temporal_server.server import RunningServer
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.waiting import eventually


def test_evidence_moves_a_deal_and_the_win_ends_its_workflow(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            running.open("d1")
            running.prove_need("d1")
            await eventually(lambda: running.deal("d1").stage == "sign")
            running.sign("d1")
            await eventually(lambda: not running.deal("d1").in_progress)
            await (await running.handle("d1")).result()
            found = await (await running.handle("d1")).describe()
            assert found.status is WorkflowExecutionStatus.COMPLETED
            assert await found.static_summary() == "Deal d1 · two-steps@1"

    with running_system(tmp_path / "moves", temporal_server.address) as running:
        asyncio.run(story(running))


def test_the_same_on_postgresql(temporal_server: RunningServer, postgres_database: str, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            running.open("p1")
            running.open("p2")
            running.prove_need("p1")
            await eventually(lambda: running.deal("p1").stage == "sign")
            running.sign("p1")
            await (await running.handle("p1")).result()
            await eventually(lambda: running.system.outbox.counts()["delivered"] == 2)

    with running_system(
        tmp_path / "postgres", temporal_server.address, learn="5 seconds", database=postgres_database
    ) as running:
        asyncio.run(story(running))


def test_months_pass_and_the_stall_is_dated_at_its_deadline(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        due_at = running.open("d2").next_due
        async with running.worker(), running.relay():
            await eventually(lambda: running.row("d2").armed_at == due_at)
            await running.pass_time("d2", timedelta(days=139, minutes=1))
            await eventually(lambda: running.deal("d2").open_stalls)
        [stall] = running.deal("d2").open_stalls
        assert stall.due_at == due_at
        waiting = running.system.outbox.counts()
        assert waiting["waiting"] + waiting["delivered"] == 2

    with running_system(tmp_path / "months", temporal_server.address, learn="139 days") as running:
        asyncio.run(story(running))
