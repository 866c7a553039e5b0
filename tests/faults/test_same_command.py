"""Commands sent twice, at once and reordered, by many threads of two systems: as if each had been sent once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count, groupby
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealflow.adapters.store import StoreParts, fingerprint_of, open_store
from dealflow.application.audit.invariants import Invariants
from dealflow.application.commands.answers import Answer
from dealflow.application.commands.handle import Deals
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.refusal import CommandRefused
from tests.support.deals.house import House, StoppedClock, processes_on, proof
from tests.support.deals.plain_process import digest_of, process_of
from tests.support.deals.stories import PEOPLE, START, day, money
from tests.support.stores.databases import on_both
from tests.support.workers.silent_waker import SilentWaker

OPERATIONS = c.Who(actor="ops")
OPEN, LOOK = "open", "look"
PROCESS = ProcessRef(name="small", version=1, digest=digest_of(process_of()))
# What may be asked of each deal; some of it makes sense only after something else, and is refused before.
ACTS: dict[str, tuple[str, c.Command]] = {
    OPEN: ("anna", c.OpenDeal(title="A sale", process=PROCESS, owner="anna", amount=money("1000"))),
    "talk": ("anna", proof("t1", "talk", whom="decider")),
    "need": ("anna", proof("n1", "need", budget="5")),
    "withdraw": ("anna", c.WithdrawEvidence(evidence_id="t1", reason="it was somebody else")),
    "referral": ("anna", proof("r1", "referral", referred="Frau Müller")),
    "plan": ("anna", c.PlanStep(step_id="s1", what="Call the decider", by=day(3))),
    "done": ("anna", c.CompleteStep(step_id="s1")),
    "lose": ("anna", c.LoseDeal(reason="price")),
    "reopen": ("dora", c.ReopenDeal(reason="they called again")),
}
Sent = tuple[str, str]  # which deal, and what is asked of it
# Four for each system: one leads, and two or three who wait make a group.
THREADS = 8


@dataclass
class Heard:
    """What came of one sending."""

    sent: Sent
    answer: Answer | None


class Office:
    """Two systems on one database, as two processes would have them, whose clock stands."""

    def __init__(self, parts: list[StoreParts]) -> None:
        self.parts, clock = parts, StoppedClock(START)
        self.systems: list[Deals] = []
        for one in parts:
            self.processes = processes_on(one.store, clock)
            self.processes.publish(process_of(), who=OPERATIONS, command_id="publish-1")
            deals = Deals(one.store, self.processes, lambda: PEOPLE, clock, SilentWaker, fingerprint_of(one.keys))
            self.systems.append(deals)
        self._rounds = count(1)

    def play(self, by_thread: list[list[Sent]]) -> None:
        """Everybody sends at once; then everything is sent once more, and compared with a house where it came once."""
        prefix = f"round{next(self._rounds)}"
        together = Barrier(THREADS)

        def sender(number: int) -> list[Heard]:
            together.wait()
            deals = self.systems[number % len(self.systems)]
            return [Heard(sent, send(deals, prefix, sent)) for sent in by_thread[number]]

        with ThreadPoolExecutor(THREADS) as pool:
            heard = [one for each in pool.map(sender, range(THREADS)) for one in each]
        accepted = self._once_each(heard)
        for sent, answer in accepted.items():
            assert send(self.systems[-1], prefix, sent) == answer.model_copy(update={"repeated": True})
        for deal in ("a", "b"):
            self._as_in_order(f"{prefix}-{deal}", accepted)

    def holds(self) -> None:
        """What the store promises."""
        parts = self.parts[0]
        _, found = Invariants(parts.rows, self.processes).check(parts.count_events())
        assert found == []

    def _once_each(self, heard: list[Heard]) -> dict[Sent, Answer]:
        """Every sending of a command that was accepted heard the same, and one of them was the first."""
        answers: dict[Sent, list[Answer]] = {}
        for one in heard:
            if one.answer:
                answers.setdefault(one.sent, []).append(one.answer)
        for same in answers.values():
            assert sorted(answer.repeated for answer in same) == [False] + [True] * (len(same) - 1)
            assert len({answer.model_copy(update={"repeated": False}).model_dump_json() for answer in same}) == 1
        return {sent: same[0].model_copy(update={"repeated": False}) for sent, same in answers.items()}

    def _as_in_order(self, deal_id: str, accepted: dict[Sent, Answer]) -> None:
        """The deal is what a house comes to in which its commands came once, in the order in which they were accepted."""
        house, prefix, deal = House(), *deal_id.rsplit("-", 1)
        recorded = self.parts[0].store.load(f"deal/{deal_id}")
        for command_id, _ in groupby(recorded, key=lambda one: one.stamp.command_id):
            act = LOOK if command_id.startswith("progress/") else command_id.rsplit("/", 1)[1]
            answer = send(house.deals, prefix, (deal, act))
            assert act == LOOK or answer == accepted.pop((deal, act))
        for stream in (f"deal/{deal_id}", f"deal/{deal_id}.refers"):
            assert self.parts[0].store.load(stream) == house.store.load(stream)
        # What is left was accepted and changed nothing.
        assert [sent for sent, answer in accepted.items() if sent[0] == deal and answer.facts] == []


def send(deals: Deals, prefix: str, sent: Sent) -> Answer | None:
    """One sending; None when it is refused, and for a look."""
    deal, act = sent
    deal_id = f"{prefix}-{deal}"
    if act == LOOK:
        deals.progress(deal_id, 1, START)
        return None
    who, command = ACTS[act]
    envelope = c.Envelope(command_id=f"{deal_id}/{act}", deal_id=deal_id, who=c.Who(actor=who), commands=(command,))
    try:
        return deals.handle(envelope).answer
    except CommandRefused:
        return None


@contextmanager
def office(database: str, home: Path) -> Iterator[Office]:
    """Closed at the end of the block."""
    with ExitStack() as kept:
        parts = [open_store(database, home, home / "keys.sqlite") for _ in range(2)]
        for one in parts:
            kept.callback(one.close)
        yield Office(parts)


sendings = st.lists(
    st.lists(st.tuples(st.sampled_from(("a", "b")), st.sampled_from([*ACTS, LOOK])), max_size=6),
    min_size=THREADS,
    max_size=THREADS,
)


@pytest.mark.slow
@on_both
def test_whatever_is_sent_twice_at_once_or_in_another_order_is_as_if_sent_once(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path) as opened:

        @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(sendings)
        def holds(by_thread: list[list[Sent]]) -> None:
            opened.play(by_thread)

        holds()
        opened.holds()
