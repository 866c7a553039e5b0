"""The connection is lost at COMMIT, before or after it happened: each command of the group has one effect, and hears the truth."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier, Literal

from dealflow.adapters.store.postgres import database as postgres_store
from dealflow.application.ports.store import OutcomeUnknown, StoreUnreachable
from dealflow.domain.deal import commands as c
from dealflow.domain.values.phrase import phrase_of
from dealflow.wording.catalogue import catalogue
from tests.support.observed.sound import store_holds
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.stores.cutting_proxy import Cut, CuttingProxy, cutting_proxy
from tests.support.stores.held_store import HeldStore, held_store, in_one_group
from tests.support.waiting import until

pytestmark = pytest.mark.postgres
DEALS = ("d1", "d2", "d3")


class Story:
    """Three deals on a PostgreSQL behind a proxy, and a fourth whose command leads while the others gather."""

    def __init__(self, running: RunningSystem, proxy: CuttingProxy) -> None:
        self.running, self.proxy = running, proxy
        self.held: HeldStore = held_store(running.system)
        for deal in (*DEALS, "first"):
            running.open(deal)
        self.held.sizes.clear()

    def prove(self, deal: str) -> Any:
        """The same command whenever it is sent."""
        proof = c.RecordEvidence(evidence_id=f"{deal}-need", kind="note", fields={"summary": "needs it"})
        who = c.Who(actor=self.running.seller)
        return self.running.system.deals.handle(
            c.Envelope(command_id=f"prove-{deal}", deal_id=deal, who=who, commands=(proof,))
        ).answer

    def in_a_group(self) -> list["Future[Any]"]:
        return in_one_group(
            self.running.system.deals,
            self.held,
            partial(self.prove, "first"),
            [partial(self.prove, deal) for deal in DEALS],
        )

    def comes_back(self) -> None:
        """The server is there again; the pool, which tries less and less often, takes a while to find out."""
        self.proxy.is_away = False
        assert until(self._answers)

    def _answers(self) -> bool:
        try:
            return bool(self.effects())
        except StoreUnreachable:
            return False

    def effects(self) -> list[int]:
        """How many pieces of evidence each deal has."""
        return [self.running.facts(deal).count("deal.evidence_recorded.v1") for deal in DEALS]


@contextmanager
def story(url: str, folder: Path) -> Iterator[Story]:
    with cutting_proxy(url) as proxy, running_system(folder / "home", "", database=proxy.url) as running:
        yield Story(running, proxy)
        store_holds(running.system)


# The store itself tries three times.
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("how", ["before", "after"])
def test_a_connection_lost_once_or_twice_is_noticed_by_nobody(
    how: Cut, times: int, postgres_database: str, tmp_path: Path
) -> None:
    with story(postgres_database, tmp_path) as lost:
        lost.proxy.cut(how, at=2, times=times)
        answers = [future.result() for future in lost.in_a_group()]
        assert [(answer.repeated, answer.version) for answer in answers] == [(False, 5)] * 3
        # What was written stands: the next try meets it, and commits nothing.
        assert lost.proxy.cuts == (times if how == "before" else 1)
        assert lost.effects() == [1, 1, 1]
        assert [lost.prove(deal).repeated for deal in DEALS] == [True] * 3


def test_a_transaction_that_is_lost_three_times_is_done_again_by_each_alone(
    postgres_database: str, tmp_path: Path
) -> None:
    with story(postgres_database, tmp_path) as lost:
        lost.proxy.cut("before", at=2, times=3)
        assert [future.result().repeated for future in lost.in_a_group()] == [False] * 3
        assert lost.held.sizes == [1, 3, 1, 1, 1] and lost.effects() == [1, 1, 1]


@pytest.mark.parametrize(("how", "effects"), [("before", [0, 0, 0]), ("after", [1, 1, 1])])
def test_while_the_store_is_away_each_hears_that_nobody_knows_and_sends_it_again_later(
    how: Cut, effects: list[int], postgres_database: str, tmp_path: Path
) -> None:
    with story(postgres_database, tmp_path) as lost:
        lost.proxy.cut(how, at=2, then_away=True)
        failures = [future.exception() for future in lost.in_a_group()]
        assert [type(failure) for failure in failures] == [OutcomeUnknown] * 3
        lost.comes_back()
        assert lost.effects() == effects
        assert [lost.prove(deal).repeated for deal in DEALS] == [how == "after"] * 3
        assert lost.effects() == [1, 1, 1]


@pytest.mark.parametrize(("how", "effect"), [("before", 0), ("after", 1)])
def test_a_lone_command_hears_the_truth_too(how: Cut, effect: int, postgres_database: str, tmp_path: Path) -> None:
    with story(postgres_database, tmp_path) as lost:
        lost.proxy.cut(how)
        assert not lost.prove("d1").repeated
        lost.proxy.cut(how, then_away=True)
        with pytest.raises(OutcomeUnknown):
            lost.prove("d2")
        lost.comes_back()
        assert lost.effects() == [1, effect, 0]


@contextmanager
def replica_that_never_answers(url: str) -> Iterator[None]:
    """Inside, the server writes a COMMIT and then waits for a replica that is not there; nobody sees it meanwhile."""
    name = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url, autocommit=True, options="-c synchronous_commit=local") as operator:
        # Only in this database: the others of the server go on.
        operator.execute("ALTER ROLE ALL SET synchronous_commit = local")
        operator.execute(SQL("ALTER DATABASE {} SET synchronous_commit = on").format(Identifier(str(name))))
        set_replica(operator, "nobody")
        try:
            yield
        finally:
            set_replica(operator, "")
            operator.execute("ALTER ROLE ALL RESET synchronous_commit")


def set_replica(operator: "psycopg.Connection[TupleRow]", name: str) -> None:
    """Which replica the server waits for; return when it does so."""
    operator.execute(SQL("ALTER SYSTEM SET synchronous_standby_names = {}").format(Literal(name)))
    operator.execute("SELECT pg_reload_conf()")

    def is_so() -> bool:
        [found] = operator.execute("SHOW synchronous_standby_names").fetchone() or [""]
        return bool(found == name)

    assert until(is_so)


def test_a_commit_that_the_server_is_still_at_is_not_said_to_have_failed(
    postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost, all is written, and nothing can be seen yet."""
    monkeypatch.setattr(postgres_store, "_LOCK_SECONDS", 1)
    with story(postgres_database, tmp_path) as lost:
        with replica_that_never_answers(postgres_database):
            lost.proxy.cut("while")
            with pytest.raises(OutcomeUnknown, match="may have been carried out, and may be sent again") as failed:
                lost.prove("d1")
        assert "可用同一编号重新发送" in catalogue("zh").say(phrase_of(failed.value))
        assert until(lambda: lost.effects() == [1, 0, 0])
        assert lost.prove("d1").repeated and lost.effects() == [1, 0, 0]
