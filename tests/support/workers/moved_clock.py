"""A clock that a test moves on, beside the clocks of the workflows that it moves as far."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.store import fingerprint_of
from dealflow.application.commands.handle import Deals
from dealflow.bootstrap import System
from tests.support.workers.silent_waker import SilentWaker


@dataclass
class MovedClock:
    """The present instant and as much more as it was moved by."""

    moved: timedelta = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.moved


def with_moved_clock(system: System) -> MovedClock:
    """Let commands, worker and relay of this system go by a clock that can be moved; only the relay wakes anybody."""
    clock = MovedClock()
    parts = system.parts
    system.clock = clock
    system.deals = Deals(
        parts.store,
        system.processes,
        system.people.current,
        clock,
        SilentWaker,
        fingerprint_of(parts.keys),
        check_instant=parts.clock.check_instant,
    )
    return clock
