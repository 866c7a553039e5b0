"""One import of an event log from its options to its report: mapping, a first walk through the log, shift, rejects, deals."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.adapters.imports.rejects import Say, must_harm_nothing
from dealflow.adapters.imports.run import ImportRun
from dealflow.adapters.imports.xes.file import XesFile
from dealflow.adapters.imports.xes.plans import XesPlans, latest_instant
from dealflow.adapters.imports.xes.survey import Survey, survey
from dealflow.application.imports.plans import ImportReport
from dealflow.application.imports.run import Imports, OnProgress, nowhere
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.commands import Who
from dealflow.domain.values.phrase import phrase


@dataclass(frozen=True)
class XesRequest:
    """What is asked; `rejects` replaces the file in home."""

    file: Path
    mapping: Path
    who: Who
    home: Path
    rejects: Path | None = None
    dry_run: bool = False
    strict: bool = False
    shift_to_today: bool = False
    say: Say = str  # in whose language the file of rejects gives its reasons


@dataclass(frozen=True)
class XesImported:
    """What came of it, with what the log holds."""

    report: ImportReport
    found: Survey
    rejects_file: Path | None = None


def import_xes(
    request: XesRequest,
    imports: Imports,
    processes: Processes,
    now: datetime,
    progressed: OnProgress = nowhere,
) -> XesImported:
    """Import, or with `dry_run` say what it would come to.

    Raise ImportInvalid, RejectsRefused, ImportMemoryBroken or ImportRunning before anything is written: a log that is broken
    anywhere is not begun.
    """
    must_harm_nothing(
        request.rejects, request.home, [(phrase("the log"), request.file), (phrase("the mapping"), request.mapping)]
    )
    mapping = read_log_mapping(request.mapping, processes.get)
    file = XesFile(request.file)
    found = survey(file, mapping)
    run = ImportRun(request, mapping, now)
    shift = run.shift(lambda: latest_instant(file, found, mapping, now))
    done = run.carry_out(XesPlans(file, found, mapping, now, shift), imports, shift, progressed=progressed)
    return XesImported(done.report, found, done.rejects_file)
