"""Evidence accepted a second with 32 concurrent callers, against one caller's plain load-and-append, measured in turn."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from time import perf_counter
from typing import Any
from uuid import UUID

from bench.measuring import Measure, in_turn
from bench.plain import PlainStore
from bench.rig import ROOT, Rig
from dealflow.adapters.process_file import load_process
from dealflow.bootstrap import System, open_system
from dealflow.domain import commands as c
from dealflow.domain.money import parse_money
from dealflow.settings import Settings
from tests.support.silent_waker import SilentWaker

CALLERS = 32
GOAL = 3.0
WHO = c.Who(actor="anna")
AMOUNT = parse_money("100,000", "CNY")
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
# Evidence brings more than one event with it: with so many before, the plain streams are on average as long as the deals'.
BEFORE = 5


class Callers:
    """Callers with a deal each, who record what comes in."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._process = system.processes.get("standard-sale").ref
        self._numbers = count(1)

    def open(self) -> str:
        """A new deal."""
        deal_id = f"d-{next(self._numbers)}"
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
        envelope = c.Envelope(command_id=f"c-{next(self._numbers)}", deal_id=deal_id, who=WHO, commands=(command,))
        self._system.deals.execute(envelope)


def measure(rig: Rig) -> Iterator[Measure]:
    """The standard sale on PostgreSQL; each caller records one piece after the other, each on a deal of its own."""
    rounds, times = rig.sized(9, 1), rig.sized(8, 1)
    database_url = rig.new_database()
    with _opened(rig, database_url) as callers, closing(PlainStore(database_url)) as plain:
        runs: dict[str, Callable[[], float]] = {
            "many": lambda: _many(callers),
            "one": lambda: _rate([callers.open()], callers.record_all),
            "plain": lambda: _rate([_entry(plain) for _ in range(times)], lambda entry: _say_all(plain, entry)),
        }
        for run in runs.values():
            run()
        found = in_turn(runs, rounds)
    against = "eventsourcing, one caller: load, append"
    note = f"median of {rounds} rounds in turn, {PIECES} pieces on each deal"
    for name, title, goal in (
        ("many", f"evidence, {CALLERS} callers", GOAL),
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


@contextmanager
def _opened(rig: Rig, database_url: str) -> Iterator[Callers]:
    """Nobody is woken: what is measured is what a caller waits for."""
    settings = Settings.load(rig.new_folder(), database_url=database_url, temporal_address="")
    with open_system(settings, SilentWaker()) as system:
        definition, problems = load_process(ROOT / "process_defs" / "standard-sale.yaml", calendars=system.calendars)
        assert definition is not None, problems
        system.processes.publish(definition, who=WHO, command_id="publish")
        yield Callers(system)


def _many(callers: Callers) -> float:
    deals = [callers.open() for _ in range(CALLERS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda _: None, deals))  # the threads are there before they are needed
        begun = perf_counter()
        list(pool.map(callers.record_all, deals))
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
