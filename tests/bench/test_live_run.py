"""A log fed live on a real SQLite store ends as its import does; only the dates differ."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bench.live.run import LiveFeed, events_of, plans_of
from bench.live.scheduler import NoWorkflowMoves

from dealflow.adapters.imports.logs.run import import_xes
from dealflow.adapters.imports.run import ImportRequest
from dealflow.adapters.processes.reader import load_process
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.settings import Settings
from tests.support.deals.outlook import Outlook, outlooks
from tests.support.files.loan_logs import MAPPING, loan_log
from tests.support.files.xes_files import NOW, SMALL, WON, event, log, trace
from tests.support.paths import PROCESS_DEFS
from tests.support.workers.looking_worker import LookingWorker
from tests.support.workers.silent_waker import SilentWaker

WHO = c.Who(actor="ops")
# The gate of the last stage closes the deal by itself, and the log goes on.
NO_CLAIM = SMALL.replace("Pay: [{milestone: activated}, {outcome: won}]", "Pay: [{milestone: activated}]")
GOES_ON = trace(
    "G1",
    event("Apply", "2012-01-02T09:00:00Z"),
    event("Send", "2012-01-03T09:00:00Z"),
    event("Accept", "2012-01-04T09:00:00Z"),
    event("Pay", "2012-01-05T09:00:00Z"),
    event("Return", "2012-01-06T09:00:00Z"),  # the gate of the offer, and with it the last one
    event("Return", "2012-01-07T09:00:00Z"),
    event("Call", "2012-01-08T09:00:00Z"),
)


@contextmanager
def opened(home: Path, *, works: bool = True) -> Iterator[System]:
    """A system with the loan process, and a worker that stands in for the workflows where it `works`."""
    worker = LookingWorker()
    with open_system(Settings.load(home), worker if works else SilentWaker()) as system:
        definition, problems = load_process(PROCESS_DEFS / "consumer-loan.yaml")
        assert definition is not None and not problems
        system.processes.publish(definition, who=WHO, command_id="publish")
        with worker.over(system.deals, system.schedule, system.clock):
            yield system


def imported(folder: Path, file: Path, mapping: Path) -> dict[str, Outlook]:
    """What the same log comes to when it is imported."""
    with opened(folder / "imported") as system:
        request = ImportRequest(files=(file,), mapping=mapping, who=WHO, home=system.settings.home)
        assert import_xes(request, system.imports, system.processes, NOW).report.rejected == 0
        return outlooks(system)


def written(folder: Path, *traces: str) -> tuple[Path, Path]:
    """A log of these traces, and a mapping by which the last gate closes a deal."""
    file, mapping = folder / "log.xes", folder / "mapping.yaml"
    file.write_text(log(*traces), encoding="utf-8")
    mapping.write_text(NO_CLAIM, encoding="utf-8")
    return file, mapping


def test_fed_live_every_deal_ends_as_imported_and_is_observed_now(tmp_path: Path) -> None:
    file = loan_log(tmp_path, 20)
    with opened(tmp_path / "live") as system:
        begun = system.clock.now()
        plans = plans_of(system, file, MAPPING)
        report = LiveFeed(system, WHO).run(plans)
        assert outlooks(system) == imported(tmp_path, file, MAPPING)
        streams = system.store.load_many(system.store.streams("deal/")).values()
        assert all(each.fact.effective_at >= begun for recorded in streams for each in recorded)
    assert (report.deals, report.events) == (20, sum(map(events_of, plans)))
    assert report.deals < report.commands and report.rate > 0


def test_facts_after_the_last_gate_wait_for_the_workflow_that_ends_the_deal(tmp_path: Path) -> None:
    file, mapping = written(tmp_path, GOES_ON)
    with opened(tmp_path / "live") as system:
        LiveFeed(system, WHO).run(plans_of(system, file, mapping))
        assert outlooks(system) == imported(tmp_path, file, mapping)
        topics = [each.fact.topic for each in system.store.load("deal/G1")]
    assert topics[-3:] == ["deal.closed.v1", "deal.evidence_recorded.v1", "deal.activity_recorded.v1"]


def test_without_a_workflow_the_feed_ends_with_an_error_and_not_never(tmp_path: Path) -> None:
    file, mapping = written(tmp_path, GOES_ON)
    with opened(tmp_path / "live", works=False) as system, pytest.raises(NoWorkflowMoves, match="G1"):
        LiveFeed(system, WHO, patience_seconds=0.2).run(plans_of(system, file, mapping))


def test_a_log_with_a_record_that_cannot_be_used_is_not_measured(tmp_path: Path) -> None:
    file, mapping = written(tmp_path, WON, trace(None))
    with opened(tmp_path / "live") as system, pytest.raises(ValueError, match="1 records cannot be used"):
        plans_of(system, file, mapping)
