"""`doctor --deep` finds each kind of damage that somebody does beside dealflow, and nothing where there is none."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from dealflow.application.audit.invariants import Invariants
from dealflow.application.audit.rows import StoreRows
from dealflow.application.audit.stream_checks import Finding
from dealflow.application.ports.store import Append
from dealflow.cli.main import run as main
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.stores.databases import DATABASES, database_params
from tests.support.stores.moving_rows import MovesAlways, MovesOnce
from tests.support.stores.raw_rows import run

on_both = pytest.mark.parametrize("store", database_params(*DATABASES), indirect=True)
LATER = datetime(2028, 1, 1, tzinfo=UTC)


@dataclass
class Store:
    """A store with a deal that stalled, one that was won, and one that was just opened."""

    running: RunningSystem
    url: str

    def damage(self, statement: str, *values: Any) -> None:
        run(self.url, self.running.settings.home, statement, *values)

    def findings(self, rows: MovesOnce | None = None) -> list[Finding]:
        system = self.running.system
        check = Invariants(
            cast("StoreRows", rows or system.parts.rows), system.processes, page=2, pause=lambda seconds: None
        )
        counted, found = check.check(system.parts.count_events())
        assert counted.faults == len(found)
        return found

    def forge(self, deal_id: str, fact: e.Fact) -> None:
        """Append a fact that no rule would decide."""
        recorded = self.running.system.store.load(f"deal/{deal_id}")
        last = recorded[-1].stamp
        stamp = last.model_copy(
            update={"version": last.version + 1, "cause": "progress", "command_id": f"forged/{last.version}"}
        )
        append = Append(f"deal/{deal_id}", last.version, ((fact, stamp),), subject=f"deal:{deal_id}")
        self.running.system.store.append([append])
        self.damage("UPDATE deal_schedule SET version = ? WHERE deal_id = ?", stamp.version, deal_id)


@pytest.fixture(params=database_params("sqlite"))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """The store on either database."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    with running_system(tmp_path / "house", "127.0.0.1:1", database=url) as running:
        for deal_id in ("fresh", "stalled", "won"):
            running.open(deal_id)
        running.prove_need("won")
        running.sign("won")
        for deal_id in ("stalled", "won"):
            running.system.deals.progress(deal_id, 1, LATER)
        [stall] = running.deal("stalled").open_stalls
        decision = c.DecideEscalation(
            escalation=stall.id, decision="extend", reason="They asked for a week", lasting="7 days"
        )
        envelope = c.Envelope(
            command_id="decide", deal_id="stalled", who=c.Who(actor=running.director), commands=(decision,)
        )
        running.system.deals.handle(envelope)
        yield Store(running, url)


@on_both
def test_nothing_is_wrong_with_what_dealflow_wrote(store: Store) -> None:
    assert store.findings() == []


def test_an_event_that_was_altered_is_named(store: Store) -> None:
    statement = "SELECT state FROM stored_events WHERE originator_id = ? AND originator_version = 1"
    [(state,)] = run(store.url, store.running.settings.home, statement, "deal/won")
    altered = bytes(state).replace(b"Deal won", b"Deal WON")
    store.damage(
        "UPDATE stored_events SET state = ? WHERE originator_id = ? AND originator_version = 1", altered, "deal/won"
    )
    [found] = store.findings()
    assert (found.check, found.deal_id, found.version) == ("chain", "won", 2)
    assert "does not carry the digest of its predecessor" in found.says and "backup" in found.do


def test_a_notice_that_is_gone_is_named_with_the_event_that_asks_for_it(store: Store) -> None:
    store.damage("DELETE FROM notices WHERE recipient = ? AND key NOT LIKE ?", store.running.director, "%decided%")
    [found] = store.findings()
    assert (found.check, found.deal_id) == ("notice", "stalled") and "not in the outbox" in found.says


def gone(version: int) -> tuple[str, Any]:
    return "DELETE FROM stored_events WHERE originator_id = ? AND originator_version = ?", ("deal/won", version)


