"""CSV files with a mapping read into plans, deal by deal, in the order of the file."""

from collections.abc import Iterator
from datetime import datetime

from dealflow.adapters.files.located_yaml import Problems
from dealflow.adapters.imports.acts import HasDeal, none_before
from dealflow.adapters.imports.cells import personal_columns, put_right
from dealflow.adapters.imports.columns.look import ColumnsLook
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.csv.files import CsvFiles, asked, identity
from dealflow.adapters.imports.csv.joins import Lookup, joined, nearest_key, read_join
from dealflow.adapters.imports.csv.table import BadRow, CsvTable, TableRow
from dealflow.adapters.imports.faults import RecordFault, named
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.model import first
from dealflow.adapters.imports.records import RecordReader
from dealflow.adapters.imports.rejects import shortened
from dealflow.application.imports.plans import DealPlan, Reject, Shift
from dealflow.domain.values.phrase import as_phrase, phrase
from dealflow.domain.values.text.spelling import normal_id


def must_be_one_row_each(files: CsvFiles, now: datetime) -> None:
    """Raise ImportInvalid where most rows are of deals that had a row before: that is an event log or a stage history."""
    reader = RecordReader(files.mapping, now, ColumnForms())
    ids: set[str] = set()
    rows = 0
    for row in files.main.rows(frozenset(column.name for column in asked(files))):
        if not isinstance(row, TableRow):
            continue
        put_right(row.cells, files.mapping.corrections)
        if reader.is_taken(row.cells) and (given := first(files.mapping.deal.id, row.cells)):
            rows += 1
            ids.add(normal_id(given))
    again = rows - len(ids)
    if again < 2 or 2 * again < rows:
        return
    problems = Problems(str(files.main.path))
    wrong = phrase(
        "{rows:,} rows have {ids:,} ids: several rows of one deal are an event log or a stage history",
        rows=rows,
        ids=len(ids),
    )
    right = phrase("import it with `dealflow import log-csv`")
    problems.add((1, 1), "several-rows", wrong, right)
    raise ImportInvalid(problems.found)


def must_hold_records(files: CsvFiles) -> None:
    """Raise ImportInvalid where the main table is a header and no more, which is no export of any deals."""
    if next(files.main.rows(frozenset()), None) is None:
        problems = Problems(str(files.main.path))
        problems.add((1, 1), "no-records", phrase("the file has no row beneath its header"))
        raise ImportInvalid(problems.found)


def look_at(files: CsvFiles) -> ColumnsLook:
    """Every typed column of these files, with the rows that are joined, gone through once."""
    look = ColumnsLook(files.mapping, frozenset(personal_columns(files.mapping)))
    for row in _rows_of_deals(files):
        look.add(row.cells, phrase("row {row}", row=row.number))
    return look


def plan_csv(
    files: CsvFiles, *, now: datetime, forms: ColumnForms, shift: Shift | None = None, has_deal: HasDeal = none_before
) -> "CsvPlans":
    """The plans of these files as of `now`; each time they are gone through the files are read anew."""
    return CsvPlans(files, RecordReader(files.mapping, now, forms, shift, has_deal))


def latest_instant(files: CsvFiles, forms: ColumnForms, now: datetime) -> datetime | None:
    """The latest instant that a row names; None when none does."""
    reader = RecordReader(files.mapping, now, forms)
    latest: datetime | None = None
    for row in _rows_of_deals(files):
        for instant in reader.instants(row.cells):
            latest = instant if latest is None or instant > latest else latest
    return latest


def _rows_of_deals(files: CsvFiles) -> Iterator[TableRow]:
    """The rows that can be read, with the cells of joined tables, put right."""
    wanted = frozenset(column.name for column in asked(files))
    tables, corrections = files.tables, files.mapping.corrections
    lookups = [read_join(join, tables[join.table], wanted, _told_later) for join in files.records.joins]
    for row in files.main.rows(wanted):
        if isinstance(row, TableRow):
            put_right(row.cells, corrections)
            own = frozenset(row.cells)
            joined(row.cells, lookups, lambda _, value: value)
            put_right(row.cells, corrections, but=own)
            yield row


def _told_later(_table: CsvTable, _row: BadRow, _prefix: str) -> None:
    """A row that cannot be read is told when the plans are made."""


class CsvPlans:
    """Every row of the main table as a plan or a reject; joined tables are kept in memory, rows are not."""

    def __init__(self, files: CsvFiles, reader: RecordReader) -> None:
        self.files = files
        self.reader = reader
        self.source = files.mapping.source
        self.process = str(files.mapping.process.ref)
        self.batch, self.total, self.given = identity(files)
        names = {column.name for column in asked(files)}
        self.wanted = frozenset(names)
        self.passed_over = 0  # rows that the mapping does not take
        self._lookups: list[Lookup] = []

    def nearest(self, place: str, value: str) -> str | None:
        """The key of a joined table that is most like the value."""
        return nearest_key(self._lookups, place, value)

    def __iter__(self) -> Iterator[DealPlan | Reject]:
        unread: list[Reject] = []

        def bad(table: CsvTable, row: BadRow, prefix: str) -> None:
            unread.append(self._reject(table.path.name, row, prefix))

        tables = self.files.tables
        lookups = [read_join(join, tables[join.table], self.wanted, bad) for join in self.files.records.joins]
        yield from unread
        self.passed_over, self._lookups = 0, lookups
        file = self.files.main.path.name
        # A row number for each id: the one thing that grows with the file.
        seen: dict[str, int] = {}
        given_otherwise: set[str] = set()
        for row in self.files.main.rows(self.wanted):
            if isinstance(row, BadRow):
                yield self._reject(file, row)
                continue
            put_right(row.cells, self.files.mapping.corrections)
            own = frozenset(row.cells)
            findings = joined(row.cells, lookups, self.reader.value_of)
            put_right(row.cells, self.files.mapping.corrections, but=own)
            if not self.reader.is_taken(row.cells):
                self.passed_over += 1
                continue
            try:
                plan = self.reader.plan(row.cells, file, row.number, findings, row.padded)
            except RecordFault as fault:
                yield self.reader.rejected(fault, file, row.number, deal_id=self._id_of(row))
                continue
            id_place = named(self.files.mapping.deal.id)
            given = next((change.given for change in plan.respelled if change.place == id_place), None)
            if given is not None:
                given_otherwise.add(plan.deal_id)
            if (first_row := seen.setdefault(plan.deal_id, row.number)) != row.number:
                reason = (
                    phrase("the id is that of an earlier row: only blanks or what nobody sees differ")
                    if plan.deal_id in given_otherwise
                    else phrase("the id stands in an earlier row already")
                )
                yield Reject(
                    file=file,
                    row=row.number,
                    field=id_place,
                    reason=reason,
                    value=shortened(given or plan.deal_id),
                    deal_id=plan.deal_id,
                    place=phrase("{file}, row {row}; first in row {first}", file=file, row=row.number, first=first_row),
                )
                continue
            yield plan

    def _id_of(self, row: TableRow) -> str | None:
        try:
            return self.reader.deal_id(row.cells)
        except RecordFault:
            return None

    def _reject(self, file: str, row: BadRow, prefix: str = "") -> Reject:
        value = self.reader.value_of(f"{prefix}{row.field}" if row.field else "", row.value)
        return Reject(
            file=file,
            row=row.number,
            field=row.field,
            reason=as_phrase(row.reason),
            value=value,
            costs="nothing" if row.is_no_record else "deal",
            records=0 if row.is_no_record else 1,
        )
