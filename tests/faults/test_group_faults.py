"""What may go wrong in a group that shares a transaction, on both databases: each of its commands has its own end."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dealflow.bootstrap import open_system
from dealflow.domain.deal import commands as c
from tests.support.observed.sound import store_holds
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.stores.contested_store import OvertakenStore
from tests.support.stores.databases import on_both
from tests.support.stores.held_store import HeldStore, held_store, in_one_group
from tests.support.stores.raw_rows import run
from tests.support.workers.silent_waker import SilentWaker

# Whatever the database has against one deal's events, say a constraint of its operator's.
POISON_SQLITE = """
    CREATE TRIGGER poison BEFORE INSERT ON stored_events WHEN NEW.originator_id = 'deal/d25'
    BEGIN SELECT RAISE(ABORT, 'not this one'); END"""
POISON_POSTGRES = """
    CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.originator_id = 'deal/d25' THEN RAISE integrity_constraint_violation USING MESSAGE = 'not this one'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER poison BEFORE INSERT ON stored_events FOR EACH ROW EXECUTE FUNCTION poison()"""
MOST = 50


@pytest.fixture
def running(database: str, tmp_path: Path) -> Iterator[RunningSystem]:
    """A system without Temporal, whose store holds everything in the end."""
    with running_system(tmp_path / "home", "", database=database) as opened:
        yield opened
        store_holds(opened.system)


class Group:
    """Deals whose commands come together behind that of another deal."""

    def __init__(self, running: RunningSystem, deals: int, through: Callable[[Any], Any] = lambda store: store) -> None:
        self.running = running
        self.deals = [f"d{number}" for number in range(1, deals + 1)]
        self.held: HeldStore = held_store(running.system, through)
        for deal in (*self.deals, "first"):
            running.open(deal)

    def run(self, *acts: Callable[[], Any]) -> list["Future[Any]"]:
        self.held.sizes.clear()
        return in_one_group(self.running.system.deals, self.held, partial(self.running.prove_need, "first"), acts)

    def effects(self, deal: str) -> int:
        return self.running.facts(deal).count("deal.evidence_recorded.v1")


@on_both
def test_another_process_is_faster_on_one_deal_of_a_group(running: RunningSystem) -> None:
    group = Group(running, 4, OvertakenStore)
    with open_system(running.settings, SilentWaker()) as other:
        elsewhere = RunningSystem(other, running.seller, running.director)
        group.held.behind.at = 2
        group.held.behind.act = lambda: elsewhere.execute(
            "d2", c.RecordEvidence(evidence_id="from elsewhere", kind="note", fields={"summary": "they need it"})
        )
        answers = [future.result() for future in group.run(*(partial(running.prove_need, d) for d in group.deals))]
    assert [answer.version for answer in answers] == [5, 6, 5, 5]
    assert [group.effects(deal) for deal in group.deals] == [1, 2, 1, 1]
    assert group.held.sizes == [1, 4, 4]


@on_both
def test_two_commands_of_one_deal_in_a_group_are_carried_out_one_on_the_others_result(running: RunningSystem) -> None:
    group = Group(running, 2)
    withdraw = c.WithdrawEvidence(evidence_id="d1-need", reason="they did not say so")
    proven, other, withdrawn, unknown = group.run(
        partial(running.prove_need, "d1"),
        partial(running.prove_need, "d2"),
        partial(running.execute, "d1", withdraw),
        partial(running.execute, "d2", withdraw),
    )
    assert (proven.result().version, other.result().version) == (5, 5)
    assert withdrawn.result().facts == ("deal.evidence_withdrawn.v1", "deal.node_reversed.v1", "deal.gate_lost.v1")
    assert unknown.exception() is not None
    assert group.held.sizes == [1, 3] and len(running.facts("d1")) == withdrawn.result().version == 8


@on_both
def test_of_a_group_of_fifty_with_one_that_the_database_refuses_the_others_have_their_effects(
    running: RunningSystem, kind: str
) -> None:
    group = Group(running, MOST)
    settings = running.settings
    run(settings.database_url, settings.home, POISON_POSTGRES if kind == "postgres" else POISON_SQLITE)
    futures = group.run(*(partial(running.prove_need, deal) for deal in group.deals))
    failed = [deal for deal, future in zip(group.deals, futures, strict=True) if future.exception()]
    assert failed == ["d25"] and "not this one" in str(futures[24].exception())
    assert [group.effects(deal) for deal in group.deals] == [int(deal not in failed) for deal in group.deals]
    assert group.held.sizes[:2] == [1, MOST] and set(group.held.sizes[2:]) == {1}
    assert all(not future.result().repeated for future in futures if not future.exception())


# SQLite stores any text.
@pytest.mark.parametrize("kind", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_of_a_group_with_one_whose_id_cannot_be_stored_the_others_share_nothing_but_the_wait(
    running: RunningSystem,
) -> None:
    group = Group(running, 3)
    proof = c.RecordEvidence(evidence_id="n1", kind="note", fields={"summary": "needs it"})
    envelope = c.Envelope(command_id="a\x00b", deal_id="d2", who=c.Who(actor=running.seller), commands=(proof,))
    first, poisoned, last = group.run(
        partial(running.prove_need, "d1"),
        lambda: running.system.deals.handle(envelope).answer,
        partial(running.prove_need, "d3"),
    )
    assert (first.result().version, last.result().version) == (5, 5)
    assert "0x00" in str(poisoned.exception()) and group.effects("d2") == 0
