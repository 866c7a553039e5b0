"""Event logs of many loans: one made up in the shape of the BPI Challenge 2012, and the beginning of the real one."""

import csv
import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from dealflow.adapters.imports.logs.trace import Trace
from dealflow.adapters.imports.logs.xes_file import XesFile
from tests.support.files.xes_files import event, log, trace
from tests.support.paths import ROOT

BPI = ROOT.parent / "shared" / "data" / "bpic2012-loan-applications" / "bpic2012.xes.gz"
MAPPING = ROOT / "tests" / "data" / "bpic2012" / "mapping.yaml"
_OF_EVENTS = ("concept:name", "lifecycle:transition", "org:resource")
_BEGIN = datetime(2011, 10, 1, tzinfo=UTC)
# How the applications of the real log ended, out of a hundred.
_ENDS = ("lost",) * 58 + ("cancelled",) * 22 + ("won",) * 17 + ("open",) * 3
_CLOSING = {"lost": "A_DECLINED", "cancelled": "A_CANCELLED", "won": "A_ACTIVATED"}


def why_no_bpi() -> str | None:
    """Why the real log is not at hand; None when it is. It may not be redistributed."""
    if os.environ.get("CI"):
        return "the log may not be redistributed, so CI has none"
    return None if BPI.exists() else "the log of the BPI Challenge 2012 is not beside this folder"


def some_of_bpi(folder: Path, traces: int, after: int = 0) -> Path:
    """So many traces of the real log, behind the first `after`, as a log of their own."""
    path = folder / f"bpic2012-{after}-{traces}.xes.gz"
    number = 0  # of the trace that is being read
    with gzip.open(BPI, "rt", encoding="utf-8") as whole, gzip.open(path, "wt", encoding="utf-8") as cut:
        for line in whole:
            number += line.strip() == "<trace>"
            if number == 0 or number > after:
                cut.write(line)
            if number == after + traces and line.strip() == "</trace>":
                cut.write("</log>\n")
                return path
    raise ValueError(f"the log has {number} traces")


def as_csv(folder: Path, log_file: Path) -> Path:
    """A log of loans in CSV, as tools of process mining write it: a row for each event, the oldest first, whatever its case."""
    of_case, of_event = ("concept:name", "AMOUNT_REQ", "REG_DATE"), (*_OF_EVENTS, "time:timestamp")
    rows: list[list[str]] = [
        [trace.cells.get(name, "") for name in of_case] + [event.cells.get(name, "") for name in of_event]
        for trace in XesFile(log_file).traces(frozenset(of_case), frozenset(of_event))
        if isinstance(trace, Trace)
        for event in trace.events
    ]
    rows.sort(key=lambda row: datetime.fromisoformat(row[-1]))
    path = folder / "loans.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*(f"case:{name}" for name in of_case), *of_event])
        writer.writerows(rows)
    return path


def loan_log(folder: Path, deals: int, first: int = 0) -> Path:
    """A made-up log of the deals `L<first>` and so on; the same for the same numbers."""
    path = folder / f"loans-{first}-{deals}.xes"
    random = Random(2012 + first)
    path.write_text(log(*(_loan(random, number) for number in range(first, first + deals))), encoding="utf-8")
    return path


class _Trace:
    """One application as it goes on; steps of one instant stand side by side in the file."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._at = _BEGIN + timedelta(minutes=random.randrange(60 * 24 * 30))
        self.events: list[str] = []

    def later(self, most_hours: float = 30) -> None:
        self._at += timedelta(milliseconds=self._random.randrange(60_000, int(most_hours * 3_600_000)))

    def step(self, *names: str, transition: str = "COMPLETE") -> None:
        for name in names:
            # The real log names no resource on a few pieces of work.
            who = None if name.startswith("W_") and self._random.random() < 0.1 else f"10{self._random.randrange(900)}"
            self.events.append(event(name, self._at.isoformat(timespec="milliseconds"), transition, who))

    def work(self, name: str, most: int) -> None:
        self.step(name, transition="SCHEDULE")
        for _ in range(self._random.randint(1, most)):
            self.later()
            self.step(name, transition="START")
            self.later(1)
            self.step(name)


def _loan(random: Random, number: int) -> str:
    end, told = random.choice(_ENDS), _Trace(random)
    told.step("A_SUBMITTED", "A_PARTLYSUBMITTED")
    told.work("W_Afhandelen leads", 2)
    if end == "lost" and random.random() < 0.7:
        told.step("A_DECLINED")
    else:
        told.step("A_PREACCEPTED")
        _offer(told, random, end)
    told.work("W_Completeren aanvraag", 2)  # work goes on after the end
    return trace(f"L{number}", *told.events, amount=str(0 if number == 7 else random.randrange(1_000, 60_000)))


def _offer(told: _Trace, random: Random, end: str) -> None:
    told.work("W_Completeren aanvraag", 6)
    told.step("A_ACCEPTED", "O_SELECTED", "O_CREATED")
    told.later(1)
    told.step("O_SENT")
    told.work("W_Nabellen offertes", 5)
    if end == "won" or random.random() < 0.4:
        told.step("O_SENT_BACK")
        told.work("W_Valideren aanvraag", 4)
    if end == "won":
        # In the file acceptance stands before or after the payout; it may also be older.
        last = ["A_APPROVED", "A_ACTIVATED", "A_REGISTERED"]
        if random.random() < 0.3:
            told.step("O_ACCEPTED")
            told.later()
        elif random.random() < 0.97:
            last.insert(random.randrange(4), "O_ACCEPTED")
        told.step(*last)
    elif end in _CLOSING:
        told.step(_CLOSING[end])
