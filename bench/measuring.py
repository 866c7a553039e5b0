"""What a measurement is, and how often something is done until its number can be read."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """One number with its unit; `against` is what it is compared with, `ratio` number through comparison."""

    name: str
    value: float
    unit: str
    against: str = ""
    compared: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.compared if self.compared else None

    def document(self) -> dict[str, Any]:
        """As the JSON file has it."""
        return {**asdict(self), "ratio": self.ratio}


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
