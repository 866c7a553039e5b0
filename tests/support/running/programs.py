"""`dealflow worker` and `dealflow relay` in processes of their own, over a test's system; ended with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dealflow.application.engine.parts import RunningPart, What
from dealflow.settings import Settings
from tests.support.paths import ROOT
from tests.support.running.running_system import RunningSystem

LONGEST_END_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Program:
    """One process, its log in a file."""

    what: What
    process: subprocess.Popen[bytes]
    log: Path

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal; the exit code."""
        self.process.send_signal(sign)
        return self.process.wait(LONGEST_END_SECONDS)

    def kill(self) -> None:
        """As -9 does."""
        self.process.kill()
        self.process.wait(LONGEST_END_SECONDS)

    @property
    def logged(self) -> str:
        return self.log.read_text("utf-8")


class Programs:
    """All that were started, running or not."""

    def __init__(self, running: RunningSystem, **more: str) -> None:
        self._running, self._more = running, more
        self._started: list[Program] = []
        self._numbers = count(1)

    def start(self, what: What) -> Program:
        """One more; it is there when `parts` has it."""
        settings = self._running.settings
        log = settings.home / f"{what}-{next(self._numbers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "dealflow", what],
                env=environment_of(settings) | self._more,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._started.append(Program(what, process, log))
        return self._started[-1]

    def parts(self) -> dict[int, RunningPart]:
        """Those that run by their own word, by process."""
        return {part.pid: part for part in self._running.system.parts.running.all() if part.stopped_at is None}

    def works(self, *programs: Program) -> bool:
        """Whether all these say that they reach Temporal."""
        parts = self.parts()
        reached = (parts.get(program.process.pid) for program in programs)
        return all(part is not None and part.temporal == "reached" for part in reached)

    def holder(self) -> Program:
        """The relay that has the lease."""
        leased = self._running.system.parts.relay_lease.state()
        assert leased is not None
        [pid] = [pid for pid, part in self.parts().items() if part.id == leased.holder]
        [program] = [each for each in self._started if each.process.pid == pid]
        return program

    def end_all(self) -> None:
        for program in self._started:
            if program.process.poll() is None:
                program.kill()


def environment_of(settings: Settings) -> dict[str, str]:
    """What another process needs to work on the same system."""
    others = {name: value for name, value in os.environ.items() if not name.upper().startswith("DEALFLOW_")}
    return others | {
        "DEALFLOW_HOME": str(settings.home),
        "DEALFLOW_DATABASE_URL": settings.database_url,
        "DEALFLOW_TEMPORAL_ADDRESS": settings.temporal_address,
        "DEALFLOW_TEMPORAL_QUEUE": settings.temporal_queue,
        "DEALFLOW_LOG_FORMAT": "json",
        "DEALFLOW_ZONE": "UTC",
        "PYTHONIOENCODING": "utf-8",
    }


@contextmanager
def programs(running: RunningSystem, **more: str) -> Iterator[Programs]:
    """Whatever still runs at the end of the block is killed."""
    started = Programs(running, **more)
    try:
        yield started
    finally:
        started.end_all()
