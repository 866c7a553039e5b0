"""CSV files with a mapping read into plans, deal by deal, in the order of the file."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from dealflow.adapters.files.located_yaml import LocatedProblem, Problems
from dealflow.adapters.imports.acts import HasDeal, RecordFault, named, none_before
from dealflow.adapters.imports.csv.table import BadRow, CsvTable, TableRow
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.model import Column, Join, TableMapping
from dealflow.adapters.imports.records import RecordReader
from dealflow.adapters.imports.rejects import shortened
from dealflow.application.imports.plans import DealPlan, ImportFinding, Reject, Shift
from dealflow.domain.values.phrase import as_phrase, phrase
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_name


@dataclass(frozen=True)
class CsvFiles:
    """The files of an import under their table names, with their headers read and checked against the mapping."""

    mapping: TableMapping
    tables: dict[str, CsvTable]
    unused: tuple[Path, ...] = ()

    @property
    def main(self) -> CsvTable:
        """The table with a row for each deal."""
        return self.tables[self.mapping.records.rows]


def open_csv(files: Iterable[Path], mapping: TableMapping) -> CsvFiles:
    """Find the mapping's tables among the files (a folder stands for its CSV files); ImportInvalid with every problem."""
    listed = [path for given in files for path in (sorted(given.glob("*.csv")) if given.is_dir() else [given])]
    problems = Problems(mapping.file)
    for given in listed:
        if not given.exists():
            problems.found.append(
                LocatedProblem(
                    file=str(given),
                    line=1,
                    column=1,
                    rule="unreadable",
                    message=phrase("there is no such file or folder"),
                )
            )
    tables: dict[str, CsvTable] = {}
    used: set[Path] = set()
    for table in mapping.records.tables.values():
        found = [path for path in listed if path.name == table.file]
        if not found:
            wrong = phrase("the file '{file}' is not among those given", file=table.file[:60])
            problems.add((table.line, table.column), "missing-file", wrong, near=(table.file, [p.name for p in listed]))
            continue
        if len({path.resolve() for path in found}) > 1:
            wrong = phrase(
                "two files are named '{file}': {first} and {second}",
                file=table.file[:60],
                first=str(found[0]),
                second=str(found[1]),
            )
            problems.add((table.line, table.column), "two-files", wrong, phrase("give one of them"))
        used.update(found)
        tables[table.name] = CsvTable(found[0], table)
        problems.found += tables[table.name].problems
    opened = CsvFiles(mapping, tables, tuple(path for path in listed if path not in used))
    _check_columns(opened, problems)
    if problems.failed:
        raise ImportInvalid(
            sorted(problems.found, key=lambda one: (one.file != mapping.file, one.file, one.line, one.column))
        )
    return opened


def must_hold_records(files: CsvFiles) -> None:
    """Raise ImportInvalid where the main table is a header and no more, which is no export of any deals."""
    if next(files.main.rows(frozenset()), None) is None:
        problems = Problems(str(files.main.path))
        problems.add((1, 1), "no-records", phrase("the file has no row beneath its header"))
        raise ImportInvalid(problems.found)


def plan_csv(
    files: CsvFiles, *, now: datetime, shift: Shift | None = None, has_deal: HasDeal = none_before
) -> "CsvPlans":
    """The plans of these files as of `now`; each time they are gone through the files are read anew."""
    return CsvPlans(files, RecordReader(files.mapping, now, shift, has_deal))


def latest_instant(files: CsvFiles, now: datetime) -> datetime | None:
    """The latest instant that a row names; None when none does."""
    plans = CsvPlans(files, RecordReader(files.mapping, now))
    latest: datetime | None = None
    for row in files.main.rows(plans.wanted):
        if isinstance(row, TableRow):
            for instant in plans.reader.instants(row.cells):
                latest = instant if latest is None or instant > latest else latest
    return latest


@dataclass
class _Lookup:
    """The rows of a joined table under their keys, with the columns that the mapping asks for."""

    join: Join
    rows: dict[str, dict[str, str]] = field(default_factory=dict)


