"""Rows of our own tables that dealflow never writes: an empty or foreign value, an instant that cannot be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from dealflow.adapters.store.database import Database, Row
from dealflow.adapters.store.instants import from_micros, to_micros
from dealflow.adapters.store.rows.tables import CREATE_TABLES
from dealflow.application.audit.rows import DamagedRow
from dealflow.domain.values.phrase import NOTHING, Phrase, counted, phrase

_PAGE = 1000
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+) \((.*)\)", re.DOTALL)
_COLUMN = re.compile(r"(\w+) \{(text|integer)\}( NOT NULL| PRIMARY KEY)?")
_INSTANTS = frozenset({"next_due", "since", "until", "store_since", "temporal_since"})
# By the database's clock; the others are stamps of commands.
_OF_PARTS = frozenset({"parts", "leases", "known_server"})
_AHEAD = timedelta(minutes=10)
# No retry, digest or quiet hour waits longer.
_LONGEST_WAIT = timedelta(days=8)
_LATEST = to_micros(datetime(9998, 1, 1, tzinfo=UTC))
_EMPTY_EVENTS = """
    SELECT COUNT(*) AS number FROM stored_events
    WHERE originator_id IS NULL OR originator_version IS NULL OR topic IS NULL OR state IS NULL"""


class _Column(NamedTuple):
    name: str
    kind: str
    must: bool


class _Shape(NamedTuple):
    table: str
    columns: tuple[_Column, ...]


def damaged_rows(database: Database, now: datetime) -> Iterator[DamagedRow]:
    """Every such row, table by table, a page at a time; `now` is the database's clock."""
    if empty := int(database.select(_EMPTY_EVENTS)[0]["number"]):
        says = counted("{n} event has an empty column", "{n} events have an empty column", empty)
        yield DamagedRow("stored_events", "", says)
    for shape in _shapes():
        key = shape.columns[0].name
        for row in _rows(database, shape.table, key):
            for column in shape.columns:
                if why := _fault(shape.table, column, row, now):
                    says = phrase("{column} {why}", column=column.name, why=why)
                    yield DamagedRow(shape.table, str(row[key]), says)


def _shapes() -> Iterator[_Shape]:
    for statement in CREATE_TABLES:
        if table := _TABLE.search(statement):
            columns = (_Column(name, kind, bool(must)) for name, kind, must in _COLUMN.findall(table[2]))
            yield _Shape(table[1], tuple(columns))


def _rows(database: Database, table: str, key: str) -> Iterator[Row]:
    start = 0
    asked = f"SELECT * FROM {table} ORDER BY {key} LIMIT ? OFFSET ?"  # noqa: S608  both are of our own statements
    while page := database.select(asked, (_PAGE, start)):
        yield from page
        start += len(page)


def _fault(table: str, column: _Column, row: Row, now: datetime) -> Phrase:
    value = row[column.name]
    if value is None:
        return phrase("is empty") if column.must else NOTHING
    if column.kind == "text":
        return NOTHING if isinstance(value, str) else phrase("is no text")
    if not isinstance(value, int):
        return phrase("is no number")
    if column.name in _INSTANTS or column.name.endswith("_at"):
        return _fault_of_instant(table, column.name, value, row, now)
    if column.name == "in_progress" and value not in (0, 1):
        return phrase("is neither 0 nor 1")
    return phrase("is less than 0") if value < 0 and column.name != "clock_ahead" else NOTHING


def _fault_of_instant(table: str, name: str, value: int, row: Row, now: datetime) -> Phrase:
    if not 0 <= value <= _LATEST:
        return phrase("is no instant")
    latest = now + _AHEAD if table in _OF_PARTS else None
    if name == "next_try_at" and row["state"] == "waiting":
        latest = max(now, _instant(row["created_at"], now)) + _LONGEST_WAIT
    if latest is not None and value > to_micros(latest):
        return phrase("is {at}, which is too far ahead", at=from_micros(value).isoformat(timespec="seconds"))
    return NOTHING


def _instant(value: Any, otherwise: datetime) -> datetime:
    return from_micros(value) if isinstance(value, int) and 0 <= value <= _LATEST else otherwise
