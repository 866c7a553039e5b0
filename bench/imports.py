"""How fast an import is, against the package's own recorder writing the same bytes in batches of the same size."""

from collections.abc import Iterator
from pathlib import Path

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from bench.measuring import Measure, seconds
from dealflow.adapters.imports.csv_import import CsvRequest, import_csv
from dealflow.adapters.process_file import load_process
from dealflow.adapters.store.sqlite import FILE_NAME
from dealflow.application.importing import DEALS_PER_APPEND, Imports
from dealflow.application.ports import Waker
from dealflow.bootstrap import System, open_system
from dealflow.domain.commands import Who
from dealflow.settings import Settings

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "maven-crm"
WHO = Who(actor="bench")


class Nobody(Waker):
    """There is no server to wake."""

    def wake(self, deal_id: str, opening: int, version: int, next_due: object) -> bool:
        return False

    def tell(self, recipients: object) -> bool:
        return False


def measure(home: Path) -> Iterator[Measure]:
    """Import the Maven CRM set into the folder, twice."""
    with open_system(Settings.load(home, database_url=""), waker=Nobody()) as system:
        definition, problems = load_process(ROOT / "process_defs" / "maven-crm.yaml")
        assert definition is not None, problems
        system.processes.publish(definition, who=WHO, command_id="bench")
        first = seconds(lambda: _import(system))
        events = system.parts.count_events()
        again = seconds(lambda: _import(system))
        deals = len(system.store.streams("deal/"))
    raw = _raw(home, events * DEALS_PER_APPEND // deals)
    yield Measure("import, events", events / first, "1/s", "recorder, same bytes and batches", raw)
    yield Measure("import, deals", deals / first, "1/s", note=f"{deals} deals, {events} events in {first:.1f} s")
    yield Measure("the same import again, deals", deals / again, "1/s", "the first time", deals / first, "0 new events")


def _import(system: System) -> None:
    imports = Imports(system.store, system.outbox, system.processes, system.people.current, system.waker)
    request = CsvRequest(
        files=(EXAMPLE,),
        mapping=EXAMPLE / "mapping.yaml",
        who=WHO,
        home=system.settings.home,
        people=system.settings.people,
        shift_to_today=True,
    )
    report = import_csv(request, imports, system.processes, system.clock.now()).report
    assert report.rejected == 0 and report.rows == 8_800, report


def _raw(home: Path, batch: int) -> float:
    """Events per second of the package's recorder on a new file."""
    stored = _stored(home / FILE_NAME)
    target = home / "raw.sqlite"
    datastore = SQLiteDatastore(str(target), originator_id_type="text")
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()

    def write() -> None:
        for begin in range(0, len(stored), batch):
            recorder.insert_events(stored[begin : begin + batch])

    taken = seconds(write)
    datastore.close()
    target.unlink()
    return len(stored) / taken


def _stored(file: Path) -> list[StoredEvent]:
    datastore = SQLiteDatastore(str(file), originator_id_type="text")
    found = SQLiteApplicationRecorder(datastore).select_notifications(None, 10_000_000)
    datastore.close()
    return [StoredEvent(event.originator_id, event.originator_version, event.topic, event.state) for event in found]