class CsvPlans:
    """Every row of the main table as a plan or a reject; joined tables are kept in memory, rows are not."""

    def __init__(self, files: CsvFiles, reader: RecordReader) -> None:
        self.files = files
        self.reader = reader
        self.source = files.mapping.source
        self.process = str(files.mapping.process.ref)
        self.batch, self.total = _identity(files)
        names = {column.name for column in _asked(files.mapping)}
        self.wanted = frozenset(names)

    def __iter__(self) -> Iterator[DealPlan | Reject]:
        rejects: list[Reject] = []
        lookups = [self._lookup(join, rejects) for join in self.files.mapping.records.joins]
        yield from rejects
        file = self.files.main.path.name
        # A row number for each id: the one thing that grows with the file.
        seen: dict[str, int] = {}
        given_otherwise: set[str] = set()
        for row in self.files.main.rows(self.wanted):
            if isinstance(row, BadRow):
                yield self._reject(file, row)
                continue
            try:
                cells, findings = _joined(row.cells, lookups, self.reader)
                plan = self.reader.plan(cells, file, row.number, findings, row.padded)
            except RecordFault as fault:
                yield Reject(
                    file=file,
                    row=row.number,
                    field=fault.field,
                    reason=as_phrase(fault.reason),
                    value=self.reader.value_of(fault.field, fault.value),
                    suggestion=fault.suggestion,
                    unknown_value=fault.unknown_value,
                )
                continue
            id_place = named(self.files.mapping.deal.id)
            given = next((change.given for change in plan.respelled if change.place == id_place), None)
            if given is not None:
                given_otherwise.add(plan.deal_id)
            if (first_row := seen.setdefault(plan.deal_id, row.number)) != row.number:
                reason = (
                    phrase(
                        "the id is that of row {first_row}: only blanks or what nobody sees differ", first_row=first_row
                    )
                    if plan.deal_id in given_otherwise
                    else phrase("the id stands in row {first_row} already", first_row=first_row)
                )
                yield Reject(
                    file=file, row=row.number, field=id_place, reason=reason, value=shortened(given or plan.deal_id)
                )
                continue
            yield plan

    def _reject(self, file: str, row: BadRow, prefix: str = "") -> Reject:
        value = self.reader.value_of(f"{prefix}{row.field}" if row.field else "", row.value)
        return Reject(file=file, row=row.number, field=row.field, reason=as_phrase(row.reason), value=value)

    def _lookup(self, join: Join, rejects: list[Reject]) -> _Lookup:
        lookup = _Lookup(join)
        table = self.files.tables[join.table]
        prefix = f"{join.table}."
        wanted = frozenset(name.removeprefix(prefix) for name in self.wanted if name.startswith(prefix))
        for row in table.rows(wanted | {join.key.name}):
            if isinstance(row, BadRow):
                rejects.append(self._reject(table.path.name, row, prefix))
            elif (key := normal_name(row.cells[join.key.name])) in lookup.rows:
                bad = BadRow(row.number, join.key.name, phrase("the key stands in an earlier row already"), key)
                rejects.append(self._reject(table.path.name, bad, prefix))
            else:
                lookup.rows[key] = {f"{prefix}{name}": cell for name, cell in row.cells.items() if name in wanted}
        return lookup


def _joined(
    cells: dict[str, str], lookups: list[_Lookup], reader: RecordReader
) -> tuple[dict[str, str], tuple[ImportFinding, ...]]:
    findings: list[ImportFinding] = []
    for lookup in lookups:
        join = lookup.join
        value = normal_name(cells.get(join.cell.name, ""))
        if value in join.values:
            value = cells[join.cell.name] = join.values[value]
        found = lookup.rows.get(normal_name(value))
        if found is not None:
            cells.update(found)
        elif value:
            place = f"{join.cell.name} -> {join.table}.{join.key.name}"
            shown = reader.value_of(join.cell.name, value)
            findings.append(ImportFinding(place, shown, nearest(value, lookup.rows) if shown else None))
    return cells, tuple(findings)


def _asked(mapping: TableMapping) -> Iterator[Column]:
    """Every cell that rows are asked for."""
    yield from mapping.columns()
    for join in mapping.records.joins:
        yield join.cell


def _check_columns(files: CsvFiles, problems: Problems) -> None:
    records = files.mapping.records
    main = files.tables.get(records.rows)
    joined = {join.table: files.tables[join.table] for join in records.joins if join.table in files.tables}
    for column in _asked(files.mapping):
        table, _, name = column.name.partition(".")
        if main is None or not main.header or column.name in main.header:
            continue
        if name and table in joined:
            _check_column(Column(name, column.line, column.column), joined[table], problems)
        elif name and table in records.tables:
            wrong = phrase("'{name}' is in a table that is not joined", name=column.name[:60])
            problems.add((column.line, column.column), "join", wrong, phrase("add it under joins:"))
        else:
            every = [*main.header, *(f"{t}.{name}" for t, csv in joined.items() for name in csv.header)]
            _missing(column, main, every, problems)
    for join in records.joins:
        if join.table in joined:
            _check_column(join.key, joined[join.table], problems)
    people = records.people
    if people and people.table in files.tables:
        for asked in (people.person, people.manager, people.region):
            if asked is not None:
                _check_column(asked, files.tables[people.table], problems)


def _check_column(column: Column, table: CsvTable, problems: Problems) -> None:
    if table.header and column.name not in table.header:
        _missing(column, table, table.header, problems)


def _missing(column: Column, table: CsvTable, known: list[str], problems: Problems) -> None:
    wrong = phrase("{file} has no column '{column}'", file=table.path.name, column=column.name[:60])
    right = phrase("its columns: {known}", known=[name[:40] for name in table.header[:20]])
    problem = (column.line, column.column)
    if not any((found.line, found.column, found.message) == (*problem, wrong) for found in problems.found):
        problems.add(problem, "missing-column", wrong, right, near=(column.name, known))


def _identity(files: CsvFiles) -> tuple[str, int]:
    """A name that is the same for the same files, mapping and process, and the number of lines of the main table."""
    digest = hashlib.sha256(f"{files.mapping.digest}{files.mapping.process.ref}".encode())
    lines = 0
    for name, table in sorted(files.tables.items()):
        digest.update(name.encode())
        last = b"\n"
        with table.path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
                lines += chunk.count(b"\n") if table is files.main else 0
                last = chunk[-1:]
        lines += last != b"\n" if table is files.main else 0
    return f"import/{files.mapping.source}/{digest.hexdigest()[:16]}", max(lines - 1, 0)
