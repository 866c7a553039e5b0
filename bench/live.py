"""Events of a log fed live a second, from the first command to the last deal settled, against DBOS doing send and step for each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import perf_counter
from uuid import UUID

from bench.dbos_loop import DbosLoop, dbos_loop
from bench.measuring import Measure, in_turn
from bench.rig import ROOT, Rig, environment_of
from dealflow.adapters.imports.live_feed import FeedRequest, feed_xes
from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.adapters.imports.xes.file import XesFile
from dealflow.adapters.imports.xes.plans import XesPlans
from dealflow.adapters.imports.xes.run import XesRequest, import_xes
from dealflow.adapters.imports.xes.survey import survey
from dealflow.adapters.processes.reader import load_process
from dealflow.application.imports.feeding_course import FeedReport
from dealflow.application.imports.feeding_lanes import AT_ONCE
from dealflow.application.imports.plans import DealPlan
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.settings import Settings
from tests.support.loan_logs import MAPPING, loan_log, some_of_bpi, why_no_bpi
from tests.support.outlook import Outlook, outlooks
from tests.support.silent_waker import SilentWaker

GOAL = 3.0
WHO = c.Who(actor="bench")


def measure(rig: Rig) -> Iterator[Measure]:
    """500 applications in parts; DBOS is given some of each part's deals in turn, since it takes each event alike."""
    parts, deals, some = rig.sized(5, 1), rig.sized(100, 6), rig.sized(40, 3)
    absent = why_no_bpi()
    with ExitStack() as kept:
        system = _open(rig, kept)
        dbos = kept.enter_context(dbos_loop(rig, 1))
        _dbos_rate(dbos, [2] * some)  # its threads are there before they are needed
        files = [_part(rig, deals, number, absent) for number in range(parts)]
        fed: list[_Fed] = []
        left = {"ours": iter(files), "dbos": iter(files)}

        def ours() -> float:
            fed.append(_feed(system, next(left["ours"])))
            return fed[-1].rate

        found = in_turn(
            {"ours": ours, "dbos": lambda: _dbos_rate(dbos, _events_of(system, next(left["dbos"]))[:some])}, parts
        )
        assert outlooks(system) == _imported(rig, files)
    events, commands = sum(one.events for one in fed), sum(one.report.commands for one in fed)
    log = f"a made-up log ({absent})" if absent else "the BPI Challenge 2012"
    note = (
        f"{parts * deals} deals of {log}: {events:,} events in {commands:,} commands, each deal as its import leaves it"
    )
    rate, against = found.rate("ours"), found.rate("dbos")
    paired = found.ratio("ours", "dbos")
    yield Measure("a log fed live, events", rate, "1/s", "DBOS: send, step", against, note, GOAL, paired=paired)


@dataclass(frozen=True)
class _Fed:
    events: int
    report: FeedReport

    @property
    def rate(self) -> float:
        return self.events / self.report.giving_seconds


def _part(rig: Rig, deals: int, number: int, absent: str | None) -> Path:
    """The same for the same number."""
    if absent:
        return loan_log(rig.new_folder(), deals, first=number * deals)
    return some_of_bpi(rig.new_folder(), deals, after=number * deals)


def _open(rig: Rig, kept: ExitStack) -> System:
    """On an empty database, with worker and relay in processes of their own."""
    settings = rig.settings(database_url=rig.new_database(), queue="live")
    system = kept.enter_context(open_system(settings))
    _publish(system)
    for part in ("worker", "relay"):
        kept.enter_context(rig.process("dealflow", part, environment=environment_of(settings)))
    return system


def _publish(system: System) -> None:
    definition, problems = load_process(ROOT / "process_defs" / "consumer-loan.yaml", calendars=system.calendars)
    assert definition is not None, problems
    system.processes.publish(definition, who=WHO, command_id="publish")


def _events_of(system: System, file: Path) -> list[int]:
    """How many events of each trace stand for something; the others cost neither side anything."""
    mapping, log = read_log_mapping(MAPPING, system.processes.get), XesFile(file)
    plans = XesPlans(log, survey(log, mapping), mapping, system.clock.now(), None)
    found = [plan for plan in plans if isinstance(plan, DealPlan)]
    return [len({act.origin.row for _, act in plan.acts if act.origin and act.act != "open"}) for plan in found]


def _feed(system: System, file: Path) -> _Fed:
    request = FeedRequest(file, MAPPING, WHO, system.settings.home)
    report = feed_xes(request, system.feeding, system.processes, system.clock.now(), Event()).report
    assert (report.rejected, report.waiting, report.left) == (0, 0, 0), report
    return _Fed(sum(_events_of(system, file)), report)


def _imported(rig: Rig, files: Sequence[Path]) -> dict[str, Outlook]:
    """What the same log comes to when it is imported."""
    with open_system(Settings.load(rig.new_folder(), database_url="", temporal_address=""), SilentWaker()) as system:
        _publish(system)
        for file in files:
            request = XesRequest(file, MAPPING, WHO, system.settings.home)
            import_xes(request, system.imports, system.processes, system.clock.now())
        return outlooks(system)


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
