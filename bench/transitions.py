"""Transitions a second, evidence to stage advanced, against a bare loop of the same shape, measured in turn."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median
from time import perf_counter

from bench.against.dbos_loop import dbos_loop
from bench.house import STAGES
from bench.loops import Loop, bare_loops, our_loop
from bench.measuring import Measure, in_turn
from bench.rig import Rig

IN_FLIGHT = 8
MOVES = STAGES - 1
GOAL = 0.8


def measure(rig: Rig) -> Iterator[Measure]:
    """Ours, the bare loop, the empty one, and DBOS; eight in flight."""
    deals, rounds = rig.sized(40, 4), rig.sized(5, 1)
    with ExitStack() as kept:
        ours = kept.enter_context(our_loop(rig))
        bare, empty = kept.enter_context(bare_loops(rig))
        dbos = kept.enter_context(dbos_loop(rig, MOVES))
        loops: dict[str, Loop] = {"ours": ours, "bare": bare, "empty": empty, "dbos": dbos}
        taken: dict[str, list[float]] = {name: [] for name in loops}
        for loop in loops.values():
            rate_of(loop, rig.sized(IN_FLIGHT, 1), [])  # workers are up, caches filled
        found = in_turn(
            {name: lambda loop=loop, name=name: rate_of(loop, deals, taken[name]) for name, loop in loops.items()},  # type: ignore[misc]
            rounds,
        )

    def told(name: str, said: str, least: float | None = None) -> Measure:
        note = f"{IN_FLIGHT} in flight, median {median(taken[name]) * 1000:.0f} ms"
        if name == "bare":
            return Measure(said, found.rate(name), "1/s", note=note)
        against = found.ratio(name, "bare")
        return Measure(said, found.rate(name), "1/s", "the bare loop", found.rate("bare"), note, least, paired=against)

    yield told("ours", "transitions, evidence to stage advanced", GOAL)
    yield told("bare", "the bare loop: append, signal, append in the local activity")
    yield told("empty", "the empty loop: signal, local activity that does nothing")
    yield told("dbos", "DBOS: send, step with the same append")


def rate_of(loop: Loop, deals: int, taken: list[float]) -> float:
    """Moves a second over new deals, each moved to its last stage; how long each took goes into `taken`."""
    opened = [loop.open() for _ in range(deals)]
    loop.settle()

    def through(moved: object) -> None:
        for _ in range(MOVES):
            begun = perf_counter()
            loop.move(moved)
            taken.append(perf_counter() - begun)

    with ThreadPoolExecutor(IN_FLIGHT, "caller") as callers:
        begun = perf_counter()
        list(callers.map(through, opened))
        return deals * MOVES / (perf_counter() - begun)
