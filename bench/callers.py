"""Callers of a system of ours that runs no worker: each has a deal of its own and records what its customer gives.

python -m bench.callers NAME CALLERS HOME DATABASE_URL: a process of such callers, told by lines what to do
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Any

from bench.rig import ROOT
from dealflow.adapters.processes.reader import load_process
from dealflow.bootstrap import System, open_system
from dealflow.domain.deal import commands as c
from dealflow.domain.values.written.amount import read_amount
from dealflow.settings import Settings
from tests.support.workers.silent_waker import SilentWaker

WHO = c.Who(actor="anna")
AMOUNT = read_amount("100,000", "CNY")
TALKED = "They need forty seats from the first of next quarter, and training for two teams."
REPLY = ("reply", {"text": f"Thank you. {TALKED} We shall be back with the board's word by the end of the month."})
# What a customer gives on the way to a deposit, one thing after another; replies stand between.
COURSE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("messenger_contact", {"channel": "wecom", "phone": "+86 139 0000 0000", "added_on": "2026-01-05"}),
    ("meeting_note", {"with": "non_decider", "held_on": "2026-01-06", "summary": TALKED}),
    ("meeting_note", {"with": "decider", "held_on": "2026-01-07", "summary": TALKED}),
    ("need_confirmation", {"need": TALKED, "budget": "100,000", "decide_by": "2026-02-01"}),
    ("question", {"about": "scope", "text": "Does it read our price list?"}),
    ("question", {"about": "service", "text": "Who answers at the weekend?"}),
    ("counter_offer", {"offer": "90,000", "terms": "paid in two parts"}),
    ("payment", {"amount": "20,000", "paid_on": "2026-01-20", "receipt": "R-1"}),
)
PIECES = 2 * len(COURSE)


class Callers:
    """Callers with a deal each, who record what comes in; `name` tells those of one process from those of another."""

    def __init__(self, system: System, name: str = "") -> None:
        self._system, self._name = system, name
        self._process = system.processes.get("standard-sale").ref
        self._numbers = count(1)

    def open(self) -> str:
        """A new deal."""
        deal_id = f"d{self._name}-{next(self._numbers)}"
        opening = c.OpenDeal(title="Forty seats", process=self._process, owner="anna", amount=AMOUNT)
        self._execute(deal_id, opening)
        return deal_id

    def record_all(self, deal_id: str) -> None:
        """The whole course of one deal, without any transition: no worker runs."""
        for number in range(PIECES):
            kind, fields = COURSE[number // 2] if number % 2 == 0 else REPLY
            evidence_id = f"{deal_id}-{number}"
            self._execute(deal_id, c.RecordEvidence(evidence_id=evidence_id, kind=kind, fields=fields))

    def _execute(self, deal_id: str, command: c.Command) -> None:
        envelope = c.Envelope(
            command_id=f"c{self._name}-{next(self._numbers)}", deal_id=deal_id, who=WHO, commands=(command,)
        )
        self._system.deals.handle(envelope)


@contextmanager
def opened(home: Path, database_url: str) -> Iterator[System]:
    """With the standard sale. Nobody is woken: what is measured is what a caller waits for."""
    with open_system(Settings.load(home, database_url=database_url, temporal_address=""), SilentWaker()) as system:
        definition, problems = load_process(ROOT / "process_defs" / "standard-sale.yaml", calendars=system.calendars)
        assert definition is not None, problems
        system.processes.publish(definition, who=WHO, command_id="publish")
        yield system


class Process:
    """Some callers in an interpreter of their own."""

    def __init__(self, name: str, callers: int, home: Path, database_url: str) -> None:
        words = [sys.executable, "-m", "bench.callers", name, str(callers), str(home), database_url]
        self._process = Popen(words, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True)

    def open(self) -> None:
        """Deals for the next course, one for each."""
        self._say("open")
        self.wait()

    def begin(self) -> None:
        """Record a whole course, each on its deal."""
        self._say("record")

    def wait(self) -> None:
        """Until what was begun is done."""
        answer = _pipe(self._process.stdout).readline()
        assert answer == "done\n", answer

    def end(self) -> None:
        """It is not needed any more."""
        _pipe(self._process.stdin).close()
        self._process.wait(20)

    def _say(self, word: str) -> None:
        asked = _pipe(self._process.stdin)
        asked.write(f"{word}\n")
        asked.flush()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def main(name: str, callers: str, home: str, database_url: str) -> None:
    """Until its input ends."""
    with opened(Path(home), database_url) as system, ThreadPoolExecutor(int(callers)) as pool:
        recording, deals = Callers(system, name), []
        for word in sys.stdin:
            if word == "open\n":
                deals = [recording.open() for _ in range(int(callers))]
            else:
                list(pool.map(recording.record_all, deals))
            sys.stdout.write("done\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
