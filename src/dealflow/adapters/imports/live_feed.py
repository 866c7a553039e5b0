"""One live feed of an event log from its options to its report: mapping, a first walk through the log, rejects, commands."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event

from dealflow.adapters.imports.live_timeline import LiveTimeline
from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.adapters.imports.rejects import RejectsFile, must_harm_nothing
from dealflow.adapters.imports.run import rejects_path
from dealflow.adapters.imports.xes.file import XesFile
from dealflow.adapters.imports.xes.plans import XesPlans
from dealflow.adapters.imports.xes.survey import Survey, survey
from dealflow.application.imports.feeding import Feeding, FeedTerms
from dealflow.application.imports.feeding_course import FeedReport
from dealflow.application.imports.run import OnProgress, nowhere
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.commands import Who


@dataclass(frozen=True)
class FeedRequest:
    """What is asked; `rate` is facts a second, None for as fast as it goes; `rejects` replaces the file in home."""

    file: Path
    mapping: Path
    who: Who
    home: Path
    rate: float | None = None
    rejects: Path | None = None
    strict: bool = False


@dataclass(frozen=True)
class XesFed:
    """What came of it, with what the log holds."""

    report: FeedReport
    found: Survey
    rejects_file: Path | None = None


def feed_xes(
    request: FeedRequest,
    feeding: Feeding,
    processes: Processes,
    now: datetime,
    stop: Event,
    *,
    read: OnProgress = nowhere,
    given: OnProgress = nowhere,
) -> XesFed:
    """Feed a log until its end or until `stop` is set.

    Raise ImportInvalid or RejectsRefused before anything is given: a log that is broken anywhere is not begun. A shift of its
    dates by an earlier import makes no difference: a fact is known by its own date, and observed now.
    """
    must_harm_nothing(request.rejects, request.home, [("the log", request.file), ("the mapping", request.mapping)])
    mapping = read_log_mapping(request.mapping, processes.get)
    file = XesFile(request.file)
    found = survey(file, mapping)
    path = rejects_path(request.rejects, request.home, mapping.source, now)
    terms = FeedTerms(request.who, now, request.rate, request.strict)
    plans = XesPlans(file, found, mapping, now, None)
    with RejectsFile(path) as rejects, LiveTimeline() as timeline:
        report = feeding.feed(plans, terms, timeline, stop, rejected=rejects.add, read=read, given=given)
    return XesFed(report, found, path if rejects.count else None)
