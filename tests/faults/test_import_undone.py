"""An import is taken back on the real servers: its workflows end, those of the right one run, and a kill stops it nowhere."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.application.imports.taking_back.take_back import TakeBack
from dealflow.application.imports.taking_back.undone import Undone
from dealflow.bootstrap import open_system
from dealflow.domain.deal import commands as c
from dealflow.worker import reconcile
from dealflow_workflows.contracts import deal_workflow_id
from tests.cli.commands.imports.test_following import HEADER, MAPPING, PIPE
from tests.faults.test_newer_export import exported
from tests.support.observed.sound import everything_holds, store_holds
from tests.support.paths import ROOT
from tests.support.running.running_system import House, RunningSystem
from tests.support.running.typed_commands import CommandLine
from tests.support.waiting import LONGEST_SECONDS

pytestmark = pytest.mark.slow
DEALS = 450


def undone(running: RunningSystem, batch: str) -> Undone:
    system = running.system
    parts = (system.store, system.outbox, system.processes, system.people.current, system.reach_hint)
    taking_back = TakeBack(*parts, SystemClock().now())
    return taking_back.take_back(batch, c.Who(actor="ops"), "swapped", lambda _done, _total: None)


async def only_these_run(running: RunningSystem, number: int) -> None:
    """Wait until so many workflows of deals run, and nothing differs: the list of them is a little behind."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while not ((found := await reconcile(running.system, dry_run=True)).clean and found.runs == number):  # noqa: ASYNC110  only the server knows when
            await asyncio.sleep(0.2)


def test_workflows_end_and_those_of_the_right_import_run(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.relay(), running.worker():
            first = exported(running, "one Learn 3 - -", "two Sign 9 3 -")
            one = f"{running.settings.home.name}-one"
            await only_these_run(running, 2)
            taken = await asyncio.to_thread(undone, running, first.batch)
            assert (taken.gone, taken.kept) == (2, 0)
            await only_these_run(running, 0)
            assert running.system.schedule.get(one) is not None
            right = exported(running, "one Learn 2 - -", "two Sign 8 2 -")
            assert (right.new, right.changed) == (2, 0)
            await only_these_run(running, 2)
            client = await running.client()
            described = await client.get_workflow_handle(deal_workflow_id(one, 1, 2)).describe()
            assert described.id.endswith("/run-2/1")
            await everything_holds(running)

    with house() as running:
        asyncio.run(story(running))


def test_a_kill_in_the_middle_of_an_undo_leaves_what_another_finishes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli = CommandLine(tmp_path / "home", capsys)
    (tmp_path / "pipe.yaml").write_text(PIPE, encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    rows = [f"D-{number:03},anna,Offer,2026-01-05,2026-01-06,,100" for number in range(DEALS)]
    (tmp_path / "deals.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    cli.done("process", "publish", tmp_path / "pipe.yaml")
    importing = ("import", "crm-csv", tmp_path / "deals.csv", "--mapping", tmp_path / "mapping.yaml")
    batch = cli.json(*importing)["batch"]
    killed(cli, "import", "undo", batch, "--yes")
    left = cli.json("deal", "list", "--all")["total"]
    assert 0 < left < DEALS
    assert [one["state"] for one in cli.json("import", "list")["imports"]] == ["undoing"]
    refused = cli(*importing, "--json")
    assert (refused.code, refused.codes) == (1, ["import_half_undone"]), "what is there would be gone soon"
    done = cli.json("import", "undo", batch, "--yes")
    assert (done["done"], done["gone"], done["kept"]) == (True, left, 0)
    assert cli.json("deal", "list", "--all")["total"] == 0
    assert cli.json("import", "show", batch)["gone"] == DEALS, "the record is of all of it, not of the last run alone"
    again = cli.json(*importing)
    assert (again["new"], again["batch"]) == (DEALS, f"{batch}-2")
    with open_system(cli.settings()) as system:
        store_holds(system)


def killed(cli: CommandLine, *words: str) -> None:
    """Run it in a process that is killed once it has written for the first time, and is about to wake somebody."""
    dying = [sys.executable, "-m", "tests.support.workers.dying_command", *words, "--home", str(cli.home)]
    done = subprocess.run(dying, cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, json.dumps([done.returncode, done.stderr.decode()[-500:]])