@pytest.mark.parametrize(
    ("statement", "values", "expected"),
    [
        (*gone(1), [("chain", "won", "event 1 of deal/won"), ("command", "won", "its event 1 of deal/won")]),
        (*gone(2), [("chain", "won", "event 2 of deal/won"), ("command", "won", "its event 2 of deal/won")]),
        ("DELETE FROM stored_events WHERE originator_id = ?", ("deal/fresh",),
            [("schedule", "fresh", "has no events"), ("command", "fresh", "its event 1")]),
        ("UPDATE stored_events SET topic = ? WHERE originator_id = ? AND originator_version = 2",
            ("deal.won.v1", "deal/fresh"), [("chain", "fresh", "its row was altered")]),
        ("UPDATE stored_events SET state = ? WHERE originator_id = ? AND originator_version = 2",
            (b"{}", "deal/fresh"),
            [("chain", "fresh", "does not carry"), ("chain", "fresh", "its bytes were altered")]),
        ("DELETE FROM commands WHERE command_id LIKE ?", ("%\ndecide",), [("command", "stalled", "has not accepted")]),
        ("UPDATE commands SET answer = ? WHERE command_id LIKE ?", ("?", "%\ndecide"),
            [("command", None, "cannot be read")]),
        ("INSERT INTO commands SELECT ?, content, answer FROM commands WHERE command_id LIKE ?", ("twin", "%\ndecide"),
            [("command", "stalled", "command twin was accepted, but event")]),
        ("DELETE FROM deal_schedule WHERE deal_id = ?", ("fresh",), [("schedule", "fresh", "has no row")]),
        ("UPDATE deal_schedule SET next_due = next_due + 1 WHERE deal_id = ?", ("fresh",),
            [("schedule", "fresh", "next due")]),
        ("UPDATE deal_schedule SET in_progress = 1 WHERE deal_id = ?", ("won",), [("schedule", "won", "in progress")]),
        ("UPDATE deal_schedule SET opening = 2 WHERE deal_id = ?", ("fresh",), [("schedule", "fresh", "opening 2")]),
        ("UPDATE deal_schedule SET version = 99 WHERE deal_id = ?", ("fresh",), [("schedule", "fresh", "ends at 2")]),
        ("UPDATE deal_schedule SET seen_version = 99 WHERE deal_id = ?", ("fresh",),
            [("schedule", "fresh", "speaks of version 99")]),
        ("UPDATE deal_schedule SET wake_version = 3 WHERE deal_id = ?", ("fresh",),
            [("schedule", "fresh", "speaks of version 3, its stream ends at 2")]),
        ("UPDATE notices SET state = ? WHERE key LIKE ?", ("lost", "%decided%"),
            [("notice", "stalled", "state 'lost' is not known")]),
        ("UPDATE notices SET state = ? WHERE key LIKE ?", ("abandoned", "%decided%"),
            [("notice", "stalled", "without a reason")]),
        ("UPDATE notices SET state = ? WHERE key LIKE ?", ("delivered", "%decided%"),
            [("notice", "stalled", "when and by which channel")]),
        ("UPDATE notices SET notice = ? WHERE key LIKE ?", ("{}", "%decided%"),
            [("notice", None, "its text was altered")]),
        ("UPDATE notices SET recipient = ? WHERE key LIKE ?", ("eve", "%decided%"),
            [("notice", "stalled", "its row was altered")]),
    ],
)  # fmt: skip
def test_each_damage_is_found_where_it_is(
    store: Store, statement: str, values: tuple[Any, ...], expected: list[tuple[str, str | None, str]]
) -> None:
    store.damage(statement, *values)
    found = store.findings()
    said = [(one.check, one.deal_id or None, one.says) for one in found]
    assert len(said) == len(expected), said
    for check, deal_id, part in expected:
        assert any(one[:2] == (check, deal_id) and part in one[2] for one in said), said
    assert all(one.do for one in found)


def test_a_closed_deal_with_a_clock_is_named(store: Store) -> None:
    clock = next(r.fact for r in store.running.system.store.load("deal/won") if isinstance(r.fact, e.ClockStarted))
    store.forge("won", clock.model_copy(update={"effective_at": LATER}))
    [found] = store.findings()
    assert (found.check, found.deal_id) == ("state", "won") and "is closed, and its clock stage_age runs" in found.says


def test_a_linked_deal_that_is_gone_is_named(store: Store) -> None:
    at = store.running.deal("fresh").recorded_at
    store.forge("fresh", e.LinkedDealDue(effective_at=at, linked_deal_id="friend", kind="referred", node="n"))
    [found] = store.findings()
    assert (found.check, found.deal_id, found.version) == ("chain", "fresh", 3)
    assert "opened deal friend, which has no events" in found.says


def test_two_open_stalls_of_one_clock_are_named(store: Store) -> None:
    store.running.system.deals.progress("fresh", 1, LATER)
    stall = next(r.fact for r in store.running.system.store.load("deal/fresh") if isinstance(r.fact, e.StallRecorded))
    store.forge("fresh", stall.model_copy(update={"stall_id": "another"}))
    found = store.findings()
    assert any(one.check == "state" and "several open stalls" in one.says for one in found)


def test_a_notice_that_no_event_asks_for_is_named(store: Store) -> None:
    home = store.running.settings.home
    [(key, text)] = run(store.url, home, "SELECT key, notice FROM notices WHERE key LIKE ?", "%decided%")
    changed = json.dumps({**json.loads(text), "key": key + "2"})
    store.damage("UPDATE notices SET key = ?, notice = ? WHERE key = ?", key + "2", changed, key)
    found = store.findings()
    assert {one.says.partition(": ")[2] for one in found} >= {"no event asks for it"}


def test_a_deal_that_moves_meanwhile_is_looked_at_again(store: Store) -> None:
    moving = MovesOnce(store.running.system.parts.rows, "fresh", lambda: store.running.prove_need("fresh"))
    assert store.findings(moving) == []
    assert store.running.deal("fresh").version > 2


def test_a_deal_that_never_stands_still_is_named_for_what_every_look_shows(store: Store) -> None:
    numbers = iter(range(100))

    def move() -> None:
        store.running.execute("fresh", c.RecordActivity(what=f"Call {next(numbers)}"))

    [found] = store.findings(MovesAlways(store.running.system.parts.rows, "fresh", move))
    assert found.check == "schedule" and found.deal_id == "fresh"


@on_both
def test_the_command_says_what_does_not_hold_and_exits_with_1(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", store.url)
    words = ["doctor", "--deep", "--home", str(store.running.settings.home)]
    store.damage("DELETE FROM deal_schedule WHERE deal_id = ?", "fresh")
    capsys.readouterr()
    assert main([*words, "--json"]) == 1
    deep = json.loads(capsys.readouterr().out)["deep"]
    # In a home the people are on record as soon as anything is decided.
    streams = 4 if store.url else 5
    assert deep["counted"]["streams"] == streams and deep["counted"]["faults"] == 1 and not deep["sound"]
    assert deep["findings"][0]["deal_id"] == "fresh"
    assert "Temporal" in deep["not_checked"]
    assert main(words) == 1
    assert "schedule: deal fresh has no row in the schedule" in capsys.readouterr().out
