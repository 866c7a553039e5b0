"""The files of an import under their table names, their headers checked against the mapping before a row is read."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, cast

from dealflow.adapters.files.located_yaml import LocatedProblem, Problems
from dealflow.adapters.imports.csv.table import CsvTable
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.log import CASE, CASE_ID, STANDARD_NAMES
from dealflow.adapters.imports.mapping.model import Column, LogMapping, Records, TableMapping
from dealflow.adapters.imports.spool import STANDARD_INPUT
from dealflow.domain.deal.events import ImportedFile
from dealflow.domain.values.phrase import phrase

# What an event log need not have, and what its survey tells.
_OF_THE_STANDARD = frozenset({CASE_ID, *STANDARD_NAMES.values()})


@dataclass(frozen=True)
class CsvFiles:
    """The files of an import under their table names, with their headers read and checked against the mapping."""

    mapping: TableMapping | LogMapping
    tables: dict[str, CsvTable]
    unused: tuple[Path, ...] = ()

    @property
    def records(self) -> Records:
        """Which table is which."""
        return cast("Records", self.mapping.records)

    @cached_property
    def identity(self) -> "KnownFiles":
        """By what an import of these files is known: they are gone through once."""
        return _identity(self)

    @property
    def main(self) -> CsvTable:
        """The table with a row for each deal, or for each event."""
        return self.tables[self.records.rows]

    def column_of(self, name: str) -> str:
        """The column of the main table, or of a joined one, behind a name of the mapping: what a log's deal asks is its rows'."""
        return name if name in self.main.header else name.removeprefix(CASE)


def open_csv(files: Iterable[Path], mapping: TableMapping | LogMapping) -> CsvFiles:
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
    records = cast("Records", mapping.records)
    for table in records.tables.values():
        found = [path for path in listed if path.name == table.file]
        if not found and table.name == records.rows:
            found = [path for path in listed if path.name == STANDARD_INPUT]
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
        tables[table.name] = CsvTable(found[0], table, _wanted_of(mapping, table.name))
        problems.found += tables[table.name].problems
    opened = CsvFiles(mapping, tables, tuple(path for path in listed if path not in used))
    _check_columns(opened, problems)
    if problems.failed:
        raise ImportInvalid(
            sorted(problems.found, key=lambda one: (one.file != mapping.file, one.file, one.line, one.column))
        )
    return opened


def _wanted_of(mapping: TableMapping | LogMapping, table: str) -> list[frozenset[str]]:
    """The columns that are asked of a table, each by the names that it may have there."""
    records = cast("Records", mapping.records)
    names = {column.name for column in (*mapping.columns(), *(join.cell for join in records.joins))}
    people = records.people
    keys = {join.key.name for join in records.joins if join.table == table}
    if people is not None and people.table == table:
        keys |= {named.name for named in (people.person, people.manager, people.region) if named is not None}
    if table == records.rows:
        keys |= {name for name in names if name.partition(".")[0] not in records.tables}
    else:
        prefix = f"{table}."
        keys |= {
            name.removeprefix(CASE).removeprefix(prefix) for name in names if name.removeprefix(CASE).startswith(prefix)
        }
    return [frozenset((name, name.removeprefix(CASE))) for name in sorted(keys)]


def asked(files: CsvFiles) -> Iterator[Column]:
    """Every cell that rows are asked for."""
    yield from files.mapping.columns()
    for join in files.records.joins:
        yield join.cell


def _check_columns(files: CsvFiles, problems: Problems) -> None:
    records = files.records
    main = files.tables.get(records.rows)
    is_log = isinstance(files.mapping, LogMapping)
    joined = {join.table: files.tables[join.table] for join in records.joins if join.table in files.tables}
    for column in asked(files):
        if main is None or not main.header or (is_log and column.name in _OF_THE_STANDARD):
            continue
        if is_log:
            column = Column(files.column_of(column.name), column.line, column.column)  # noqa: PLW2901  as the file has it
        table, _, name = column.name.partition(".")
        if column.name in main.header:
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
        for named in (people.person, people.manager, people.region):
            if named is not None:
                _check_column(named, files.tables[people.table], problems)


def _check_column(column: Column, table: CsvTable, problems: Problems) -> None:
    if table.header and column.name not in table.header:
        _missing(column, table, table.header, problems)


def _missing(column: Column, table: CsvTable, known: list[str], problems: Problems) -> None:
    wrong = phrase("{file} has no column '{column}'", file=table.path.name, column=column.name[:60])
    right = phrase("its columns: {known}", known=[name[:40] for name in table.header[:20]])
    problem = (column.line, column.column)
    if not any((found.line, found.column, found.message) == (*problem, wrong) for found in problems.found):
        problems.add(problem, "missing-column", wrong, right, near=(column.name, known))


class KnownFiles(NamedTuple):
    """A name that is the same for the same files, mapping and process; about how many records; the files, the main one first."""

    batch: str
    total: int
    files: tuple[ImportedFile, ...]


def _identity(files: CsvFiles) -> KnownFiles:
    """By what an import of these files is known. The lines of the main table stand for its records."""
    digest = hashlib.sha256(f"{files.mapping.digest}{files.mapping.process.ref}".encode())
    lines = 0
    found: list[ImportedFile] = []
    for name, table in sorted(files.tables.items()):
        digest.update(name.encode())
        last, own = b"\n", hashlib.sha256()
        with table.path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                own.update(chunk)
                lines += chunk.count(b"\n") if table is files.main else 0
                last = chunk[-1:]
        lines += last != b"\n" if table is files.main else 0
        digest.update(own.digest())
        found.append(ImportedFile(role=name, name=table.path.name, digest=own.hexdigest()))
    found.sort(key=lambda file: file.role != files.records.rows)
    return KnownFiles(f"import/{files.mapping.source}/{digest.hexdigest()[:16]}", max(lines - 1, 0), tuple(found))
