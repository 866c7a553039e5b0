"""The columns of a file as they are: types, the forms that read all cells, distinct values."""

import codecs
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.imports.csv.table import CsvTable, TableRow
from dealflow.adapters.imports.mapping.file import ImportInvalid
from dealflow.adapters.imports.mapping.model import Table
from dealflow.domain.values.column.look import NumberLook, ReadBy, TimeLook
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.spelling import normal_name

# More distinct values than this are no choice that a person made.
MAX_DISTINCT = 20_000
_DELIMITERS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
_CHUNK = 1 << 20
# A few cells that nothing reads do not make another type of a column.
_SPARE = 20


@dataclass(frozen=True)
class SeenColumn:
    """One column; `two_ways`: some of its dates are read in two ways, and its `forms` are all that read them."""

    name: str
    type: str
    forms: tuple[str, ...]
    two_ways: bool
    filled: int
    empty: int
    values: Counter[str]

    @property
    def is_unique(self) -> bool:
        """Whether each row has a value of its own."""
        return 0 < self.filled == len(self.values) and not self.empty


@dataclass(frozen=True)
class SeenTable:
    """One file with its columns."""

    path: Path
    table: Table
    rows: int
    unread: int
    columns: dict[str, SeenColumn] = field(default_factory=dict)


def look_at(files: Sequence[Path]) -> list[SeenTable]:
    """Every file, those of folders too; ImportInvalid with what keeps one from being read at all."""
    paths = [path for given in files for path in (sorted(given.glob("*.csv")) if given.is_dir() else [given])]
    tables = [_opened(path) for path in paths]
    problems = [problem for table in tables for problem in table.problems]
    if not paths:
        wrong = phrase("there is no such file or folder")
        problems = [LocatedProblem(file=str(files[0]), line=1, column=1, rule="unreadable", message=wrong)]
    if problems:
        raise ImportInvalid(problems)
    return [_seen(table) for table in tables]


def _opened(path: Path) -> CsvTable:
    encoding = _encoding(path)
    found = [CsvTable(path, Table(path.stem, path.name, encoding, mark, 1, 1)) for mark in _DELIMITERS]
    return max(found, key=lambda table: (not table.problems, len(table.header)))


def _encoding(path: Path) -> str:
    """The first encoding that reads the whole file."""
    try:
        with path.open("rb") as stream:
            if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "utf-16"
        return next((each for each in _ENCODINGS if _reads(path, each)), "latin-1")
    except OSError:
        return _ENCODINGS[0]  # which cannot be opened either, and that is told


def _reads(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


class _Looking:
    def __init__(self) -> None:
        self.times = TimeLook((), ZoneInfo("UTC"))
        self.numbers = NumberLook(None, comma_groups=True)
        self.values: Counter[str] = Counter()
        self.filled = self.empty = 0

    def add(self, cell: str, place: str) -> None:
        if not cell:
            self.empty += 1
            return
        self.filled += 1
        self.times.add(cell, place)
        self.numbers.add(cell, place)
        name = normal_name(cell)
        if name in self.values or len(self.values) < MAX_DISTINCT:
            self.values[name] += 1

    def seen(self, name: str) -> SeenColumn:
        forms: tuple[str, ...] = ()
        two_ways = False
        if not self.filled:
            kind = "empty"
        elif not self.numbers.count.unread:
            kind = "number"
        elif self.times.count.unread * _SPARE <= self.filled:
            kind, found = "date", self.times.decided()
            two_ways = not isinstance(found, ReadBy)
            forms = (
                found.forms
                if isinstance(found, ReadBy)
                else tuple(form for fit in found.others for form in fit.forms[:1])
            )
        else:
            kind = "text"
        return SeenColumn(name, kind, forms, two_ways, self.filled, self.empty, self.values)


def _seen(table: CsvTable) -> SeenTable:
    looking = {name: _Looking() for name in table.header if name}
    rows = unread = 0
    for row in table.rows(frozenset(looking)):
        if not isinstance(row, TableRow):
            unread += 1
            continue
        rows += 1
        for name, cell in row.cells.items():
            looking[name].add(cell, f"{table.path.name}:{row.number}")
    columns = {name: each.seen(name) for name, each in looking.items()}
    return SeenTable(table.path, table.table, rows, unread, columns)
