"""How fast an import is, against the package's own recorder writing the same bytes in batches of the same size.

The look through the columns, which comes before anything is written, is told apart: the rate with a goal is without it.
"""

import csv
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from bench.against.plain import address_of
from bench.measuring import Measure, in_turn, seconds, usual_seconds
from bench.rig import ROOT, Rig
from dealflow.adapters.imports.csv.run import CsvRequest, import_csv
from dealflow.adapters.processes.reader import load_process
from dealflow.adapters.store.sqlite.database import FILE_NAME
from dealflow.application.imports.plans import ImportReport
from dealflow.application.imports.run import DEALS_PER_APPEND
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal.commands import Who
from dealflow.domain.deal.stream import DEAL_STREAMS
from dealflow.settings import Settings
from tests.support.workers.silent_waker import SilentWaker

EXAMPLE = ROOT / "examples" / "maven-crm"
DEALS = "sales_pipeline.csv"
WHO = Who(actor="bench")
GOAL = 0.35
# How much faster the same files are the second time.
AGAIN = 2
JOINED_SECONDS = 2
_JOINED = """
source: joined
process: maven-crm
zone: UTC
dates: [iso]
tables: {leads: leads.csv, other: other.csv}
rows: leads
joins: [{column: id, to: other.id}]
deal: {id: id, opened: seen, title: 'Lead {id}', attributes: {series: other.what}}
facts: {every: [{activity: seen, at: seen}]}
"""
Write = Callable[[list[StoredEvent]], object]


def measure(rig: Rig) -> Iterator[Measure]:
    """The Maven CRM set, into both stores."""
    tables = tables_of(rig.new_folder(), rig.sized(8_800, 300), copies=1)
    for store in ("PostgreSQL", "SQLite"):
        yield from _rates(rig, store, tables)
    yield _joins(rig)


def _rates(rig: Rig, store: str, tables: Path) -> Iterator[Measure]:
    stored: list[StoredEvent] = []
    # Of each round: events a second of the whole, deals a second of the first import and of the second.
    whole, first, again = list[float](), list[float](), list[float]()

    def ours() -> float:
        home, url = rig.new_folder(), rig.new_database() if store == "PostgreSQL" else ""
        with system_of(home, url) as system:
            taken = _import(system, tables)
            stored[:] = _stored(home, url)
            repeated = _import(system, tables)
            assert system.parts.count_events() == len(stored)
        whole.append(len(stored) / taken.seconds)
        first.append(taken.rows / taken.seconds)
        again.append(repeated.rows / repeated.seconds)
        return len(stored) / (taken.seconds - taken.seconds_looking)

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
    yield Measure(f"the same with the look at the columns, {store}, events", median(whole), "1/s")
    yield Measure(
        f"the same again into {store}, deals",
        median(again),
        "1/s",
        "the first time",
        median(first),
        "0 new events",
        AGAIN,
        paired=median(one / other for one, other in zip(again, first, strict=True)),
    )


def _joins(rig: Rig) -> Measure:
    """A dry run of records of which none finds its row in another table as long."""
    rows, folder = rig.sized(8_000, 300), rig.new_folder()
    (folder / "leads.csv").write_text("id,seen\n" + "".join(f"{_hex('lead', n)},2020-01-01\n" for n in range(rows)))
    (folder / "other.csv").write_text("id,what\n" + "".join(f"{_hex('other', n)},x\n" for n in range(rows)))
    (folder / "mapping.yaml").write_text(_JOINED)
    with system_of(rig.new_folder(), "") as system:
        home = system.settings.home
        request = CsvRequest(files=(folder,), mapping=folder / "mapping.yaml", who=WHO, home=home, dry_run=True)

        def once() -> None:
            report = import_csv(request, system.imports, system.processes, system.clock.now()).report
            assert sum(one.rows for one in report.unmatched) == rows, report

        return Measure("dry run, no row in a joined table", usual_seconds(once, 3), "s", below=JOINED_SECONDS)


def _hex(name: str, number: int) -> str:
    return sha256(f"{name}{number}".encode()).hexdigest()


def tables_of(folder: Path, rows: int, *, copies: int) -> Path:
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
def system_of(home: Path, url: str) -> Iterator[System]:
    with open_system(Settings.load(home, database_url=url), wake_hint=SilentWaker()) as system:
        for name in ("maven-crm", "consumer-loan"):
            definition, problems = load_process(ROOT / "process_defs" / f"{name}.yaml")
            assert definition is not None, problems
            system.processes.publish(definition, who=WHO, command_id=f"bench-{name}")
        yield system


def _import(system: System, tables: Path) -> ImportReport:
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
    return report


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
