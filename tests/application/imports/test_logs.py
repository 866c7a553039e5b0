"""Event logs taken in on a real SQLite store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.imports.logs.run import LogImported, import_xes
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.run import ImportRequest
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.plans import MostRejects
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.state import NodeStatus, Outcome
from dealflow.domain.values.money import Money
from dealflow.settings import Settings
from dealflow.wording.catalogue import catalogue
from tests.support.files.xes_files import NOW, SMALL, WON, event, log, trace
from tests.support.paths import PROCESS_DEFS

WHO = c.Who(actor="ops")
DECLINED = trace("C2", event("Apply", "2012-01-02T09:00:00Z"), event("Decline", "2012-01-04T09:00:00Z"))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with open_system(Settings.load(tmp_path / "home")) as opened:
        definition, problems = load_process(PROCESS_DEFS / "consumer-loan.yaml")
        assert definition is not None and not problems
        opened.processes.publish(definition, who=WHO, command_id="publish")
        yield opened


def take_in(system: System, folder: Path, text: str, mapping: str = SMALL, **asked: Any) -> LogImported:
    (folder / "log.xes").write_text(text, encoding="utf-8")
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    asked = {"most_rejects": MostRejects(), **asked}
    request = ImportRequest(
        files=(folder / "log.xes",), mapping=folder / "mapping.yaml", who=WHO, home=system.settings.home, **asked
    )
    return import_xes(request, system.imports, system.processes, NOW)


def test_facts_of_one_instant_are_judged_together_before_the_deal_is_closed(system: System, tmp_path: Path) -> None:
    done = take_in(system, tmp_path, log(WON))
    assert (done.report.new, done.report.won, done.found.traces, done.found.events) == (1, 1, 1, 5)
    deal = system.reading.read("C1").deal
    assert deal.outcome is Outcome.WON
    # Paid stands before accepted in the log, at the same instant.
    assert deal.node("offer_accepted").status is NodeStatus.REACHED
    assert deal.win is not None and deal.win.unproven == ()


def test_what_comes_after_the_closing_is_kept_and_moves_nothing(system: System, tmp_path: Path) -> None:
    late = event("Return", "2012-01-08T09:00:00Z") + event("Call", "2012-01-09T09:00:00Z")
    take_in(system, tmp_path, log(DECLINED.replace("</trace>", late + "</trace>")))
    deal = system.reading.read("C2").deal
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


def test_a_fact_that_is_refused_is_rejected_at_its_event_with_what_was_given(system: System, tmp_path: Path) -> None:
    mapping = SMALL.replace("received_at: time:timestamp", "received_at: arrived")
    values = ("2012-01-05T09:00:00", "next week", "2012-01-05T09:00:00")
    returned = [
        event("Return", f"2012-01-0{day}T09:00:00Z", more=f'<date key="arrived" value="{value}"/>')
        for day, value in enumerate(values, start=5)
    ]
    text = log(trace("C1", event("Apply", "2012-01-02T09:00:00Z"), *returned), DECLINED)
    done = take_in(system, tmp_path, text, mapping)
    (reject,) = done.report.rejects
    assert (reject.deal_id, reject.row, reject.place) == ("C1", 7, "trace 1, event 3")
    assert catalogue("zh").say(reject.place) == "轨迹1，事件3"
    assert (reject.field, reject.value, reject.costs) == ("arrived", "next week", "fact")
    assert reject.reason.startswith("not an instant with its zone such as")
    assert list(done.report.rejects_by_reason) == [f"arrived: {reject.reason}"]
    assert done.report.new == 2


def test_an_application_for_nothing_is_taken_in_and_one_for_less_is_not(system: System, tmp_path: Path) -> None:
    mapping = SMALL.replace("  amount: case:AMOUNT_REQ\n", "")
    applied = event("Apply", "2012-01-02T09:00:00Z")
    log_of_three = log(
        trace("C1", applied, amount="0"), trace("C2", applied, amount="1,12"), trace("C3", applied, amount="-5")
    )
    done = take_in(system, tmp_path, log_of_three, mapping)
    assert [evidence.fields for evidence in system.reading.read("C1").deal.evidence.values()] == [
        {"amount": Money(minor=0, currency="EUR")}
    ]
    assert [evidence.fields for evidence in system.reading.read("C2").deal.evidence.values()] == [
        {"amount": Money(minor=112, currency="EUR")}
    ]
    (negative,) = done.report.rejects
    assert (negative.deal_id, negative.field, negative.value) == ("C3", "case:AMOUNT_REQ", "-5")
