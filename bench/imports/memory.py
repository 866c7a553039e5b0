"""The most memory that `dealflow import` takes, for files and for ten times as many records."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.imports.rates import EXAMPLE, system_of, tables_of
from bench.measuring import Measure
from bench.rig import ROOT, Rig

# What ten times as many records may cost in memory.
FLAT = 1.1
TIMES = 10
# A process is said to have needed at least what the one that started it had, so a small one starts it.
_MEASURED = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
_BEGIN = datetime(2015, 1, 1, 8, tzinfo=UTC)
_ACTIVITIES = ("Apply", *("Call", "Note", "Note") * 3, "Send", *("Note", "Call") * 3, "Return", "Note", "Accept", "Pay")
EVENTS = len(_ACTIVITIES)
_MAPPING = """
source: memory
process: consumer-loan
zone: UTC
deal: {title: 'Loan {case:concept:name}', amount: case:AMOUNT_REQ}
facts:
  values:
    Apply: [{evidence: application, fields: {amount: case:AMOUNT_REQ}}]
    Send: [{milestone: offer_sent}]
    Return: [{evidence: returned_offer, fields: {received_at: time:timestamp}}]
    Accept: [{evidence: acceptance, fields: {accepted_at: time:timestamp}}]
    Pay: [{milestone: activated}, {outcome: won}]
    Call: [{activity: 'Called by {org:resource}'}]
    Note: []
"""
_OF_CASE, _OF_EVENT = ("concept:name", "AMOUNT_REQ"), ("concept:name", "org:resource", "time:timestamp")


def measure(rig: Rig) -> Iterator[Measure]:
    """A table of 100,000 rows, and a log of a million events as XES and as CSV."""
    for kind, records in (("crm-csv", rig.sized(100_000, 3_000)), ("xes", rig.sized(1_000_000, 9_000)),
                          ("log-csv", rig.sized(1_000_000, 9_000))):  # fmt: skip
        tenth, whole = (peak(rig, kind, records // times) for times in (TIMES, 1))
        name = f"memory of import {kind}, {records:,} {'rows' if kind == 'crm-csv' else 'events'}"
        yield Measure(name, whole, "MB", "a tenth of them", tenth, most_ratio=FLAT)


def peak(rig: Rig, kind: str, records: int) -> float:
    """In MB, of an import into SQLite in a process of its own."""
    folder, home = rig.new_folder(), rig.new_folder()
    mapping = EXAMPLE / "mapping.yaml" if kind == "crm-csv" else folder / "mapping.yaml"
    if kind == "crm-csv":
        rows = min(records, 1_000)
        files = tables_of(folder, rows, copies=records // rows)
    else:
        mapping.write_text(_MAPPING)
        files = (_xes if kind == "xes" else _csv)(folder, records // EVENTS)
    with system_of(home, ""):
        pass  # publishes the processes
    words = ["-m", "dealflow", "import", kind, str(files), "--mapping", str(mapping), "--home", str(home)]
    command = [sys.executable, "-c", _MEASURED, sys.executable, *words]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def _xes(folder: Path, cases: int) -> Path:
    path = folder / "log.xes"
    with path.open("w", encoding="utf-8") as file:
        file.write('<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n')
        for case in range(cases):
            file.write(f"<trace>{_attributes(zip(_OF_CASE, _case(case), strict=True))}\n")
            file.writelines(
                f"<event>{_attributes(zip(_OF_EVENT, event, strict=True))}</event>\n" for event in _events(case)
            )
            file.write("</trace>\n")
        file.write("</log>\n")
    return path


def _csv(folder: Path, cases: int) -> Path:
    """The rows of two hundred cases stand among one another, as in a log that is written while they go on."""
    path = folder / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"case:{name}" for name in _OF_CASE), *_OF_EVENT])
        for begin in range(0, cases, 200):
            some = range(begin, min(begin + 200, cases))
            events = [(event[-1], case, event) for case in some for event in _events(case)]
            writer.writerows((*_case(case), *event) for _, case, event in sorted(events))
    return path


def _case(case: int) -> tuple[str, str]:
    return f"C{case:07}", str(5_000 + case % 900)


def _events(case: int) -> Iterator[tuple[str, str, str]]:
    at = _BEGIN + timedelta(minutes=7 * case)
    for number, activity in enumerate(_ACTIVITIES):
        at += timedelta(hours=5, seconds=(case * 31 + number) % 977)
        yield activity, f"user{(case * 7 + number) % 40}", at.isoformat(timespec="milliseconds")


def _attributes(named: "zip[tuple[str, str]]") -> str:
    return "".join(
        f'<{"date" if name.startswith("time") else "string"} key="{name}" value="{value}"/>' for name, value in named
    )
