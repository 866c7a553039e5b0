"""CSV files with a mapping read into plans, deal by deal, in the order of the file."""

from collections.abc import Iterator
from datetime import datetime

from dealflow.adapters.imports.acts import HasDeal, none_before
from dealflow.adapters.imports.cells import put_right
from dealflow.adapters.imports.columns.read import ColumnForms
from dealflow.adapters.imports.csv.files import CsvFiles, asked
from dealflow.adapters.imports.csv.joins import Lookup, joined, nearest_key, read_join
from dealflow.adapters.imports.csv.table import BadRow, CsvTable, TableRow
from dealflow.adapters.imports.faults import RecordFault, named
from dealflow.adapters.imports.first_ones import FirstOnes
from dealflow.adapters.imports.records import RecordReader
from dealflow.adapters.imports.rejects import shortened
from dealflow.application.imports.plans import DealPlan, Reject, Shift
from dealflow.domain.values.phrase import as_phrase, phrase

# Of so many ids that stand otherwise in the file it is known why another row has the same.
_GIVEN_OTHERWISE = 20_000


def plan_csv(
    files: CsvFiles,
    *,
    now: datetime,
    forms: ColumnForms,
    shift: Shift | None = None,
    has_deal: HasDeal = none_before,
) -> "CsvPlans":
    """The plans of these files as of `now`; each time they are gone through the files are read anew."""
    return CsvPlans(files, RecordReader(files.mapping, now, forms, shift, has_deal))


class CsvPlans:
    """Every row of the main table as a plan or a reject; joined tables are kept in memory, rows are not."""

    def __init__(self, files: CsvFiles, reader: RecordReader) -> None:
        self.files = files
        self.reader = reader
        self.source = files.mapping.source
        self.process = str(files.mapping.process.ref)
        self.batch, self.total, self.given = files.identity
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
        seen, given_otherwise = FirstOnes(), set[str]()
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
            if given is not None and len(given_otherwise) < _GIVEN_OTHERWISE:
                given_otherwise.add(plan.deal_id)
            if (first_row := seen.of(plan.deal_id, row.number)) != row.number:
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
