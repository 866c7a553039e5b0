"""One import of CSV files from its options to its report: mapping, files, people, shift, rejects, deals, in this order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dealflow.adapters.imports.csv_plans import CsvFiles, latest_instant, open_csv, plan_csv
from dealflow.adapters.imports.mapping_file import ImportInvalid, read_mapping
from dealflow.adapters.imports.memory import ImportMemory, shift_to_today
from dealflow.adapters.imports.people_table import add_people, people_of
from dealflow.adapters.imports.rejects import RejectsFile
from dealflow.adapters.people_file import Merged
from dealflow.adapters.process_yaml import Problem
from dealflow.application.import_plans import ImportReport, Reject, Shift
from dealflow.application.importing import Imports, Terms
from dealflow.application.processes import Processes
from dealflow.domain.commands import Who


@dataclass(frozen=True)
class CsvRequest:
    """What is asked; `people` is the file that sellers and managers are added to, `rejects` replaces the file in home."""

    files: tuple[Path, ...]
    mapping: Path
    who: Who
    home: Path
    people: Path | None = None
    rejects: Path | None = None
    dry_run: bool = False
    strict: bool = False
    shift_to_today: bool = False


@dataclass(frozen=True)
class CsvImported:
    """What came of it; `rejects_file` is absent without rejects and in a dry run, `unused` files were named by no table."""

    report: ImportReport
    people: Merged | None = None
    people_rejects: tuple[Reject, ...] = ()
    rejects_file: Path | None = None
    unused: tuple[Path, ...] = ()


def import_csv(
    request: CsvRequest,
    imports: Imports,
    processes: Processes,
    now: datetime,
    progressed: Callable[[int, int], None] = lambda done, total: None,
) -> CsvImported:
    """Import, or with `dry_run` say what it would come to.

    Raise ImportInvalid, PeopleFileError or ImportMemoryBroken before anything is written.
    """
    mapping = read_mapping(request.mapping, processes.get)
    files = open_csv(request.files, mapping)
    memory = ImportMemory(request.home, mapping.source)
    shift = _shift(request, files, memory, now)
    offered, people_rejects = people_of(files) if request.people else (None, [])
    merged = (
        add_people(request.people, offered, importer=request.who.actor, write=False)
        if request.people and offered
        else None
    )
    plans = plan_csv(files, now=now, shift=shift)
    writes = not request.dry_run

    def begin() -> tuple[str, ...]:
        if request.people and offered:
            add_people(request.people, offered, importer=request.who.actor)
        return memory.begin(plans.batch, shift)

    terms = Terms(
        who=request.who,
        now=now,
        dry_run=request.dry_run,
        strict=request.strict,
        shift=shift,
        organisation=merged.organisation if merged else None,
    )
    path = request.rejects or request.home / "rejects" / f"{mapping.source}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.csv"
    with RejectsFile(path) as rejects:
        rejected = rejects.add if writes else _not_written
        report = imports.import_deals(plans, terms, begin=begin, rejected=rejected, progressed=progressed)
    if writes and not report.strict_stop:
        memory.finish()
    return CsvImported(report, merged, tuple(people_rejects), path if rejects.count else None, files.unused)


def _not_written(_: Reject) -> None:
    """A dry run writes no file; the report has the first rejects and all reasons."""


def _shift(request: CsvRequest, files: CsvFiles, memory: ImportMemory, now: datetime) -> Shift | None:
    """The shift of an earlier import of this source, else the one that is asked for."""
    remembered = memory.read()
    if remembered.shift is not None:
        return remembered.shift.model_copy(update={"stored": True})
    if not request.shift_to_today:
        return None
    if remembered.imported:
        wrong = f"'{files.mapping.source}' was imported with its own dates, so they cannot be shifted now"
        problem = Problem(
            file=str(memory.path), line=1, column=1, rule="shift", message=wrong, right="use another home"
        )
        raise ImportInvalid([problem])
    return shift_to_today(latest_instant(files, now), files.mapping.snapshot, now)
