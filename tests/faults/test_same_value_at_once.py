"""A value that may stand once, recorded in many deals at once by the threads of two systems: one has it, the rest hear who."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import pytest

from dealflow.adapters.store import fingerprint_of, open_store
from dealflow.application.commands.handle import Deals
from dealflow.application.engine.held import held_by_all, held_differences
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.deals.house import StoppedClock, processes_on, proof
from tests.support.deals.plain_process import with_receipts
from tests.support.deals.stories import PEOPLE, START, money
from tests.support.stores.databases import on_both
from tests.support.workers.silent_waker import SilentWaker

THREADS, ROUNDS = 8, 6
ACME = e.Customer(id="acme")


@pytest.mark.slow
@on_both
def test_of_many_at_once_one_has_the_value_and_the_others_hear_which(database: str, tmp_path: Path) -> None:
    with ExitStack() as kept:
        parts = [open_store(database, tmp_path, tmp_path / "keys.sqlite") for _ in range(2)]
        systems: list[Deals] = []
        for one in parts:
            kept.callback(one.close)
            clock = StoppedClock(START)
            processes = processes_on(one.store, clock)
            processes.publish(with_receipts(), who=c.Who(actor="ops"), command_id="publish-1")
            systems.append(Deals(one.store, processes, lambda: PEOPLE, clock, SilentWaker, fingerprint_of(one.keys)))
        opening = c.OpenDeal(
            title="A sale", process=processes.published()[0], owner="anna", amount=money("1000"), customer=ACME
        )
        for number in range(THREADS):
            send(systems[0], f"d{number}", opening, f"open/{number}")
        for turn in range(ROUNDS):
            together = Barrier(THREADS)

            def sends(number: int, turn: int = turn, together: Barrier = together) -> str:
                together.wait()
                paid = proof(f"p{turn}", "payment", amount="100", receipt=f"R-{turn}")
                try:
                    send(systems[number % 2], f"d{number}", paid, f"paid/{turn}/{number}")
                except CommandRefused as refused:
                    (reason,) = refused.reasons
                    assert reason.code is Code.VALUE_TAKEN
                    return str(reason.data["deal"])
                return ""

            with ThreadPoolExecutor(THREADS) as pool:
                heard = list(pool.map(sends, range(THREADS)))
            (first,) = [f"d{number}" for number, other in enumerate(heard) if not other]
            assert {other for other in heard if other} == {first}
        assert not held_differences(parts[0].store, parts[0].held_values, processes)
        assert not held_by_all(parts[0].store, processes).twice()


def send(deals: Deals, deal_id: str, command: c.Command, command_id: str) -> None:
    who = c.Who(actor="anna")
    deals.handle(c.Envelope(command_id=command_id, deal_id=deal_id, who=who, commands=(command,)))
