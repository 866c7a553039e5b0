"""Event logs taken in on a real SQLite store; the real log of the BPI Challenge 2012 where it is at hand."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.imports.mapping_file import ImportInvalid
from dealflow.adapters.imports.xes_import import XesImported, XesRequest, import_xes
from dealflow.adapters.process_file import load_process
from dealflow.application.inventory import count, deals_as_of
from dealflow.bootstrap import System, open_system
from dealflow.domain import commands as c
from dealflow.domain.deal import NodeStatus, Outcome
from dealflow.settings import Settings
from tests.support.import_files import ROOT
from tests.support.xes_files import NOW, SMALL, WON, event, log, trace

WHO = c.Who(actor="ops")
BPI = ROOT.parent / "shared" / "data" / "bpic2012-loan-applications" / "bpic2012.xes.gz"
DECLINED = trace("C2", event("Apply", "2012-01-02T09:00:00Z"), event("Decline", "2012-01-04T09:00:00Z"))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with open_system(Settings.load(tmp_path / "home")) as opened:
        definition, problems = load_process(ROOT / "process_defs" / "consumer-loan.yaml")
        assert definition is not None and not problems
        opened.processes.publish(definition, who=WHO, command_id="publish")
        yield opened


def take_in(system: System, folder: Path, text: str, mapping: str = SMALL, **asked: Any) -> XesImported:
    (folder / "log.xes").write_text(text, encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    request = XesRequest(folder / "log.xes", folder / "mapping.yaml", WHO, system.settings.home, **asked)
    return import_xes(request, system.imports, system.processes, NOW)


def test_facts_of_one_instant_are_judged_together_before_the_deal_is_closed(system: System, tmp_path: Path) -> None:
    done = take_in(system, tmp_path, log(WON))
    assert (done.report.new, done.report.won, done.found.traces, done.found.events) == (1, 1, 1, 5)
    deal, _ = system.deals.load("C1")
    assert deal.outcome is Outcome.WON
    # Paid stands before accepted in the log, at the same instant.
    assert deal.node("offer_accepted").status is NodeStatus.REACHED
    assert deal.win is not None and deal.win.unproven == ()


def test_what_comes_after_the_closing_is_kept_and_moves_nothing(system: System, tmp_path: Path) -> None:
    late = event("Return", "2012-01-08T09:00:00Z") + event("Call", "2012-01-09T09:00:00Z")
    take_in(system, tmp_path, log(DECLINED.replace("</trace>", late + "</trace>")))
    deal, _ = system.deals.load("C2")
    assert deal.outcome is Outcome.LOST
    assert [evidence.kind for evidence in deal.evidence.values()] == ["application", "returned_offer"]
    assert deal.node("offer_sent_back").status is NodeStatus.OPEN


def test_again_nothing_changes_and_a_longer_log_brings_only_what_is_new(system: System, tmp_path: Path) -> None:
    take_in(system, tmp_path, log(WON, DECLINED.replace("Decline", "Call")))
    again = take_in(system, tmp_path, log(WON, DECLINED.replace("Decline", "Call"))).report
    assert (again.new, again.changed, again.unchanged, again.events) == (0, 0, 2, 0)
    newer = DECLINED.replace("Decline", "Call").replace(
        "</trace>", event("Decline", "2012-01-05T09:00:00Z") + "</trace>"
    )
    longer = take_in(system, tmp_path, log(WON, newer)).report
    assert (longer.new, longer.changed, longer.unchanged, longer.lost) == (0, 1, 1, 1)


def test_rejects_go_to_a_file_with_trace_and_event(system: System, tmp_path: Path) -> None:
    done = take_in(system, tmp_path, log(WON, trace(None), DECLINED.replace("Decline", "Declin")))
    assert (done.report.new, done.report.rejected) == (2, 2)
    assert done.rejects_file is not None
    written = done.rejects_file.read_text(encoding="utf-8-sig")
    assert "log.xes,11,case:concept:name,the deal has no id,,,,trace 2" in written
    assert (
        'log.xes,15,concept:name,the mapping does not know this value,Declin,Decline,C2,"trace 3, event 2"' in written
    )


def test_strict_stops_before_anything_is_written(system: System, tmp_path: Path) -> None:
    done = take_in(system, tmp_path, log(WON, trace(None)), strict=True)
    assert done.report.strict_stop
    assert system.store.load_many(["deal/C1"]) == {}


@pytest.mark.parametrize("tail", ["<trace>", '<trace><event><string key="', "</trace>"])
def test_of_a_log_that_is_broken_at_its_end_nothing_is_written(system: System, tmp_path: Path, tail: str) -> None:
    with pytest.raises(ImportInvalid):
        take_in(system, tmp_path, log(WON).replace("</log>", tail))
    assert system.store.load_many(["deal/C1"]) == {}
    assert not (system.settings.home / "imports").exists()


@pytest.mark.slow
@pytest.mark.skipif(bool(os.environ.get("CI")), reason="the log may not be redistributed, so CI has none")
@pytest.mark.skipif(not BPI.exists(), reason="the log of the BPI Challenge 2012 is not beside this folder")
def test_the_log_of_the_bpi_challenge_2012_gives_what_was_counted(system: System) -> None:
    mapping = ROOT / "tests" / "data" / "bpic2012" / "mapping.yaml"
    request = XesRequest(BPI, mapping, WHO, system.settings.home)
    done = import_xes(request, system.imports, system.processes, NOW)
    report = done.report
    assert (done.found.traces, done.found.events, done.found.never, report.rejected) == (13_087, 262_200, (), 0)
    process = system.processes.get("consumer-loan").definition
    as_of = datetime(2012, 3, 15, tzinfo=UTC)
    deals = deals_as_of(system.store, as_of).deals.values()
    found = count(((deal, process) for deal in deals), system.people.current(), as_of=as_of)
    assert (found.deals, found.won, found.lost, found.cancelled, found.open) == (13_087, 2_246, 7_635, 2_807, 399)
    # One application asks for an amount of 0.
    assert found.ever_reached == {"applied": 13_086, "offer_sent_back": 3_254, "offer_accepted": 2_243}
    assert found.won_unproven == {"offer_accepted": 3}
    assert found.claims_not_applied == 0
    assert sum("offer_sent" in deal.milestones for deal in deals) == 5_015
    again = import_xes(request, system.imports, system.processes, NOW).report
    assert (again.new, again.changed, again.unchanged, again.events) == (0, 0, 13_087, 0)
