"""Sealing a store as it stands: every stream with its length, every command and notice, and a mark on each row that changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from pydantic_core import to_json

from dealflow.adapters.store.seal.chain import SealHead, SealRow, head_of, next_seal
from dealflow.adapters.store.seal.digests import digest_of_row, positions_digest
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.seal.marks import MARKED_TABLES, mark_of

Row = Mapping[str, Any]
# A statement with `?` for a value, its values, and the rows that it returns; all in one transaction.
Execute = Callable[[str, Sequence[Any]], Sequence[Row]]
_PAGE = 500
_NAMES = """
    SELECT originator_id, MAX(originator_version) AS length FROM stored_events WHERE originator_id > ?
    GROUP BY originator_id ORDER BY originator_id LIMIT ?"""
_PLACES = """
    SELECT originator_id, {position} AS position FROM stored_events WHERE originator_id > ? AND originator_id <= ?
    ORDER BY originator_id, originator_version"""
_LAST_STATES = """
    SELECT one.originator_id, one.state FROM stored_events AS one JOIN (
        SELECT originator_id, MAX(originator_version) AS length FROM stored_events
        WHERE originator_id > ? AND originator_id <= ? GROUP BY originator_id
    ) AS last ON last.originator_id = one.originator_id AND last.length = one.originator_version"""
_COMMANDS = "SELECT command_id, content, answer FROM commands WHERE command_id > ? ORDER BY command_id LIMIT ?"
_NOTICES = "SELECT key, recipient, batch, notice, created_at FROM notices WHERE key > ? ORDER BY key LIMIT ?"
_ADD_SEAL = "INSERT INTO seals (number, key_id, content, seal) VALUES (?, ?, ?, ?)"


def seal_as_it_stands(
    execute: Execute, keys: SealKeys, head: SealHead, *, position: str, at: int, reason: str
) -> SealHead:
    """Begin a chain behind this head, by a new key; `at` in microseconds; return the new head.

    The key is kept last: whoever is ended amid it leaves none, and the file has only keys that something was sealed with.
    """
    key_id = keys.draw()
    secret = keys.get(key_id)
    for part in ({"begun": (at, reason)}, *_streams(execute, position), *_commands(execute), *_notices(execute)):
        row: SealRow = next_seal(secret, head, key_id, to_json(part).decode())
        execute(_ADD_SEAL, row)
        head = head_of(row)
    for table in MARKED_TABLES:
        everything = f"SELECT * FROM {table.name} WHERE {table.key} > ? ORDER BY {table.key} LIMIT ?"  # noqa: S608  nothing in it comes from outside
        for page in _pages(execute, everything, table.key):
            for known in page:
                mark = mark_of(secret, key_id, table, known, known["changes"])
                execute(table.put_mark, (known["changes"], mark, known[table.key]))
    keys.keep(key_id)
    return head


def _streams(execute: Execute, position: str) -> Iterator[dict[str, Any]]:
    after = ""
    for page in _pages(execute, _NAMES, "originator_id"):
        between = (after, page[-1]["originator_id"])
        states = {row["originator_id"]: bytes(row["state"]) for row in execute(_LAST_STATES, between)}
        places: dict[str, list[int]] = {name: [] for name in states}
        for row in execute(_PLACES.format(position=position), between):
            places[row["originator_id"]].append(row["position"])
        yield {
            "streams": [
                (name, row["length"], sha256(states[name]).hexdigest(), positions_digest(places[name]))
                for row in page
                for name in [row["originator_id"]]
            ]
        }
        after = between[1]


def _commands(execute: Execute) -> Iterator[dict[str, Any]]:
    for page in _pages(execute, _COMMANDS, "command_id"):
        yield {"commands": [(row["command_id"], digest_of_row(row["content"], row["answer"])) for row in page]}


def _notices(execute: Execute) -> Iterator[dict[str, Any]]:
    for page in _pages(execute, _NOTICES, "key"):
        yield {
            "notices": [
                (row["key"], digest_of_row(row["recipient"], row["batch"], row["notice"], row["created_at"]))
                for row in page
            ]
        }


def _pages(execute: Execute, statement: str, key: str) -> Iterator[Sequence[Row]]:
    after = ""
    while page := execute(statement, (after, _PAGE)):
        yield page
        after = page[-1][key]
