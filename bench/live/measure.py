"""Events of a log fed live a second, from the first command to the last deal settled, against DBOS doing send and step for each."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from uuid import UUID

from bench.against.dbos_loop import DbosLoop, dbos_loop
from bench.live.report import LiveReport
from bench.live.run import LiveFeed, events_of, plans_of
from bench.live.scheduler import AT_ONCE
from bench.measuring import Measure, in_turn
from bench.rig import ROOT, Rig, environment_of
from dealflow.adapters.imports.logs.run import import_xes
from dealflow.adapters.imports.run import ImportRequest
from dealflow.adapters.processes.reader import load_process
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.settings import Settings
from tests.support.deals.outlook import Outlook, outlooks
from tests.support.files.loan_logs import MAPPING, loan_log, some_of_bpi, why_no_bpi
from tests.support.workers.silent_waker import SilentWaker

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
        fed: list[LiveReport] = []
        left = {"ours": iter(files), "dbos": iter(files)}

        def ours() -> float:
            fed.append(LiveFeed(system, WHO).run(plans_of(system, next(left["ours"]), MAPPING)))
            return fed[-1].rate

        def theirs() -> float:
            plans = plans_of(system, next(left["dbos"]), MAPPING)
            return _dbos_rate(dbos, [events_of(plan) for plan in plans[:some]])

        found = in_turn({"ours": ours, "dbos": theirs}, parts)
        assert outlooks(system) == _imported(rig, files)
    events, commands = sum(one.events for one in fed), sum(one.commands for one in fed)
    log = f"a made-up log ({absent})" if absent else "the BPI Challenge 2012"
    note = (
        f"{parts * deals} deals of {log}: {events:,} events in {commands:,} commands, each deal as its import leaves it"
    )
    rate, against = found.rate("ours"), found.rate("dbos")
    paired = found.ratio("ours", "dbos")
    yield Measure("a log fed live, events", rate, "1/s", "DBOS: send, step", against, note, GOAL, paired=paired)


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


def _imported(rig: Rig, files: Sequence[Path]) -> dict[str, Outlook]:
    """What the same log comes to when it is imported."""
    with open_system(Settings.load(rig.new_folder(), database_url="", temporal_address=""), SilentWaker()) as system:
        _publish(system)
        for file in files:
            request = ImportRequest(files=(file,), mapping=MAPPING, who=WHO, home=system.settings.home)
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
