"""One import of an event log from its options to its report: mapping, a first walk through the log, shift, rejects, deals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from dealflow.adapters.files.located_yaml import Problems
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.csv.files import open_csv
from dealflow.adapters.imports.logs.csv_file import CsvLog
from dealflow.adapters.imports.logs.plans import LogPlans, latest_instant
from dealflow.adapters.imports.logs.survey import Survey, survey
from dealflow.adapters.imports.logs.trace import EventLog
from dealflow.adapters.imports.logs.xes_file import XesFile
from dealflow.adapters.imports.mapping.file import ImportInvalid, read_log_mapping
from dealflow.adapters.imports.mapping.model import LogMapping, Records, Table
from dealflow.adapters.imports.rejects import must_harm_nothing
from dealflow.adapters.imports.run import FilesRead, ImportRequest, ImportRun
from dealflow.application.imports.mappings.counted import ReadOtherwise
from dealflow.application.imports.plans import ImportReport
from dealflow.application.imports.progress import OnProgress, nowhere
from dealflow.application.imports.run import Imports
from dealflow.application.processes.registry import Processes
from dealflow.domain.values.phrase import Phrase, phrase

AgainBy = Callable[[Path], tuple[EventLog, LogMapping]]
_TABLES = (".csv", ".tsv", ".txt")
_BEGINS_XES = (b"<?xml", b"<log", b"\xef\xbb\xbf<", b"\x1f\x8b")


@dataclass(frozen=True)
class LogImported:
    """What came of it, with what the log holds; `passed_over` are events that the mapping does not take."""

    report: ImportReport
    found: Survey
    rejects_file: Path | None = None
    passed_over: int = 0
    unused: tuple[Path, ...] = ()
    otherwise: ReadOtherwise | None = None
    is_stopped: bool = False
    before_record: int = 0


def import_xes(
    request: ImportRequest, imports: Imports, processes: Processes, now: datetime, progressed: OnProgress = nowhere
) -> LogImported:
    """Import the one log, or with `dry_run` say what it would come to.

    Raise CommandRefused, ImportInvalid, RejectsRefused, ImportMemoryBroken or ImportRunning before anything is written: a log
    that is broken anywhere is not begun.
    """
    [file] = request.files
    imports.must_be_permitted(request.who)
    read = [(phrase("the log"), file), (phrase("the mapping"), request.mapping)]
    must_harm_nothing(request.rejects, request.home, read)
    if file.suffix.lower() in _TABLES and file.is_file() and not _begins_as_xes(file):
        raise _another(file, phrase("the file is no XES"), phrase("import it with `dealflow import log-csv`"))
    mapping = read_log_mapping(request.mapping, processes.get)

    def again_by(mapping_file: Path) -> tuple[EventLog, LogMapping]:
        before = read_log_mapping(mapping_file, processes.get)
        return XesFile(file, before.corrections), before

    return _import(request, XesFile(file, mapping.corrections), mapping, again_by, imports, now, progressed)


def import_csv_log(
    request: ImportRequest, imports: Imports, processes: Processes, now: datetime, progressed: OnProgress = nowhere
) -> LogImported:
    """The same for a log in CSV."""
    imports.must_be_permitted(request.who)
    read: list[tuple[Phrase, Path]] = [(phrase("the mapping"), request.mapping)]
    must_harm_nothing(request.rejects, request.home, read)
    mapping = read_log_mapping(request.mapping, processes.get, is_csv=True)
    if mapping.records is None:
        mapping = replace(mapping, records=_one_table(request.files, mapping))
    for path in request.files:
        if path.is_file() and _begins_as_xes(path):
            raise _another(path, phrase("the file is no CSV"), phrase("import it with `dealflow import xes`"))
    files = open_csv(request.files, mapping)
    must_harm_nothing(
        request.rejects, request.home, [(phrase("a table"), table.path) for table in files.tables.values()]
    )

    def again_by(mapping_file: Path) -> tuple[EventLog, LogMapping]:
        before = read_log_mapping(mapping_file, processes.get, is_csv=True)
        if before.records is None:
            before = replace(before, records=_one_table(request.files, before))
        return CsvLog(open_csv(request.files, before), before), before

    done = _import(request, CsvLog(files, mapping, progressed), mapping, again_by, imports, now, progressed)
    return replace(done, unused=files.unused)


def _import(
    request: ImportRequest,
    log: EventLog,
    mapping: LogMapping,
    again_by: AgainBy,
    imports: Imports,
    now: datetime,
    progressed: OnProgress,
) -> LogImported:
    found = survey(log, mapping, progressed)
    run = ImportRun(request, mapping, imports, now)
    shift = run.shift(lambda: latest_instant(log, found, mapping, now, progressed))
    plans = LogPlans(log, found, mapping, now, shift, imports.has_deal)

    def again(mapping_file: Path, by: ColumnForms) -> LogPlans:
        before, its = again_by(mapping_file)
        return LogPlans(before, replace(found, forms=by), its, now, shift, imports.has_deal)

    command = "xes" if isinstance(log, XesFile) else "log-csv"
    done = run.carry_out(plans, shift, FilesRead(command, log.given, found.forms, again), progressed=progressed)
    report = done.report.model_copy(update={"columns": found.columns})
    return LogImported(
        report,
        found,
        done.rejects_file,
        plans.reader.passed_over,
        otherwise=done.otherwise,
        is_stopped=done.is_stopped,
        before_record=done.before_record,
    )


def _one_table(files: tuple[Path, ...], mapping: LogMapping) -> Records:
    """The table of a mapping that names none: the only file that is given."""
    if len(files) == 1 and not files[0].is_dir():
        return Records({"log": Table("log", files[0].name, "utf-8-sig", ",", 1, 1)}, "log")
    problems = Problems(mapping.file)
    wrong = phrase("the mapping does not say which file is the log")
    problems.add((1, 1), "missing", wrong, phrase("add tables: {log: log.csv} and rows: log"))
    raise ImportInvalid(problems.found)


def _begins_as_xes(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(16).lstrip().startswith(_BEGINS_XES)


def _another(path: Path, wrong: Phrase, right: Phrase) -> ImportInvalid:
    problems = Problems(str(path))
    problems.add((1, 1), "another-kind", wrong, right)
    return ImportInvalid(problems.found)
