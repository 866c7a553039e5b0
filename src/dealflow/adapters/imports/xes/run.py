"""One import of an event log from its options to its report: mapping, a first walk through the log, shift, rejects, deals."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.adapters.imports.rejects import must_harm_nothing
from dealflow.adapters.imports.run import ImportRequest, ImportRun
from dealflow.adapters.imports.xes.file import XesFile
from dealflow.adapters.imports.xes.plans import XesPlans, latest_instant
from dealflow.adapters.imports.xes.survey import Survey, survey
from dealflow.application.imports.plans import ImportReport
from dealflow.application.imports.run import Imports, OnProgress, nowhere
from dealflow.application.processes.registry import Processes
from dealflow.domain.values.phrase import phrase


@dataclass(frozen=True, kw_only=True)
class XesRequest(ImportRequest):
    """An import of this log."""

    file: Path


@dataclass(frozen=True)
class XesImported:
    """What came of it, with what the log holds."""

    report: ImportReport
    found: Survey
    rejects_file: Path | None = None


def import_xes(
    request: XesRequest, imports: Imports, processes: Processes, now: datetime, progressed: OnProgress = nowhere
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
    done = run.carry_out(
        XesPlans(file, found, mapping, now, shift, imports.has_deal), imports, shift, progressed=progressed
    )
    return XesImported(done.report, found, done.rejects_file)
