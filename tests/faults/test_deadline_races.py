"""Evidence racing a deadline, with the worker away over it: what counts is which came first, not when it was noticed."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.adapters.temporal_server import RunningServer
from tests.support.running_system import RunningSystem, eventually, running_system
from tests.support.sound import everything_holds

pytestmark = pytest.mark.slow
LIMIT = timedelta(seconds=3)


def test_evidence_recorded_before_the_deadline_leaves_no_stall_however_late_the_worker_comes(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem) -> None:
        running.open("before")
        running.prove_need("before")
        async with running.relay():
            await asyncio.sleep(LIMIT.total_seconds() + 1)
            async with running.worker():
                await eventually(lambda: running.deal("before").stage == "sign")
                await everything_holds(running)
        assert not running.deal("before").stalls

    with running_system(tmp_path / "before", temporal_server.address, learn="3 seconds") as running:
        asyncio.run(story(running))


def test_evidence_recorded_after_the_deadline_finds_a_stall_dated_at_the_deadline(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem) -> None:
        due_at = running.open("after").next_due
        async with running.relay():
            await asyncio.sleep(LIMIT.total_seconds() + 1)
            running.prove_need("after")
            async with running.worker():
                await eventually(lambda: running.deal("after").stage == "sign")
                await everything_holds(running)
        [stall] = running.deal("after").stalls.values()
        assert stall.due_at == due_at and stall.ended_at is not None
        # It had ended when it was noticed: history, of which nobody is told.
        assert stall.raised_at is None and running.system.outbox.counts()["waiting"] == 0

    with running_system(tmp_path / "after", temporal_server.address, learn="3 seconds") as running:
        asyncio.run(story(running))


def test_a_worker_that_was_away_over_a_deadline_dates_the_stall_at_it_and_tells_once(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem) -> None:
        due_at = running.open("away").next_due
        async with running.relay():
            await asyncio.sleep(LIMIT.total_seconds() + 2)
            async with running.worker():
                await eventually(lambda: running.system.outbox.counts()["delivered"] == 2)
                await everything_holds(running)
        [stall] = running.deal("away").open_stalls
        assert stall.due_at == due_at and stall.recorded_at - stall.due_at >= timedelta(seconds=1)
        assert len(list(running.settings.outbox.rglob("*.txt"))) == 2

    with running_system(tmp_path / "away", temporal_server.address, learn="3 seconds") as running:
        asyncio.run(story(running))
