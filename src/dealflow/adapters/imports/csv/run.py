"""One import of CSV files from its options to its report: mapping, files, people, shift, rejects, deals, in this order."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.csv.files import open_csv
from dealflow.adapters.imports.csv.look import latest_instant, look_at, must_hold_records
from dealflow.adapters.imports.csv.people import add_people, people_of
from dealflow.adapters.imports.csv.plans import CsvPlans, plan_csv
from dealflow.adapters.imports.mapping.file import read_mapping
from dealflow.adapters.imports.rejects import must_harm_nothing
from dealflow.adapters.imports.run import FilesRead, ImportRequest, ImportRun
from dealflow.adapters.people.merge import Merged
from dealflow.application.imports.mappings.counted import ReadOtherwise
from dealflow.application.imports.plans import ImportReport, Reject, RespelledColumn
from dealflow.application.imports.progress import OnProgress, nowhere
from dealflow.application.imports.record import CRM_CSV
from dealflow.application.imports.run import Imports
from dealflow.application.processes.registry import Processes
from dealflow.domain.values.phrase import phrase


@dataclass(frozen=True, kw_only=True)
class CsvRequest(ImportRequest):
    """An import of these files; `people` is the file that sellers and managers are added to."""

    people: Path | None = None


@dataclass(frozen=True)
class CsvImported:
    """What came of it; `rejects_file` is absent without rejects and in a dry run, `unused` files were named by no table."""

    report: ImportReport
    people: Merged | None = None
    people_rejects: tuple[Reject, ...] = ()
    people_respelled: tuple[RespelledColumn, ...] = ()
    rejects_file: Path | None = None
    unused: tuple[Path, ...] = ()
    passed_over: int = 0
    otherwise: ReadOtherwise | None = None
    is_stopped: bool = False
    before_record: int = 0


def import_csv(
    request: CsvRequest, imports: Imports, processes: Processes, now: datetime, progressed: OnProgress = nowhere
) -> CsvImported:
    """Import, or with `dry_run` say what it would come to.

    Raise CommandRefused, ImportInvalid, RejectsRefused, PeopleFileError, ImportMemoryBroken or ImportRunning before anything is
    written.
    """
    imports.must_be_permitted(request.who, adds_people=request.people is not None)
    mapping = read_mapping(request.mapping, processes.get)
    files = open_csv(request.files, mapping)
    must_hold_records(files)
    read = [
        (phrase("the mapping"), request.mapping),
        *((phrase("a table"), table.path) for table in files.tables.values()),
    ]
    read += [(phrase("the file of people"), request.people)] if request.people else []
    must_harm_nothing(request.rejects, request.home, read)
    run = ImportRun(request, mapping, imports, now)
    look = look_at(files, now, progressed)
    forms = look.forms(files.main.path.name)
    shift = run.shift(lambda: latest_instant(files, forms, now, progressed))
    found = people_of(files) if request.people else None
    offered = found.organisation if found else None
    merged = (
        add_people(request.people, offered, importer=request.who.actor, write=False)
        if request.people and offered
        else None
    )

    def first() -> None:
        if request.people and offered:
            add_people(request.people, offered, importer=request.who.actor)

    plans = plan_csv(files, now=now, forms=forms, shift=shift, has_deal=imports.has_deal)
    organisation = merged.organisation if merged else None

    def again(mapping_file: Path, by: ColumnForms) -> CsvPlans:
        before = open_csv(request.files, read_mapping(mapping_file, processes.get))
        return plan_csv(before, now=now, forms=by, shift=shift, has_deal=imports.has_deal)

    given = FilesRead(CRM_CSV, plans.given, forms, again)
    done = run.carry_out(plans, shift, given, first=first, organisation=organisation, progressed=progressed)
    return CsvImported(
        done.report.model_copy(update={"columns": look.profiles(forms)}),
        merged,
        found.rejects if found else (),
        found.respelled if found else (),
        done.rejects_file,
        files.unused,
        plans.passed_over,
        done.otherwise,
        done.is_stopped,
        done.before_record,
    )
