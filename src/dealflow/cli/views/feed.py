"""A live feed from the command line: bars while it runs, a clean end at Ctrl-C, and what came of it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType

from dealflow.adapters.imports.live_feed import FeedRequest, XesFed, feed_xes
from dealflow.application.imports.feeding_course import FeedReport
from dealflow.cli.errors import DONE, NOT_THERE, REFUSED
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.session import Session
from dealflow.cli.tables import print_pairs
from dealflow.cli.views.imports import (
    counts,
    is_all_rejected,
    log_document,
    print_faults,
    print_never,
    progress,
    rejects_as_usage,
)
from dealflow.embedded.signals import SAME_SECONDS, SIGNS

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class AskedLive:
    """The options of a feed, as written."""

    file: Path
    mapping: Path
    rate: float | None
    rejects: Path | None
    strict: bool


def feed_log(session: Session, asked: AskedLive) -> int:
    """Feed one event log, and print what came of it; the exit code."""
    system = session.system
    request = FeedRequest(
        file=asked.file,
        mapping=asked.mapping,
        who=session.who,
        home=session.settings.home,
        rate=asked.rate,
        rejects=asked.rejects,
        strict=asked.strict,
    )
    with rejects_as_usage(), _stop_when_told() as stop, progress("Records", "Commands") as (read, given):
        done = feed_xes(request, system.feeding, system.processes, session.now, stop, read=read, given=given)
    if reader().json:
        print_json(log_document(done.report, done.found, done.rejects_file))
    else:
        _print(done)
    return _code(done.report)


def _code(report: FeedReport) -> int:
    if report.interrupted:
        return INTERRUPTED
    if report.strict_stop or is_all_rejected(report):
        return REFUSED
    # The worker is a part that this command needs, where the log goes on behind what only a workflow does.
    return NOT_THERE if report.left else DONE


@contextmanager
def _stop_when_told() -> Iterator[Event]:
    """Set at the first SIGINT or SIGTERM; the next one ends the program where it stands."""
    stop, told_at = Event(), list[float]()

    def told(sign: int, _: FrameType | None) -> None:
        if not told_at:
            told_at.append(monotonic())
            stop.set()
            note(reader().t("Stopping: what is under way is still given."))
        elif monotonic() - told_at[0] > SAME_SECONDS:
            raise KeyboardInterrupt

    before = {sign: signal.signal(sign, told) for sign in SIGNS}
    try:
        yield stop
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)


def _print(done: XesFed) -> None:
    to, report = reader(), done.report
    if report.strict_stop:
        say(to.t("Stopped before anything was written: --strict, and some records cannot be used."))
    process, records, *rest, _ = counts(report)
    fed = [
        (
            "Commands given",
            to.t("{done} of {all}").format(done=f"{report.commands:,}", all=f"{report.commands_in_all:,}"),
        ),
        ("Facts told", f"{report.told:,}"),
    ]
    print_pairs(
        [process, ("Events of the log", f"{done.found.events:,}"), records, *fed, *rest, ("Took", _took(report))]
    )
    print_never(done.found)
    print_faults(report, done.rejects_file)
    for line in _still_to_do(report):
        say(line)


def _took(report: FeedReport) -> str:
    if report.giving_seconds <= 0 or not report.told:
        return f"{report.seconds:.1f} s"
    text = "{seconds} s, {rate} facts a second"
    return reader().t(text).format(seconds=f"{report.seconds:.1f}", rate=f"{report.told / report.giving_seconds:,.0f}")


def _still_to_do(report: FeedReport) -> Iterator[str]:
    to = reader()
    if report.interrupted:
        yield to.t("Stopped. The same command line goes on from here; nothing is told twice.")
    if report.left:
        text = (
            "{deals} deals wait for a workflow to move them before their next {commands} commands can be given: "
            "start a worker (`dealflow up`), then run the same command line again."
        )
        yield to.t(text).format(deals=f"{report.left:,}", commands=f"{report.commands_left:,}")
    if report.waiting:
        text = "{n} deals have a wake that no workflow has seen yet; they move when a worker runs (`dealflow up`)."
        yield to.t(text).format(n=f"{report.waiting:,}")
