"""How fast an import is, against the package's own recorder writing the same bytes in batches of the same size."""

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from bench.against.plain import address_of
from bench.measuring import Measure, in_turn, seconds
from bench.rig import ROOT, Rig
from dealflow.adapters.imports.csv.run import CsvRequest, import_csv
from dealflow.adapters.processes.reader import load_process
from dealflow.adapters.store.sqlite.database import FILE_NAME
from dealflow.application.imports.run import DEALS_PER_APPEND
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal.commands import Who
from dealflow.domain.deal.stream import DEAL_STREAMS
from dealflow.settings import Settings
from tests.support.workers.silent_waker import SilentWaker

EXAMPLE = ROOT / "examples" / "maven-crm"
DEALS = "sales_pipeline.csv"
WHO = Who(actor="bench")
GOAL = 0.25
# What a file four times as long may cost in memory.
FLAT = 1.1
# A process is said to have needed at least what the one that started it had, so a small one starts it.
_MEASURED = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
Write = Callable[[list[StoredEvent]], object]


def measure(rig: Rig) -> Iterator[Measure]:
    """The Maven CRM set, into both stores."""
    tables = _tables(rig.new_folder(), rig.sized(8_800, 300), copies=1)
    for store in ("PostgreSQL", "SQLite"):
        yield from _rates(rig, store, tables)
    yield _memory(rig)


def _rates(rig: Rig, store: str, tables: Path) -> Iterator[Measure]:
    stored: list[StoredEvent] = []
    again: list[float] = []

    def ours() -> float:
        home, url = rig.new_folder(), rig.new_database() if store == "PostgreSQL" else ""
        with _system(home, url) as system:
            taken = seconds(lambda: _import(system, tables))
            stored[:] = _stored(home, url)
            if not again:
                again.append(seconds(lambda: _import(system, tables)))
                assert system.parts.count_events() == len(stored)
        return len(stored) / taken

    def raw() -> float:
        batch = len(stored) * DEALS_PER_APPEND // _deals(stored)
        opened = _postgres(rig.new_database()) if store == "PostgreSQL" else _sqlite(rig.new_folder() / "raw.sqlite")
        with opened as write:
            taken = seconds(lambda: [write(stored[at : at + batch]) for at in range(0, len(stored), batch)])
        return len(stored) / taken

    ours()  # for what the raw one is to write; the interpreter is warm then as well
    found = in_turn({"ours": ours, "raw": raw}, rig.sized(3, 1))
    deals = _deals(stored)
    yield Measure(
        f"import into {store}, events",
        found.rate("ours"),
        "1/s",
        "recorder, same bytes and batches",
        found.rate("raw"),
        f"{deals:,} deals, {len(stored):,} events",
        GOAL,
        paired=found.ratio("ours", "raw"),
    )
    yield Measure(f"the same again into {store}, deals", deals / again[0], "1/s", note="0 new events")


def _memory(rig: Rig) -> Measure:
    """The most memory that `dealflow import` takes, in a process of its own, for a file and for one four times as long."""
    rows = rig.sized(8_800, 300)
    once, four = (_most_memory(rig, _tables(rig.new_folder(), rows, copies=copies)) for copies in (1, 4))
    return Measure("memory of an import, four times the file", four, "MB", "once the file", once, most_ratio=FLAT)


def _most_memory(rig: Rig, tables: Path) -> float:
    home = rig.new_folder()
    with _system(home, ""):
        pass  # publishes the process
    words = ["-m", "dealflow", "import", "crm-csv", str(tables), "--mapping", str(EXAMPLE / "mapping.yaml")]
    command = [sys.executable, "-c", _MEASURED, sys.executable, *words, "--home", str(home)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024


def _tables(folder: Path, rows: int, *, copies: int) -> Path:
    """The example's tables, the deals among them cut to so many rows and repeated under other ids."""
    for file in EXAMPLE.glob("*.csv"):
        shutil.copy(file, folder)
    with (EXAMPLE / DEALS).open(encoding="utf-8", newline="") as source:
        heading, *deals = csv.reader(source)
    with (folder / DEALS).open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(heading)
        for copy in range(copies):
            writer.writerows([f"{deal[0]}{copy or ''}", *deal[1:]] for deal in deals[:rows])
    return folder


@contextmanager
def _system(home: Path, url: str) -> Iterator[System]:
    with open_system(Settings.load(home, database_url=url), wake_hint=SilentWaker()) as system:
        definition, problems = load_process(ROOT / "process_defs" / "maven-crm.yaml")
        assert definition is not None, problems
        system.processes.publish(definition, who=WHO, command_id="bench")
        yield system


def _import(system: System, tables: Path) -> None:
    request = CsvRequest(
        files=(tables,),
        mapping=EXAMPLE / "mapping.yaml",
        who=WHO,
        home=system.settings.home,
        people=system.settings.people,
        shift_to_today=True,
    )
    report = import_csv(request, system.imports, system.processes, system.clock.now()).report
    assert report.rejected == 0, report


def _deals(stored: list[StoredEvent]) -> int:
    return len({event.originator_id for event in stored if str(event.originator_id).startswith(DEAL_STREAMS)})


def _stored(home: Path, url: str) -> list[StoredEvent]:
    """Every event as it stands in the store."""
    if not url:
        datastore = SQLiteDatastore(str(home / FILE_NAME), originator_id_type="text")
        found: Any = SQLiteApplicationRecorder(datastore).select_notifications(None, 10_000_000)
        datastore.close()
        return [StoredEvent(event.originator_id, event.originator_version, event.topic, event.state) for event in found]
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT originator_id, originator_version, topic, state FROM dealflow.stored_events ORDER BY notification_id"
        )
        return [StoredEvent(row[0], row[1], row[2], bytes(row[3])) for row in rows]


@contextmanager
def _sqlite(file: Path) -> Iterator[Write]:
    datastore = SQLiteDatastore(str(file), originator_id_type="text")
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    yield recorder.insert_events
    datastore.close()


@contextmanager
def _postgres(url: str) -> Iterator[Write]:
    datastore = PostgresDatastore(**address_of(url), originator_id_type="text")
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()

    def write(events: list[StoredEvent]) -> None:
        # Without the package's pipeline, in which a batch of this size hangs (measured: 9.5.6 with psycopg 3.3).
        with datastore.transaction(commit=True) as cursor:
            recorder._insert_stored_events(cursor, events)  # noqa: SLF001  see above

    yield write
    datastore.close()
