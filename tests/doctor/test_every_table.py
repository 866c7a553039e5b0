"""Whatever is done to whichever table beside dealflow is found, or the page on the seal says that it cannot be."""

import re
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest

from dealflow.adapters.store.rows.tables import CREATE_TABLES
from tests.doctor.tampered_store import TABLES, TamperedStore
from tests.support.paths import ROOT

_EVENTS = {
    "originator_id": "text",
    "originator_version": "integer",
    "topic": "text",
    "state": "blob",
}
SEAL_PAGE = (ROOT / "docs" / "operations" / "seal.md").read_text(encoding="utf-8")
# What nothing covers, as the page says: whole tables, and else single columns or acts.
NOT_COVERED = {"parts", "known_server", "store_version", "store_identity", "personal_keys_known"}
NOT_FOUND: set[tuple[str, str]] = {
    ("personal_keys", "reason"),
    # Nobody is told or kept out by them, and nothing follows from one more or less.
    ("notice_batches", "added"), ("notice_batches", "removed"), ("leases", "added"), ("leases", "removed"), ("leases", "name"),
    # Says only which of several wakes comes first.
    ("deal_schedule", "wake_at"),
}  # fmt: skip
WEIRD: dict[str, Any] = {
    "nothing": None,
    "a text": "?",
    "no text": "",
    "a number": 7,
    "a huge number": 2**62,
    "a fraction": 1.5,
    "bytes": b"\x00\xff\x07",
    "letters": "字",
    "a short digest": "0f",
    "a long digest": "0f" * 40,
    "a whole book": "x" * 100_000,
}


def columns_of(table: str) -> dict[str, str]:
    """Each column with its kind, as the definitions say."""
    if table == "stored_events":
        return _EVENTS
    [body] = [
        found[2]
        for each in CREATE_TABLES
        if (found := re.match(rf"CREATE TABLE IF NOT EXISTS ({table}) \((.*)\)", each, re.DOTALL))
    ]
    return dict(re.findall(r"(\w+) \{(text|integer)\}", body))


def keys_of(table: str) -> list[str]:
    return list(columns_of(table))[: 2 if table == "stored_events" else 1]


def first_row(store: TamperedStore, table: str) -> dict[str, Any]:
    names = list(columns_of(table))
    order = "subject" if table == "personal_keys" else f"{keys_of(table)[0]} DESC"
    [row] = store.run(f"SELECT {', '.join(names)} FROM {table} ORDER BY {order} LIMIT 1")
    return dict(zip(names, row, strict=True))


def put(store: TamperedStore, table: str, row: dict[str, Any], column: str, value: object) -> bool:
    where = " AND ".join(f"{key} = ?" for key in keys_of(table))
    try:
        store.run(f"UPDATE {table} SET {column} = ? WHERE {where}", value, *(row[key] for key in keys_of(table)))
    except Exception:  # noqa: BLE001  this database does not take it
        return False
    return True


def another(kind: str, value: object) -> object:
    """A value of the same kind that this one is not."""
    if kind == "text":
        return f"{value or ''}x"
    if kind == "integer":
        return (value if isinstance(value, int) else 0) + 1
    return bytes(value) + b" "  # type: ignore[call-overload]


def changes(store: TamperedStore, table: str) -> Iterator[str]:
    """Each way in which a row can be changed, which is done when it is named."""
    row = first_row(store, table)
    for column, kind in columns_of(table).items():
        if put(store, table, row, column, another(kind, row[column])):
            yield column
    key = keys_of(table)[-1]
    added = {**row, key: another(columns_of(table)[key], row[key])}
    marks = ", ".join("?" for _ in added)
    store.run(f"INSERT INTO {table} ({', '.join(added)}) VALUES ({marks})", *added.values())
    yield "added"
    where = " AND ".join(f"{name} = ?" for name in keys_of(table))
    store.run(f"DELETE FROM {table} WHERE {where}", *(row[name] for name in keys_of(table)))
    yield "removed"


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_altered_added_removed_or_moved_is_found(store: TamperedStore, table: str) -> None:
    if table in NOT_COVERED:
        assert f"`{table}`" in SEAL_PAGE
        return
    unheard = []
    for change in changes(store, table):
        if not store.findings() and (table, change) not in NOT_FOUND:
            unheard.append(change)
        store.put_back()
    assert unheard == []


def stands(store: TamperedStore, table: str, *, each: int) -> None:
    """Put strange values into the columns of a row, in turn; `each`: so many of them into every column, going round."""
    row = first_row(store, table)
    names = cycle(WEIRD)
    for column, kind in columns_of(table).items():
        for name in islice(names, each):
            value = WEIRD[name]
            if value == row[column] or not put(store, table, row, column, value):
                continue
            found = store.findings()
            assert not any("could not be checked" in one for one in found), (column, name, found)
            is_of_kind = {"text": str, "integer": int, "blob": bytes}[kind]
            if table == "stored_events":
                stream, version = row["originator_id"], row["originator_version"]
                assert any(stream in one and str(version) in one for one in found), (column, name, found)
            elif not isinstance(value, is_of_kind) and value is not None and not store.url and table not in NOT_COVERED:
                kept = store.run(f"SELECT typeof({column}) FROM {table}")
                assert found or ("text",) in kept or ("integer",) in kept, (column, name)
            store.put_back()


@pytest.mark.parametrize("table", TABLES)
def test_whatever_stands_in_a_column_is_a_finding_and_no_error(store: TamperedStore, table: str) -> None:
    stands(store, table, each=2)


@pytest.mark.soak
@pytest.mark.parametrize("table", TABLES)
def test_each_value_in_each_column_is_a_finding_and_no_error(store: TamperedStore, table: str) -> None:
    stands(store, table, each=len(WEIRD))
