"""The worker is killed between its append and its completion: the work is done once, and goes on with the next worker."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.observed.sound import everything_holds
from tests.support.paths import ROOT
from tests.support.running.running_system import House, RunningSystem
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow


def start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=ROOT)


def test_what_was_appended_before_the_kill_is_not_appended_again(house: House, tmp_path: Path) -> None:
    marker = tmp_path / "appended"

    async def story(running: RunningSystem) -> None:
        settings = running.settings
        where = [str(settings.home), settings.database_url, settings.temporal_address, settings.temporal_queue]
        dying = start([sys.executable, "-m", "tests.support.workers.dying_worker", *where, str(marker)])
        try:
            async with running.relay():
                running.open("killed")
                running.prove_need("killed")
                await eventually(marker.exists)
                dying.kill()
                dying.wait()
                assert running.deal("killed").stage == "sign"
                before = running.facts("killed")
                async with running.worker():
                    # The task that was lost with the worker times out after ten seconds.
                    await eventually(lambda: running.row("killed").seen_version == len(before))
                    assert running.facts("killed") == before
                    running.sign("killed")
                    await (await running.handle("killed")).result()
                    await everything_holds(running)
        finally:
            dying.kill()
            dying.wait()
        facts = running.facts("killed")
        assert facts.count("deal.stage_advanced.v1") == before.count("deal.stage_advanced.v1")
        assert not running.deal("killed").in_progress

    with house() as running:
        asyncio.run(story(running))
