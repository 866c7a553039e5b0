"""Whatever stands in whichever column, `doctor --deep` tells it and goes on; what follows from the events is mended."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.store.rows.tables import CREATE_TABLES
from dealflow.adapters.views.board import BoardView
from dealflow.adapters.views.tables import metadata
from dealflow.application.engine.parts import HeartbeatState, Identity
from dealflow.application.engine.reschedule import reschedule
from dealflow.application.health.diagnosis import examined
from dealflow.application.health.state import Health, PeopleState, StoreState
from dealflow.application.reading.board import DealQuery
from dealflow.doctor.deeply import _in_views
from dealflow.doctor.looking import looked_at
from dealflow.domain.values.phrase import phrase
from tests.doctor.test_invariants import Store, on_both, store  # noqa: F401  the fixture
from tests.support.stores.raw_rows import run

EVENTS = {"stored_events": ("originator_id", "originator_version", "topic", "state")}
VALUES: tuple[Any, ...] = (None, "", "?", -1, 2**62, 4_102_444_800_000_000, b"\x00\xff")
# PostgreSQL takes bytes for a text, as which they are one.
BINARY: dict[bool, tuple[bytes, ...]] = {False: (b"\x00\xff",), True: ()}
HUNDRED_YEARS = 100 * 365 * 86_400_000_000
# Any text may stand in these, any count in those: only a seal can tell.
FREE = {
    ("commands", "content"), ("leases", "holder"), ("known_server", "server_id"), ("notices", "last_error"),
    ("notices", "channel"), ("notices", "attempts"), ("notices", "done_at"), ("parts", "host"), ("parts", "pid"),
    ("parts", "version"), ("parts", "temporal_error"), ("parts", "clock_ahead"), ("parts", "part"),
    ("leases", "name"),
}  # fmt: skip


def tables() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {**EVENTS}
    for statement in CREATE_TABLES:
        head, _, rest = statement.partition("(")
        if head.strip().startswith("CREATE TABLE"):
            found[head.split()[-1]] = tuple(part.split()[0] for part in rest.rsplit(")", 1)[0].split(","))
    return found


def health(store: Store) -> Health:  # noqa: F811  the fixture
    system = store.running.system
    nothing = Health(
        at=system.clock.now(),
        version="",
        home="",
        store=StoreState(place=phrase("here")),
        people=PeopleState(file="people.yaml"),
    )
    return looked_at(nothing, system)


def tell(store: Store) -> list[str]:  # noqa: F811  the fixture
    """Everything that both looks say; none of it may end in an error."""
    problems = examined(health(store)).problems
    damaged = [str(problem.says) for problem in problems if "damaged" in problem.says]
    return damaged + [str(found.says) for found in store.findings()]


def shown(store: Store) -> None:  # noqa: F811  the fixture
    """Rows in every table."""
    parts = store.running.system.parts
    parts.running.note(Identity("w-1", "worker", "here", 1, "0"), HeartbeatState(timedelta(0), False, "reached", ""))
    parts.relay_lease.take("w-1", 5)
    parts.known_server.write("a-server")
    parts.outbox.open_batch("b-1")


def sample(number: int) -> tuple[Any, ...]:
    """What somebody may empty a value by, a text and a number, going round among them."""
    texts = [value for value in VALUES if isinstance(value, str)]
    numbers = [value for value in VALUES if isinstance(value, int)]
    return None, *BINARY[False], texts[number % len(texts)], numbers[number % len(numbers)]


@on_both
@pytest.mark.parametrize("each_value", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["some", "each"])
@pytest.mark.parametrize("table", tables())
def test_no_value_in_any_column_ends_in_an_error(store: Store, table: str, each_value: bool) -> None:  # noqa: F811  the fixture
    shown(store)
    url, home = store.url, store.running.settings.home
    assert tell(store) == []
    unheard = set()
    for number, column in enumerate(tables()[table]):
        [was] = run(url, home, f"SELECT * FROM {table} LIMIT 1") or [()]
        names = columns_of(url, home, table)
        key, old = names[0], dict(zip(names, was, strict=True)) if was else {}
        for value in (VALUES if each_value else sample(number)) if old else ():
            if value == old[column] or (column == key and value is not None):
                continue
            where = " AND ".join(f"{name} = ?" for name in names[: 2 if table == "stored_events" else 1])
            keys = [old[name] for name in names[: 2 if table == "stored_events" else 1]]
            try:
                store.damage(f"UPDATE {table} SET {column} = ? WHERE {where}", value, *keys)
            except Exception:  # noqa: BLE001  this database does not take it
                continue
            if not tell(store) and (table, column) not in FREE and value in (None, *BINARY[bool(store.url)]):
                unheard.add((column, value))
            undone(store, table, old)
    assert unheard <= nullable(table)
    assert tell(store) == []


def columns_of(url: str, home: Path, table: str) -> list[str]:
    if not url:
        return [row[1] for row in run(url, home, f"PRAGMA table_info({table})")]
    asked = "SELECT column_name FROM information_schema.columns WHERE table_name = ? ORDER BY ordinal_position"
    return [row[0] for row in run(url, home, f"{asked}", table)]


def nullable(table: str) -> set[tuple[str, Any]]:
    """Where nothing is a value as any other."""
    empty = {
        "deal_schedule": ("signalled_at", "wake_at"),
        "notices": ("batch",),
        "notice_batches": ("finished_at",),
        "parts": ("stopped_at",),
    }
    return {(column, None) for column in empty.get(table, ())}


def undone(store: Store, table: str, old: dict[str, Any]) -> None:  # noqa: F811  the fixture
    """The row as it was, whatever has become of its key."""
    key = next(iter(old))
    store.damage(f"DELETE FROM {table} WHERE {key} = ? OR {key} IS NULL", old[key]) if table != "stored_events" else (
        store.damage(
            "DELETE FROM stored_events WHERE originator_id IS NULL OR originator_version IS NULL OR"
            " (originator_id = ? AND originator_version = ?)",
            old["originator_id"],
            old["originator_version"],
        )
    )
    if table == "stored_events":
        store.damage(
            "DELETE FROM stored_events WHERE topic = ? AND originator_id = ? AND state = ?",
            old["topic"],
            old["originator_id"],
            old["state"],
        )
    marks = ", ".join("?" * len(old))
    overriding = " OVERRIDING SYSTEM VALUE" if store.url else ""
    store.damage(f"INSERT INTO {table} ({', '.join(old)}){overriding} VALUES ({marks})", *old.values())


@on_both
@pytest.mark.parametrize("column", ["next_due", "armed_at", "next_due = next_due + ?, armed_at", "seen_version"])
def test_a_row_moved_a_hundred_years_on_is_found_and_mended(store: Store, column: str) -> None:  # noqa: F811  the fixture
    system = store.running.system
    for row in system.schedule.in_progress():
        system.schedule.seen(row.deal_id, row.version, row.next_due)
    assert tell(store) == []
    values = (HUNDRED_YEARS,) * column.count("?")
    last = column.rpartition(" ")[2]
    store.damage(f"UPDATE deal_schedule SET {column} = {last} + ? WHERE deal_id = 'fresh'", *values, HUNDRED_YEARS)
    assert [one for one in store.findings() if one.deal_id == "fresh" and one.check == "schedule"]
    assert reschedule(system.store, system.schedule, system.clock.now(), dry_run=False) == ["fresh"]
    assert tell(store) == []
    mended = store.running.row("fresh")
    assert mended.wake_version == mended.version > max(mended.signalled_version, mended.seen_version)


@pytest.mark.parametrize(
    ("table", "column", "says"),
    [
        ("leases", "until", "too far ahead"), ("parts", "seen_at", "too far ahead"),
        ("notices", "next_try_at", "too far ahead"),
    ],
)  # fmt: skip
@on_both
def test_what_would_be_silent_for_a_hundred_years_is_found(store: Store, table: str, column: str, says: str) -> None:  # noqa: F811  the fixture
    shown(store)
    store.damage(f"UPDATE {table} SET {column} = {column} + ?", HUNDRED_YEARS)
    assert any(column in said and says in said for said in tell(store))


@on_both
def test_a_board_that_says_something_else_is_found_and_filled_anew(store: Store) -> None:  # noqa: F811  the fixture
    system = store.running.system
    board: BoardView = system.board
    rows = board.deals(DealQuery())
    assert _in_views(system) == [] and len(rows) > 1
    for table in (table.name for table in metadata.sorted_tables if table.name in ("deals", "stalls")):
        column = "title" if table == "deals" else "stage"
        in_views(store, f"UPDATE {table} SET {column} = 'otherwise' WHERE deal_id = 'stalled'")
        assert [found.deal_id for found in _in_views(system)] == ["stalled"]
        board.refill()
        assert _in_views(system) == [] and board.deals(DealQuery()) == rows
    in_views(store, "DELETE FROM deals WHERE deal_id = 'fresh'")
    assert [found.deal_id for found in _in_views(system)] == ["fresh"]


def in_views(store: Store, statement: str) -> None:  # noqa: F811  the fixture
    from sqlalchemy import text

    with store.running.system.board._database.writing() as connection:  # noqa: SLF001  as somebody beside dealflow
        if store.url:
            connection.execute(text("SET LOCAL search_path TO dealflow_views"))
        connection.execute(text(statement))
