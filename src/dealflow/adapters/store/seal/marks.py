"""The mark of a row that changes: a keyed digest over what it says and how often it was changed."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dealflow.adapters.store.canonical import canonical
from dealflow.adapters.store.seal.keys import SealKeys


@dataclass(frozen=True, slots=True)
class MarkedTable:
    """A table whose rows change: the column that names a row, and the columns that a mark covers."""

    name: str
    key: str
    columns: tuple[str, ...]
    new: Callable[[Mapping[str, Any]], bool]  # whether an unmarked row is as an append or a first writer has made it

    def is_new(self, row: Mapping[str, Any]) -> bool:
        """Whether a row that has no mark needs none."""
        return not row["mark"] and not row["changes"] and self.new(row)

    @property
    def put_mark(self) -> str:
        """The statement that writes changes and mark of the row with a key, in this order."""
        return f"UPDATE {self.name} SET changes = ?, mark = ? WHERE {self.key} = ?"  # noqa: S608  nothing in it comes from outside

    @property
    def returned(self) -> str:
        """What a change must return for its rows to be marked."""
        return ", ".join((self.key, *self.columns, "changes"))


# What an append decides of a schedule row stands in the append's own seal; these columns are the engine's.
SCHEDULE_ROWS = MarkedTable(
    "deal_schedule",
    "deal_id",
    ("signalled_version", "signalled_at", "seen_version", "armed_at"),
    lambda row: (
        not row["signalled_version"]
        and not row["seen_version"]
        and row["signalled_at"] is None
        and row["armed_at"] is None
    ),
)
NOTICE_ROWS = MarkedTable(
    "notices",
    "key",
    ("state", "attempts", "next_try_at", "last_error", "channel", "done_at"),
    lambda row: (row["state"], row["attempts"], row["next_try_at"]) == ("waiting", 0, row["created_at"]),
)
BATCH_ROWS = MarkedTable("notice_batches", "batch", ("finished_at",), lambda row: row["finished_at"] is None)
# A lease may be taken before the first append, which brings the first key.
LEASE_ROWS = MarkedTable("leases", "name", ("holder", "since", "until"), lambda _: True)
HELD_ROWS = MarkedTable("unique_values", "key", ("base", "revision", "holders"), lambda _: False)
MARKED_TABLES = (HELD_ROWS, SCHEDULE_ROWS, NOTICE_ROWS, BATCH_ROWS, LEASE_ROWS)


def mark_of(secret: bytes, key_id: str, table: MarkedTable, row: Mapping[str, Any], changes: int) -> str:
    """The key's id and the HMAC-SHA256 over table, row and number of changes."""
    # SQLite takes any value in any column, and what is no text and no number is damaged.
    columns = (table.key, *table.columns)
    key, *values = (value if isinstance(value := row[column], str | int | None) else repr(value) for column in columns)
    said = b"row\n" + canonical([table.name, key, changes, *values])
    return f"{key_id}:{hmac.digest(secret, said, 'sha256').hex()}"


def changes_of(row: Mapping[str, Any]) -> int:
    """How often it was changed; 0 where somebody has put something else there."""
    return row["changes"] if isinstance(row["changes"], int) else 0


def mark_holds(keys: SealKeys, table: MarkedTable, row: Mapping[str, Any]) -> bool | None:
    """Whether the row's own mark is of this row; None where its key is not here."""
    mark = str(row["mark"])
    key_id = mark.partition(":")[0]
    secret = keys.find(key_id) if key_id else None
    if key_id and secret is None:
        return None
    return secret is not None and mark == mark_of(secret, key_id, table, row, changes_of(row))
