"""What the seal costs: commands one at a time and appends in batches, sealed and not, in alternating pairs in one process."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from time import perf_counter
from typing import Any
from unittest.mock import patch

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder
from psycopg.sql import SQL

from bench.callers import PIECES, Callers, opened
from bench.measuring import Measure, in_turn
from bench.rig import Rig
from dealflow.adapters.clock import SystemClock
from dealflow.adapters.store.events import event_store
from dealflow.adapters.store.postgres import database as postgres
from dealflow.adapters.store.postgres.sealed_append import ALONE, EVENTS
from dealflow.adapters.store.rows import tables
from dealflow.adapters.store.sqlite import database as sqlite
from dealflow.application.ports.store import EventStore
from tests.support.stores.appends import append, notice, wants

BATCH = 50
CALLERS = 32
SINGLE, IN_BATCHES = 0.95, 0.85
_LOCK = SQL("{}; NOTIFY stored_events").format(ALONE)
_INSERT = SQL(
    "INSERT INTO {} (originator_id, originator_version, topic, state)"
    " SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[])"
).format(EVENTS)


@contextmanager
def unsealed() -> Iterator[None]:
    """Within the block nothing that is appended is sealed; such a store cannot be checked afterwards."""
    with (
        patch.object(event_store, "unsealed", lambda *_: ()),
        patch.object(tables, "_PUT_SCHEDULE_MARKED", tables.PUT_SCHEDULE),
        patch.object(tables, "_PUT_HELD_MARKED", tables.PUT_HELD),
        patch.object(sqlite._Recorder, "_insert_events", _on_sqlite),  # noqa: SLF001  the one place that seals
        patch.object(postgres, "append_sealed", _on_postgres),
    ):
        yield


def _on_sqlite(self: Any, cursor: Any, events: Sequence[StoredEvent], *, rows: Any = None, **_: Any) -> None:
    if rows:
        rows.write(lambda statement, _, some: sqlite._put(cursor, statement, some))  # noqa: SLF001  as it was
    SQLiteApplicationRecorder._insert_events(self, cursor, events)  # noqa: SLF001  as it was


def _on_postgres(connection: Any, _seal: Any, events: Sequence[StoredEvent], _unsealed: Any) -> None:
    if events:
        connection.execute(_LOCK, prepare=False)
        rows = [(e.originator_id, e.originator_version, e.topic, e.state) for e in events]
        connection.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])


def measure(rig: Rig) -> Iterator[Measure]:
    """On both databases; of each pair the ratio is taken, and the median of all ratios is told."""
    rounds = rig.sized(25, 1)
    for name, url in (("SQLite", ""), ("PostgreSQL", rig.new_database())):
        with ExitStack() as kept:
            system = kept.enter_context(opened(rig.new_folder(), url))
            callers, numbers = Callers(system), count(1)
            acts: tuple[tuple[str, Callable[[], float], float], ...] = (
                ("one command at a time", lambda callers=callers: _commands(callers), SINGLE),  # type: ignore[misc]
                (f"{CALLERS} callers at a time", lambda callers=callers: _together(callers), IN_BATCHES),  # type: ignore[misc]
                (f"{BATCH} appends at a time", lambda: _batches(system.store, numbers), IN_BATCHES),  # noqa: B023  used in its turn
            )
            for what, act, goal in acts:
                act()
                found = in_turn({"sealed": act, "plain": lambda act=act: _without(act)}, rounds)  # type: ignore[misc]
                yield Measure(
                    f"sealed, {name}: {what}",
                    found.rate("sealed"),
                    "1/s",
                    "without a seal",
                    found.rate("plain"),
                    f"median of {rounds} pairs",
                    least_ratio=goal,
                    paired=found.ratio("sealed", "plain"),
                )


def _without(act: Callable[[], float]) -> float:
    with unsealed():
        return act()


def _commands(callers: Callers) -> float:
    deals = [callers.open() for _ in range(4)]
    begun = perf_counter()
    for deal in deals:
        callers.record_all(deal)
    return len(deals) * PIECES / (perf_counter() - begun)


def _together(callers: Callers) -> float:
    """Commands that share transactions, as those of one process do."""
    deals = [callers.open() for _ in range(CALLERS)]
    with ThreadPoolExecutor(CALLERS) as pool:
        begun = perf_counter()
        list(pool.map(callers.record_all, deals))
        return CALLERS * PIECES / (perf_counter() - begun)


def _batches(store: EventStore, numbers: Iterator[int]) -> float:
    times = 4
    begun = perf_counter()
    for _ in range(times):
        some, now = [next(numbers) for _ in range(BATCH)], SystemClock().now()
        store.append(
            [
                append(
                    f"b-{n}", facts=2, command=f"b-{n}", notices=[notice(f"b-{n}")], schedule=wants(due_hours=1), at=now
                )
                for n in some
            ]
        )
    return times * BATCH / (perf_counter() - begun)
