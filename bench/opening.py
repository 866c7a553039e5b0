"""Deals opened a second, against raw delayed starts with one plain append each, measured in turn."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import perf_counter

from bench.loops import Loop, bare_loops, our_loop
from bench.measuring import Measure, in_turn
from bench.rig import Rig

IN_FLIGHT = 8
GOAL = 0.8


def measure(rig: Rig) -> Iterator[Measure]:
    """Each is one append, and one start of a workflow whose first task comes in ten days."""
    deals, rounds = rig.sized(300, 16), rig.sized(5, 1)
    with ExitStack() as kept:
        ours = kept.enter_context(our_loop(rig))
        raw, _ = kept.enter_context(bare_loops(rig))
        openings: dict[str, Loop] = {"ours": ours, "raw": raw}
        for opening in openings.values():
            _rate(opening.open, IN_FLIGHT)
        found = in_turn(
            {name: lambda one=one: _rate(one.open, deals) for name, one in openings.items()},  # type: ignore[misc]
            rounds,
        )
        ours.check_started()
    yield Measure(
        "deals opened",
        found.rate("ours"),
        "1/s",
        "delayed start and plain append",
        found.rate("raw"),
        f"{IN_FLIGHT} callers",
        GOAL,
        paired=found.ratio("ours", "raw"),
    )


def _rate(open_one: Callable[[], object], deals: int) -> float:
    with ThreadPoolExecutor(IN_FLIGHT, "caller") as callers:
        begun = perf_counter()
        list(callers.map(lambda _: open_one(), range(deals)))
        return deals / (perf_counter() - begun)
