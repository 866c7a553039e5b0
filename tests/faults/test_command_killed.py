"""A command is killed (-9) between its commit and its wake: nothing is lost, and it has its effect once."""

import asyncio
import signal
import subprocess
import sys

import pytest

from tests.support.observed.sound import everything_holds
from tests.support.paths import ROOT
from tests.support.running.command_line import terminal_of
from tests.support.running.running_system import House, RunningSystem
from tests.support.stores.databases import on
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow
EVIDENCE = ["evidence", "record", "cut", "note", "--field", "summary=needs it", "--id", "e-1", "--command-id", "cut-1"]


@on("postgres")
def test_the_relay_wakes_the_deal_and_the_command_sent_again_has_its_first_answer(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        terminal = terminal_of(running.settings)
        async with running.worker():
            async with running.relay():
                running.open("cut")
                await eventually(lambda: running.row("cut").armed_at)
            dying = [sys.executable, "-m", "tests.support.workers.dying_command", *EVIDENCE]
            died = await asyncio.to_thread(subprocess.run, dying, env=terminal.environment, cwd=ROOT, check=False)
            assert died.returncode == -signal.SIGKILL
            # It is on record, and nobody knows.
            assert list(running.deal("cut").evidence) == ["e-1"]
            assert (
                running.deal("cut").stage == "learn"
                and running.row("cut").signalled_version < running.row("cut").version
            )
            async with running.relay():
                await eventually(lambda: running.deal("cut").stage == "sign")
                facts = running.facts("cut")
                answer = await asyncio.to_thread(terminal.json, *EVIDENCE)
                assert answer["repeated"] and answer["command_id"] == "cut-1" and answer["stage"] == "learn"
                assert running.facts("cut") == facts
                assert facts.count("deal.evidence_recorded.v1") == facts.count("deal.stage_advanced.v1") == 1
                await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))
