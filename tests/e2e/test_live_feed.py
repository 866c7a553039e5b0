"""A log fed live through a real Temporal server, worker and relay ends as its import does, and everything holds."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from dealflow.adapters.imports.live_feed import FeedRequest, XesFed, feed_xes
from dealflow.adapters.imports.xes.run import XesRequest, import_xes
from dealflow.adapters.processes.reader import load_process
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal.commands import Who
from dealflow.settings import Settings
from tests.support import servers
from tests.support.feeding_parts import feeding_of
from tests.support.loan_logs import MAPPING, loan_log, some_of_bpi, why_no_bpi
from tests.support.outlook import Outlook, outlooks
from tests.support.paths import PROCESS_DEFS
from tests.support.running_system import RunningSystem, running_system
from tests.support.silent_waker import SilentWaker
from tests.support.sound import everything_holds
from tests.support.xes_files import NOW, SMALL, event, log, trace

pytestmark = [pytest.mark.temporal, pytest.mark.slow, pytest.mark.usefixtures("temporal_program")]
SETTLE_SECONDS = 30.0
# The last gate closes the deal by itself, so what comes behind it has to wait for the workflow.
NO_CLAIM = SMALL.replace("Pay: [{milestone: activated}, {outcome: won}]", "Pay: [{milestone: activated}]")


def gate_closes(number: int) -> str:
    steps = ("Apply", "Send", "Return", "Accept", "Pay", "Return", "Call", "Send")
    events = [event(name, f"2012-01-{day:02}T09:00:00Z") for day, name in enumerate(steps, 2 + number)]
    return trace(f"G{number}", *events)


def publish(system: System) -> None:
    definition, problems = load_process(PROCESS_DEFS / "consumer-loan.yaml")
    assert definition is not None and not problems
    system.processes.publish(definition, who=Who(actor="ops"), command_id="publish-loan")


def imported(folder: Path, file: Path, mapping: Path) -> dict[str, Outlook]:
    """What an import of the log comes to, in a store of its own."""
    with open_system(Settings.load(folder / "imported"), SilentWaker()) as system:
        publish(system)
        request = XesRequest(file, mapping, Who(actor="ops"), system.settings.home)
        assert import_xes(request, system.imports, system.processes, NOW).report.rejected == 0
        return outlooks(system)


def feed(running: RunningSystem, file: Path, mapping: Path, settle_seconds: float = SETTLE_SECONDS) -> XesFed:
    parts = running.system
    feeding = feeding_of(parts, patience_seconds=SETTLE_SECONDS, settle_seconds=settle_seconds)
    request = FeedRequest(file, mapping, Who(actor=running.seller), running.settings.home)
    return feed_xes(request, feeding, parts.processes, parts.clock.now(), Event())


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningSystem]:
    """A system on either database with the loan process, and a server of its own: the logs' deals have the same ids."""
    database = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    with (
        servers.temporal(tmp_path) as server,
        running_system(tmp_path / "home", server.address, hints=True, database=database) as opened,
    ):
        publish(opened.system)
        yield opened


def fed_as_imported(running: RunningSystem, folder: Path, file: Path, mapping: Path) -> XesFed:
    return asyncio.run(_fed_as_imported(running, folder, file, mapping))


async def _fed_as_imported(running: RunningSystem, folder: Path, file: Path, mapping: Path) -> XesFed:
    async with running.worker(), running.relay():
        fed = await asyncio.to_thread(feed, running, file, mapping)
        report = fed.report
        assert (report.rejected, report.waiting, report.left) == (0, 0, 0)
        assert report.commands == report.commands_in_all
        assert outlooks(running.system) == imported(folder, file, mapping)
        await everything_holds(running)
    return fed


def test_a_log_of_loans_ends_as_imported(running: RunningSystem, tmp_path: Path) -> None:
    fed = fed_as_imported(running, tmp_path, loan_log(tmp_path, 40), MAPPING)
    assert fed.report.facts["deal.stage_advanced.v1"] >= 40


def test_what_comes_behind_the_last_gate_waits_for_the_workflow(running: RunningSystem, tmp_path: Path) -> None:
    file, mapping = tmp_path / "log.xes", tmp_path / "mapping.yaml"
    file.write_text(log(*(gate_closes(number) for number in range(12))), encoding="utf-8")
    mapping.write_text(NO_CLAIM, encoding="utf-8")
    fed = fed_as_imported(running, tmp_path, file, mapping)
    assert fed.report.won == 12


@pytest.mark.skipif(why_no_bpi() is not None, reason=str(why_no_bpi()))
def test_the_first_hundred_of_the_bpi_challenge_2012_end_as_imported(running: RunningSystem, tmp_path: Path) -> None:
    fed = fed_as_imported(running, tmp_path, some_of_bpi(tmp_path, 100), MAPPING)
    assert (fed.report.new, fed.report.claims_not_applied) == (100, 0)


def test_fed_while_nothing_runs_the_deals_move_when_worker_and_relay_do(running: RunningSystem, tmp_path: Path) -> None:
    file = loan_log(tmp_path, 20)

    async def story() -> None:
        report = (await asyncio.to_thread(feed, running, file, MAPPING, 0.2)).report
        assert report.commands == report.commands_in_all and report.waiting == 20
        async with running.worker(), running.relay():
            await everything_holds(running, within=30)
            assert outlooks(running.system) == imported(tmp_path, file, MAPPING)

    asyncio.run(story())
