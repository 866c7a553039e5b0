"""Events of a log fed live a second, from the first command to the last deal settled, against DBOS doing send and step for each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import mean
from threading import Event
from time import perf_counter
from uuid import UUID

from bench.dbos_loop import DbosLoop, dbos_loop
from bench.measuring import Measure
from bench.rig import ROOT, Rig, environment_of
from dealflow.adapters.imports.live_feed import FeedRequest, feed_xes
from dealflow.adapters.imports.mapping_file import read_log_mapping
from dealflow.adapters.imports.xes_file import XesFile
from dealflow.adapters.imports.xes_plans import XesPlans
from dealflow.adapters.imports.xes_survey import survey
from dealflow.adapters.process_file import load_process
from dealflow.application.feeding_course import FeedReport
from dealflow.application.feeding_lanes import AT_ONCE
from dealflow.application.import_plans import DealPlan
from dealflow.bootstrap import System, open_system
from dealflow.domain import commands as c
from tests.support.loan_logs import MAPPING, first_of_bpi, loan_log, why_no_bpi

GOAL = 3.0
WHO = c.Who(actor="bench")


def measure(rig: Rig) -> Iterator[Measure]:
    """The first 500 applications; DBOS is given some of them before and after, since it takes each event alike."""
    deals, some = rig.sized(500, 6), rig.sized(40, 3)
    absent = why_no_bpi()
    file = loan_log(rig.new_folder(), deals) if absent else first_of_bpi(rig.new_folder(), deals)
    with ExitStack() as kept:
        system = _open(rig, kept)
        events = _events_of(system, file)
        dbos = kept.enter_context(dbos_loop(rig, 1))
        _dbos_rate(dbos, events[:2])
        before = _dbos_rate(dbos, events[:some])
        report = _feed(system, file)
        after = _dbos_rate(dbos, events[some : 2 * some])
    assert (report.rejected, report.waiting, report.left) == (0, 0, 0), report
    total = sum(events)
    log = f"a made-up log ({absent})" if absent else "the BPI Challenge 2012"
    note = f"{deals} deals of {log}: {total:,} events in {report.commands:,} commands, {report.giving_seconds:.0f} s"
    rate = total / report.giving_seconds
    yield Measure("a log fed live, events", rate, "1/s", "DBOS: send, step", mean((before, after)), note, GOAL)


def _open(rig: Rig, kept: ExitStack) -> System:
    """On an empty database, with worker and relay in processes of their own."""
    settings = rig.settings(database_url=rig.new_database(), queue="live")
    system = kept.enter_context(open_system(settings))
    definition, problems = load_process(ROOT / "process_defs" / "consumer-loan.yaml", calendars=system.calendars)
    assert definition is not None, problems
    system.processes.publish(definition, who=WHO, command_id="publish")
    for part in ("worker", "relay"):
        kept.enter_context(rig.process("dealflow", part, environment=environment_of(settings)))
    return system


def _events_of(system: System, file: Path) -> list[int]:
    """How many events of each trace stand for something; the others cost neither side anything."""
    mapping, log = read_log_mapping(MAPPING, system.processes.get), XesFile(file)
    plans = XesPlans(log, survey(log, mapping), mapping, system.clock.now(), None)
    found = [plan for plan in plans if isinstance(plan, DealPlan)]
    return [len({act.origin.row for _, act in plan.acts if act.origin and act.act != "open"}) for plan in found]


def _feed(system: System, file: Path) -> FeedReport:
    request = FeedRequest(file, MAPPING, WHO, system.settings.home)
    return feed_xes(request, system.feeding, system.processes, system.clock.now(), Event()).report


def _dbos_rate(dbos: DbosLoop, events: Sequence[int]) -> float:
    """Steps a second; as many callers as ours has send the messages, those of one deal one after the other."""
    opened = [(dbos.open(count), count) for count in events]
    dbos.settle()

    def send(each: tuple[UUID, int]) -> None:
        for _ in range(each[1]):
            dbos.send(each[0])

    with ThreadPoolExecutor(AT_ONCE, "caller") as callers:
        begun = perf_counter()
        list(callers.map(send, opened))
        list(callers.map(lambda each: dbos.appended(*each), opened))
        return sum(events) / (perf_counter() - begun)
