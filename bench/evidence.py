"""Evidence accepted a second with 32 concurrent callers, against one caller's plain load-and-append, measured in turn."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from time import perf_counter
from typing import Any
from uuid import UUID

from bench.against.plain import PlainStore
from bench.callers import PIECES, Callers, Process, opened
from bench.measuring import Measure, in_turn
from bench.rig import Rig

CALLERS = 32
PROCESSES = 2
GOAL = 3.0
# Evidence brings more than one event with it: with so many before, the plain streams are on average as long as the deals'.
BEFORE = 5


def measure(rig: Rig) -> Iterator[Measure]:
    """The standard sale on PostgreSQL; each caller records one piece after the other, each on a deal of its own."""
    rounds, times = rig.sized(9, 1), rig.sized(8, 1)
    database_url, home = rig.new_database(), rig.new_folder()
    with ExitStack() as kept:
        callers = Callers(kept.enter_context(opened(home, database_url)))
        plain = kept.enter_context(closing(PlainStore(database_url)))
        processes = [Process(f"-{n}", CALLERS // PROCESSES, home, database_url) for n in range(PROCESSES)]
        for process in processes:
            kept.callback(process.end)
        runs: dict[str, Callable[[], float]] = {
            "many": lambda: _many(callers),
            "apart": lambda: _apart(processes),
            "one": lambda: _rate([callers.open()], callers.record_all),
            "plain": lambda: _rate([_entry(plain) for _ in range(times)], lambda entry: _say_all(plain, entry)),
        }
        for run in runs.values():
            run()
        found = in_turn(runs, rounds)
    against = "eventsourcing, one caller: load, append"
    note = f"median of {rounds} rounds in turn, {PIECES} pieces on each deal"
    for name, title, goal in (
        ("many", f"evidence, {CALLERS} callers of one process", GOAL),
        ("apart", f"evidence, {CALLERS} callers of {PROCESSES} processes", GOAL),
        ("one", "evidence, one caller", None),
    ):
        yield Measure(
            title,
            found.rate(name),
            "1/s",
            against,
            found.rate("plain"),
            note,
            least_ratio=goal,
            paired=found.ratio(name, "plain"),
        )


def _many(callers: Callers) -> float:
    deals = [callers.open() for _ in range(CALLERS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda _: None, deals))  # the threads are there before they are needed
        begun = perf_counter()
        list(pool.map(callers.record_all, deals))
        return CALLERS * PIECES / (perf_counter() - begun)


def _apart(processes: list[Process]) -> float:
    for process in processes:
        process.open()
    begun = perf_counter()
    for process in processes:
        process.begin()
    for process in processes:
        process.wait()
    return CALLERS * PIECES / (perf_counter() - begun)


def _entry(plain: PlainStore) -> UUID:
    entry_id = plain.open("Forty seats")
    for _ in range(BEFORE):
        plain.load_and_append(entry_id)
    return entry_id


def _say_all(plain: PlainStore, entry_id: UUID) -> None:
    for _ in range(PIECES):
        plain.load_and_append(entry_id)


def _rate(opened: list[Any], record_all: Callable[[Any], None]) -> float:
    begun = perf_counter()
    for one in opened:
        record_all(one)
    return len(opened) * PIECES / (perf_counter() - begun)
