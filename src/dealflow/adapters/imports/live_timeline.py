"""The entries of a live feed sorted by time, in a temporary database on disk that nobody else can read and that goes with it."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from dealflow.adapters.store.instants import to_micros
from dealflow.application.imports.feeding_lanes import FeedEntry
from dealflow.domain.deal.commands import Envelope

_PAGE = 500


class LiveTimeline:
    """A Timeline; a context manager, and then gone. The log itself is sorted by trace."""

    def __init__(self) -> None:
        # No name: a file of the system's temporary folder that is removed as soon as it is open.
        self._database = sqlite3.connect("")
        self._database.execute("CREATE TABLE deals (deal_id TEXT NOT NULL, version INTEGER NOT NULL)")
        self._database.execute(
            "CREATE TABLE entries (at INTEGER NOT NULL, envelope TEXT NOT NULL, file TEXT, line INTEGER, last INTEGER)"
        )
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, deal_id: str, version: int, entries: Sequence[tuple[datetime, FeedEntry]]) -> None:
        self._database.execute("INSERT INTO deals VALUES (?, ?)", (deal_id, version))
        rows = [
            (to_micros(at), entry.envelope.model_dump_json(), entry.file, entry.row, entry.last)
            for at, entry in entries
        ]
        self._database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", rows)
        self._count += len(rows)

    def entries(self) -> Iterator[FeedEntry]:
        found = self._rows("SELECT envelope, file, line, last FROM entries ORDER BY at, rowid")
        for envelope, file, line, last in found:
            yield FeedEntry(Envelope.model_validate_json(envelope), file, line, bool(last))

    def deals(self) -> Iterator[tuple[str, int]]:
        found = self._rows("SELECT deal_id, version FROM deals ORDER BY rowid")
        return ((deal_id, version) for deal_id, version in found)

    def count(self) -> int:
        return self._count

    def _rows(self, statement: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._database.execute(statement)
        while rows := cursor.fetchmany(_PAGE):
            yield from rows
