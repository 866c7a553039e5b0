"""What a measurement is, and how often something is done until its number can be read."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """One number with its unit; `against` is what it is compared with, `ratio` number through comparison.

    A goal is `least_ratio`, `most_ratio` or, of the number itself, `below`; without one the number is only told.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    compared: float | None = None
    note: str = ""
    least_ratio: float | None = None
    most_ratio: float | None = None
    below: float | None = None
    paired: float | None = None  # the median of the rounds' own ratios, where both were measured in turn

    @property
    def ratio(self) -> float | None:
        if self.paired is not None:
            return self.paired
        return self.value / self.compared if self.compared else None

    @property
    def goal(self) -> str:
        """As the table has it."""
        if self.least_ratio is not None:
            return f"≥ {self.least_ratio:g} ×"
        if self.most_ratio is not None:
            return f"≤ {self.most_ratio:g} ×"
        return f"< {self.below:g} {self.unit}" if self.below is not None else ""

    @property
    def met(self) -> bool | None:
        """None without a goal."""
        if self.least_ratio is not None:
            return self.ratio is not None and self.ratio >= self.least_ratio
        if self.most_ratio is not None:
            return self.ratio is not None and self.ratio <= self.most_ratio
        return self.value < self.below if self.below is not None else None

    def document(self) -> dict[str, Any]:
        """As the JSON file has it."""
        return {**asdict(self), "ratio": self.ratio, "goal": self.goal, "met": self.met}


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rates of things that were measured in turn."""

    rates: Mapping[str, tuple[float, ...]]

    def rate(self, name: str) -> float:
        """The median over all rounds."""
        return median(self.rates[name])

    def ratio(self, name: str, against: str) -> float:
        """The median of the ratios of each round: a machine that was busy for a while was so for both."""
        return median(one / other for one, other in zip(self.rates[name], self.rates[against], strict=True))


def in_turn(runs: Mapping[str, Callable[[], float]], rounds: int) -> Rounds:
    """Every run once a round, in an order that turns, so that none is always the first."""
    rates: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds):
        start = number % len(names)
        for name in (*names[start:], *names[:start]):
            rates[name].append(runs[name]())
    return Rounds({name: tuple(found) for name, found in rates.items()})


def seconds(act: Callable[[], object]) -> float:
    """How long it takes, once."""
    begun = perf_counter()
    act()
    return perf_counter() - begun


def usual_seconds(act: Callable[[], object], times: int) -> float:
    """The median of several times, after one that does not count."""
    act()
    return median(seconds(act) for _ in range(times))


def per_second(act: Callable[[], object], for_seconds: float) -> float:
    """How often it can be done in a second, after once that does not count."""
    act()
    done, begun = 0, perf_counter()
    while perf_counter() - begun < for_seconds:
        act()
        done += 1
    return done / (perf_counter() - begun)
