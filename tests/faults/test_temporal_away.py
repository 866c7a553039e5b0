"""Temporal is away, or its database is gone: commands go on, and afterwards everything is where it should be."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.temporal.runs import TemporalRuns
from dealflow.application.engine.reconcile import WorkflowRun
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.observability.logs import Log
from dealflow.worker import reconcile
from tests.support.observed.captured_logs import captured_logs
from tests.support.observed.sound import everything_holds
from tests.support.running.command_line import terminal_of
from tests.support.running.restartable_server import restartable_server
from tests.support.running.running_system import House, RunningSystem
from tests.support.stores.databases import on
from tests.support.waiting import LONGEST_SECONDS, eventually

pytestmark = [pytest.mark.temporal, pytest.mark.slow]


async def running_deals(running: RunningSystem) -> set[WorkflowRun]:
    return {run async for run in TemporalRuns(await running.client(), running.settings.temporal_queue).deals()}


async def these_run(running: RunningSystem, expected: set[WorkflowRun]) -> None:
    """Fail when it does not come to these and no others in time."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while True:
            with suppress(TemporalUnreachable):
                if await running_deals(running) == expected:
                    return
            await asyncio.sleep(0.3)


@on("postgres")
def test_commands_succeed_without_temporal_and_the_deals_move_when_it_comes(house: House, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        for number in range(5):
            running.open(f"d{number}")
            running.prove_need(f"d{number}")
        with pytest.raises(TemporalUnreachable):
            await reconcile(running.system)
        async with running.worker(), running.relay():
            await eventually(lambda: said(logs, Log.TEMPORAL_UNREACHABLE))
            server.start()
            await eventually(lambda: all(running.deal(f"d{n}").stage == "sign" for n in range(5)))
            await everything_holds(running)

    with (
        restartable_server(tmp_path / "server") as server,
        house(address=server.address, hints=True) as running,
        captured_logs() as logs,
    ):
        asyncio.run(story(running))


def test_an_outage_is_said_once_and_ends_by_itself(house: House, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            running.open("before")
            await eventually(lambda: running.row("before").seen_version > 0)
            server.stop()
            running.prove_need("before")
            running.open("meanwhile")
            await eventually(lambda: said(logs))
            # Long enough for some more tries.
            await asyncio.sleep(3)
            server.start()
            await eventually(lambda: running.deal("before").stage == "sign")
            await eventually(lambda: running.row("meanwhile").seen_version > 0)
            await everything_holds(running)

    with (
        restartable_server(tmp_path / "server") as server,
        house(address=server.address) as running,
    ):
        server.start()
        with captured_logs() as logs:
            asyncio.run(story(running))
    assert said(logs) == 1


def said(logs: Sequence[Mapping[str, Any]], what: Log = Log.RELAY_WAKE_FAILED) -> int:
    return [log["event"] for log in logs].count(what.value)


def test_a_lost_database_is_noticed_and_every_deal_comes_back(house: House, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        deals = [f"d{number}" for number in range(30)]
        async with running.worker(), running.relay():
            for deal_id in deals:
                running.open(deal_id)
            # Two kinds of runs: some wait in their start delay, some have looked and keep a timer.
            for deal_id in deals[:10]:
                running.prove_need(deal_id)
            await eventually(lambda: all(running.deal(d).stage == "sign" for d in deals[:10]))
            await eventually(lambda: all(running.row(d).armed_at for d in deals))
            expected = {WorkflowRun(deal_id, 1) for deal_id in deals}
            assert await running_deals(running) == expected
            server.stop()
            server.lose_database()
            running.prove_need("d20")
            server.start()
            await these_run(running, expected)
            await eventually(lambda: running.deal("d20").stage == "sign")
            running.sign("d20")
            await (await running.handle("d20")).result()
            await everything_holds(running)

    with (
        restartable_server(tmp_path / "server") as server,
        house(address=server.address) as running,
    ):
        server.start()
        asyncio.run(story(running))


def test_without_a_relay_the_command_reconcile_brings_all_back_from_a_lost_database(
    house: House, tmp_path: Path
) -> None:
    async def story(running: RunningSystem) -> None:
        deals, terminal = [f"r{number}" for number in range(20)], terminal_of(running.settings)
        async with running.worker():
            async with running.relay():
                for deal_id in deals:
                    running.open(deal_id)
                running.prove_need("r0")
                running.prove_need("r1")
                running.sign("r1")
                await eventually(lambda: running.deal("r0").stage == "sign" and not running.deal("r1").in_progress)
                await eventually(lambda: all(running.row(deal_id).armed_at for deal_id in deals if deal_id != "r1"))
            server.stop()
            server.lose_database()
            running.prove_need("r2")
            server.start()
            dry = await asyncio.to_thread(terminal.json, "reconcile", "--dry-run")
            assert (dry["run_missing"], dry["mended"]) == (19, 0)
            wet = await asyncio.to_thread(terminal.json, "reconcile")
            assert (wet["run_missing"], wet["mended"], wet["failed"]) == (19, 19, 0)
            await eventually(lambda: running.deal("r2").stage == "sign")
            await these_run(running, {WorkflowRun(deal_id, 1) for deal_id in deals if deal_id != "r1"})
            await everything_holds(running)
            again = await asyncio.to_thread(terminal.json, "reconcile")
            assert (again["run_missing"], again["armed_late"], again["mended"]) == (0, 0, 0)

    with (
        restartable_server(tmp_path / "server") as server,
        house(address=server.address) as running,
    ):
        server.start()
        asyncio.run(story(running))
