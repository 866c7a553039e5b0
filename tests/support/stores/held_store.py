"""A store whose writer can be held, and commands that come together because of it: one group, in a known order."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event
from typing import Any, TypeVar

from dealflow.adapters.store import fingerprint_of
from dealflow.application.commands.handle import Deals
from dealflow.application.ports.store import Append, EventStore
from dealflow.bootstrap import System
from tests.support.waiting import LONGEST_SECONDS, until

R = TypeVar("R")


class HeldStore:
    """The store behind it, but while it is held every append waits; `sizes` are the deals of each append."""

    def __init__(self, store: EventStore) -> None:
        self.behind: Any = store
        self._free = Event()
        self._free.set()
        self.sizes: list[int] = []

    def append(self, appends: Sequence[Append]) -> None:
        assert self._free.wait(LONGEST_SECONDS)
        self.sizes.append(len(appends))
        self.behind.append(appends)

    def __enter__(self) -> None:
        self._free.clear()

    def __exit__(self, *_: object) -> None:
        self._free.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind, name)


def held_store(system: System, through: Callable[[Any], Any] = lambda store: store) -> HeldStore:
    """Put a store that can be held between the system's commands and its real one, with `through` in between."""
    held = HeldStore(through(system.store))
    fingerprint = fingerprint_of(system.parts.keys)
    system.deals = Deals(held, system.processes, system.people.current, system.clock, system.reach_hint, fingerprint)
    return held


def in_one_group(
    deals: Deals, held: AbstractContextManager[object], first: Callable[[], object], acts: Sequence[Callable[[], R]]
) -> list["Future[R]"]:
    """What came of each act, all of them in one group in this order, behind a `first` that leads while writers are held."""
    waiting = deals._group_commit._waiting  # noqa: SLF001  who leads and who waits is seen nowhere else
    with ThreadPoolExecutor(len(acts) + 1) as pool:
        with held:
            leading = pool.submit(first)
            assert until(lambda: deals._group_commit._leader is not None)  # noqa: SLF001  who leads and who waits is seen nowhere else
            futures: list[Future[R]] = []
            for act in acts:
                futures.append(pool.submit(act))
                assert until(lambda: len(waiting) == len(futures))
        leading.result(LONGEST_SECONDS)
    return futures
