"""The first walk through tables, before anything is written: each column as a whole, and whether a row is a deal."""

from collections.abc import Iterator
from datetime import datetime

from dealflow.adapters.files.located_yaml import Problems
from dealflow.adapters.imports.cells import personal_columns, put_right
from dealflow.adapters.imports.columns.look import ColumnsLook
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.csv.files import CsvFiles, asked
from dealflow.adapters.imports.csv.joins import joined, read_join
from dealflow.adapters.imports.csv.table import BadRow, CsvTable, TableRow
from dealflow.adapters.imports.first_ones import FirstOnes
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.model import first
from dealflow.adapters.imports.records import RecordReader
from dealflow.application.imports.progress import ImportWalk, OnProgress, nowhere
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.spelling import normal_id


def look_at(files: CsvFiles, now: datetime, progressed: OnProgress = nowhere) -> ColumnsLook:
    """Every typed column of these files, with the rows that are joined, gone through once.

    ImportInvalid where most rows are of deals that had a row before: that is an event log or a stage history.
    """
    look = ColumnsLook(files.mapping, frozenset(personal_columns(files.mapping)))
    reader, ids = RecordReader(files.mapping, now, ColumnForms()), FirstOnes()
    rows = 0
    total = files.identity.total
    for number, row in enumerate(_rows_of_deals(files)):
        progressed(ImportWalk.LOOK, number, max(total, number))
        is_taken = reader.is_taken(row.cells)
        look.add(row.cells, phrase("row {row}", row=row.number))
        # As a plan reads it: behind the words that stand for nothing, which the look has emptied.
        if is_taken and (given := first(files.mapping.deal.id, row.cells)):
            rows += 1
            ids.of(normal_id(given), row.number)
    _must_be_one_row_each(files, rows, ids.different)
    return look


def must_hold_records(files: CsvFiles) -> None:
    """Raise ImportInvalid where the main table is a header and no more, which is no export of any deals."""
    if next(files.main.rows(frozenset()), None) is None:
        problems = Problems(str(files.main.path))
        problems.add((1, 1), "no-records", phrase("the file has no row beneath its header"))
        raise ImportInvalid(problems.found)


def latest_instant(
    files: CsvFiles, forms: ColumnForms, now: datetime, progressed: OnProgress = nowhere
) -> datetime | None:
    """The latest instant that a row names; None when none does."""
    reader = RecordReader(files.mapping, now, forms)
    latest: datetime | None = None
    total = files.identity.total
    for number, row in enumerate(_rows_of_deals(files)):
        progressed(ImportWalk.DATES, number, max(total, number))
        for instant in reader.instants(row.cells):
            latest = instant if latest is None or instant > latest else latest
    return latest


def _must_be_one_row_each(files: CsvFiles, rows: int, ids: int) -> None:
    again = rows - ids
    if again < 2 or 2 * again < rows:
        return
    problems = Problems(str(files.main.path))
    wrong = phrase(
        "{rows:,} rows have {ids:,} ids: several rows of one deal are an event log or a stage history",
        rows=rows,
        ids=ids,
    )
    right = phrase("import it with `dealflow import log-csv`")
    problems.add((1, 1), "several-rows", wrong, right)
    raise ImportInvalid(problems.found)


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
