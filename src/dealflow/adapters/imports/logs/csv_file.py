"""An event log in CSV: the rows with one id are one deal, wherever they stand in the file; memory does not grow with them."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from dealflow.adapters.imports.cells import personal_columns, put_right
from dealflow.adapters.imports.csv.files import CsvFiles
from dealflow.adapters.imports.csv.joins import Lookup, joined, nearest_key, read_join
from dealflow.adapters.imports.csv.table import BadRow, CsvTable
from dealflow.adapters.imports.faults import named
from dealflow.adapters.imports.first_ones import FirstOnes
from dealflow.adapters.imports.logs.trace import MAX_EVENTS, Event, Names, Stray, Trace
from dealflow.adapters.imports.mapping.log import CASE
from dealflow.adapters.imports.mapping.model import LogMapping, first
from dealflow.application.imports.plans import ImportFinding
from dealflow.application.imports.progress import ImportWalk, OnProgress, nowhere
from dealflow.domain.values.phrase import NOTHING, Phrase, as_phrase, phrase
from dealflow.domain.values.text.spelling import normal_id

_ROWS_AT_ONCE = 5_000
_TABLE = "CREATE TABLE row (deal INTEGER, line INTEGER, cells TEXT, PRIMARY KEY (deal, line)) WITHOUT ROWID"
_IN_ORDER = "SELECT deal, line, cells FROM row ORDER BY deal, line"


class _Sorted(NamedTuple):
    """The rows under the numbers of their deals, the joined tables, and the rows that belong to none."""

    wanted: frozenset[str]
    rows: sqlite3.Connection
    lookups: list[Lookup]
    strays: list[Stray]
    deals: int


class CsvLog:
    """The rows of a table put together by their ids, with what the joined tables add to them."""

    def __init__(self, files: CsvFiles, mapping: LogMapping, progressed: OnProgress = nowhere) -> None:
        self.files, self.mapping = files, mapping
        self.path: Path = files.main.path
        self.digest, self._lines, self.given = files.identity
        self.share = 0.0
        self._progressed = progressed
        self._personal = frozenset(personal_columns(mapping))
        self._own_names = frozenset(files.main.header)
        self._last: _Sorted | None = None

    def place(self, _trace: Trace, _event: Event | None = None) -> Phrase:
        """A row is the whole place."""
        return NOTHING

    def row(self, trace: Trace, event: Event | None = None) -> str:
        """The number of the row behind the name of the file."""
        return f"{self.path.name}:{event.line if event is not None else trace.line}"

    def called(self, name: str) -> str:
        """What is asked of a deal is a column of its rows."""
        return ", ".join(self.files.column_of(one) for one in name.split(", "))

    def traces(
        self, of_trace: frozenset[str], of_event: frozenset[str], names: Names | None = None
    ) -> Iterator[Trace | Stray]:
        """Every deal with its rows in the order of the file; what is asked of a whole deal is its last filled cell."""
        columns = {f"{CASE}{name}": self.files.column_of(f"{CASE}{name}") for name in of_trace}
        own = {name.removeprefix(CASE): column for name, column in columns.items() if column.startswith(CASE)}
        if names is not None:
            names.of_events.update(self._known())
            names.of_traces.update({*own, *self._known()})
        found = self._in_order(of_event | frozenset(columns.values()))
        yield from found.strays
        number, deal, trace = 0, 0, None
        for deal_number, line, written in found.rows.execute(_IN_ORDER):
            if trace is None or deal_number != deal:
                if trace is not None:
                    yield trace
                number += 1
                self.share = number / found.deals
                deal, trace = deal_number, Trace(number, line)
            if len(trace.events) == MAX_EVENTS:
                trace.events_left_out += 1
                continue
            cells: dict[str, str] = json.loads(written)
            self._join(cells, found.lookups, trace.findings)
            trace.cells.update({name: cell for name, column in own.items() if (cell := cells.pop(column, ""))})
            trace.events.append(Event(len(trace.events) + 1, line, cells))
        if trace is not None:
            yield trace

    def nearest(self, place: str, value: str) -> str | None:
        """The key of a joined table that is most like the value."""
        return nearest_key(self._last.lookups, place, value) if self._last is not None else None

    def _known(self) -> list[str]:
        """The columns, those of joined tables with their names."""
        tables = self.files.tables
        of_joins = (f"{join.table}.{name}" for join in self.files.records.joins for name in tables[join.table].header)
        return [*self.files.main.header, *of_joins]

    def _in_order(self, wanted: frozenset[str]) -> _Sorted:
        """The rows in a file that is gone when nobody reads it any more; the same for what was asked before."""
        if self._last is None or self._last.wanted != wanted:
            tables, strays = self.files.tables, list[Stray]()

            def bad(table: CsvTable, row: BadRow, _prefix: str) -> None:
                strays.append(Stray(row.number, as_phrase(row.reason), row.field, row.value, table.path.name))

            lookups = [read_join(join, tables[join.table], wanted, bad) for join in self.files.records.joins]
            rows = sqlite3.connect("")
            rows.execute("PRAGMA journal_mode = OFF")
            rows.execute(_TABLE)
            numbers = FirstOnes()
            found = self._rows(wanted, lookups, strays, numbers)
            while batch := list(islice(found, _ROWS_AT_ONCE)):
                rows.executemany("INSERT INTO row VALUES (?, ?, ?)", batch)
            self._last = _Sorted(wanted, rows, lookups, strays, numbers.different)
        return self._last

    def _rows(
        self, wanted: frozenset[str], lookups: list[Lookup], strays: list[Stray], numbers: FirstOnes
    ) -> Iterator[tuple[int, int, str]]:
        keys = frozenset(lookup.join.cell.name for lookup in lookups)
        for done, row in enumerate(self.files.main.rows(wanted | keys)):
            self._progressed(ImportWalk.SORT, done, max(self._lines, done))
            if isinstance(row, BadRow):
                reason = as_phrase(row.reason)
                strays.append(Stray(row.number, reason, row.field, row.value, is_no_event=row.is_no_record))
                continue
            put_right(row.cells, self.mapping.corrections)
            given = self._id(row.cells, lookups)
            if not given:
                strays.append(
                    Stray(row.number, phrase("the row names no deal"), self.called(named(self.mapping.deal.id)))
                )
                continue
            yield numbers.of(given, numbers.different + 1), row.number, json.dumps(row.cells, ensure_ascii=False)

    def _id(self, cells: dict[str, str], lookups: list[Lookup]) -> str:
        names = [column.name for template in self.mapping.deal.id for column in template.columns]
        columns = {name: self.files.column_of(name) for name in names}
        if not self._own_names.issuperset(columns.values()):
            cells = dict(cells)
            self._join(cells, lookups, [])
        return normal_id(first(self.mapping.deal.id, {name: cells.get(columns[name], "") for name in names}) or "")

    def _join(self, cells: dict[str, str], lookups: list[Lookup], findings: list[ImportFinding]) -> None:
        if lookups:
            own = frozenset(cells)
            found = joined(cells, lookups, self._shown)
            put_right(cells, self.mapping.corrections, but=own)
            findings += (one for one in found if one not in findings)

    def _shown(self, column: str, value: str) -> str:
        return "" if column in self._personal else value
