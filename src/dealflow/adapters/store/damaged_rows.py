"""Rows of our own tables that dealflow never writes: an empty or foreign value, an instant that cannot be."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from dealflow.adapters.store.database import Database, Row
from dealflow.adapters.store.instants import from_micros, to_micros
from dealflow.adapters.store.rows.tables import CREATE_TABLES
from dealflow.application.audit.rows import DamagedRow
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase

_PAGE = 1000
_MOST_SHOWN = 80
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+) \((.*)\)", re.DOTALL)
_COLUMN = re.compile(r"(\w+) \{(text|integer)\}( NOT NULL| PRIMARY KEY)?")
_INSTANTS = frozenset({"next_due", "since", "until", "store_since", "temporal_since"})
# By the database's clock; the others are stamps of commands.
_OF_PARTS = frozenset({"parts", "leases", "known_server"})
_AHEAD = timedelta(minutes=10)
# No retry, digest or quiet hour waits longer.
_LONGEST_WAIT = timedelta(days=8)
_LATEST = to_micros(datetime(9998, 1, 1, tzinfo=UTC))
_COLUMNS_OF_EVENTS = ("originator_id", "originator_version", "topic", "state")


class _Column(NamedTuple):
    name: str
    kind: str
    must: bool


class _Shape(NamedTuple):
    table: str
    columns: tuple[_Column, ...]


def damaged_rows(database: Database, now: datetime) -> Iterator[DamagedRow]:
    """Every such row, table by table, a page at a time; `now` is the database's clock."""
    yield from _damaged_events(database)
    for shape in _shapes():
        key = shape.columns[0].name
        for row in _rows(database, shape.table, key):
            for column in shape.columns:
                if why := _fault(shape.table, column, row, now):
                    says = phrase("{column} {why}", column=column.name, why=why)
                    yield DamagedRow(shape.table, _short(row[key]), says)


def _damaged_events(database: Database) -> Iterator[DamagedRow]:
    """Events with a value of another kind than dealflow writes, each by its stream and version as its row says them."""
    for row in database.select(database.damaged_events):
        wrong = [column for column in _COLUMNS_OF_EVENTS if row[f"{column}_is_wrong"]]
        stream, version = row["originator_id"], row["originator_version"]
        says = phrase(
            "event {version} of {stream} has no such value as dealflow writes in {columns}",
            version=_short(version),
            stream=_short(stream),
            columns=", ".join(wrong),
        )
        yield DamagedRow(
            "stored_events",
            f"{_short(stream)} {_short(version)}",
            says,
            stream if isinstance(stream, str) else "",
            version if isinstance(version, int) else None,
        )


def _short(value: Any) -> str:
    return str(value)[:_MOST_SHOWN]


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
