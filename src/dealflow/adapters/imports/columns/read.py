"""Cells read by what is declared of their columns, and what was found by looking at each as a whole."""

from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dealflow.adapters.imports.columns.typed import CellType, name_columns, typed_columns
from dealflow.adapters.imports.mapping.model import CellRule, ImportMapping
from dealflow.domain.values.column.empty_words import EMPTY_WORDS, NO_DAYS, NO_NAMES, is_empty_word
from dealflow.domain.values.column.numbers import ReadNumber, read_cell_number
from dealflow.domain.values.column.times import ISO, ReadTime, read_time
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.written.digits import DecimalMark
from dealflow.domain.values.written.instant import first_instant

# The days of ten years; of instants, which hardly come twice, no more.
_REMEMBERED = 4_000


@dataclass(frozen=True)
class ColumnForms:
    """The forms by which each typed column is read."""

    times: Names[str, tuple[str, ...]] = field(default_factory=dict)
    marks: Names[str, DecimalMark] = field(default_factory=dict)


class ReadCellInstant(NamedTuple):
    """The instant in UTC, None where the cell is none; and what is to be looked at, though it was read."""

    at: datetime | None
    doubt: Phrase | None = None


class ColumnReader:
    """Reads cells; one that it cannot read is None, whatever it is."""

    def __init__(self, mapping: ImportMapping, forms: ColumnForms) -> None:
        self.mapping, self.forms = mapping, forms
        self.zone = ZoneInfo(mapping.zone)
        self._empty = {name: frozenset(rule.empty) for name, rule in mapping.of_columns.items()}
        every = frozenset(mapping.cells.empty)
        self._everywhere = every
        for column in typed_columns(mapping).values():
            words = EMPTY_WORDS | every - column.options if column.types == {CellType.CHOICE} else EMPTY_WORDS | every
            if CellType.TIME in column.types:
                words |= NO_DAYS
            for part in column.template.columns:
                self._empty[part.name] = self._empty.get(part.name, frozenset()) | (words - column.options)
        for name in name_columns(mapping):
            self._empty[name] = self._empty.get(name, frozenset()) | NO_NAMES
        self._times: dict[tuple[str, str], ReadTime | None] = {}
        self._instants: dict[tuple[str, str], ReadCellInstant] = {}

    def prepared(self, cells: dict[str, str]) -> dict[str, str]:
        """The cells, with nothing where a word says that there is nothing."""
        for name, empty in self._empty.items():
            if (cell := cells.get(name)) and is_empty_word(cell, empty):
                cells[name] = ""
        if self._everywhere:
            for name, cell in cells.items():
                if cell and is_empty_word(cell, self._everywhere):
                    cells[name] = ""
        return cells

    def time(self, key: str, word: str) -> ReadTime | None:
        """The day or instant by the forms of its column."""
        if (key, word) in self._times:
            return self._times[key, word]
        forms = self.forms.times.get(key) or self.mapping.rule_of(key).dates or (ISO,)
        read = next((read for form in forms if (read := read_time(word, form, self.zone)) is not None), None)
        if len(self._times) >= _REMEMBERED:
            self._times.clear()
        self._times[key, word] = read
        return read

    def instant(self, key: str, word: str) -> ReadCellInstant:
        """The instant in UTC; a day is its first instant, and of a time that the clocks show twice or never the earlier."""
        found = self._instants.get((key, word))
        if found is None:
            try:
                found = self._instant(self.time(key, word))
            except OverflowError:
                found = ReadCellInstant(None)
            if len(self._instants) >= _REMEMBERED:
                self._instants.clear()
            self._instants[key, word] = found
        return found

    def _instant(self, read: ReadTime | None) -> ReadCellInstant:
        if read is None:
            return ReadCellInstant(None)
        if read.is_day and read.at.tzinfo is None:
            return ReadCellInstant(first_instant(read.at.date(), self.zone))
        wall, zone = read.at.replace(tzinfo=None), read.at.tzinfo or self.zone
        one, other = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if one == other:
            return ReadCellInstant(one)
        is_twice = one.astimezone(zone).replace(tzinfo=None) == wall
        doubt = (
            phrase("the clocks of {zone} show this time twice: the earlier is taken", zone=str(zone))
            if is_twice
            else phrase("the clocks of {zone} never show this time: the earlier reading is taken", zone=str(zone))
        )
        return ReadCellInstant(min(one, other), doubt)

    def is_day(self, key: str, word: str) -> bool:
        """Whether the cell tells no time."""
        read = self.time(key, word)
        return read is not None and read.is_day

    def day(self, key: str, word: str) -> str | None:
        """The day as ISO has it: as it is written; that of an instant is the day in the zone of the mapping."""
        read = self.time(key, word)
        if read is None:
            return None
        at = read.at
        is_midnight = (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
        if at.tzinfo is not None and not is_midnight:
            at = at.astimezone(self.zone)
        return at.date().isoformat()

    def number(self, key: str, word: str) -> ReadNumber | None:
        """The number by the decimal mark of its column."""
        return read_cell_number(word, self.forms.marks.get(key) or self.mapping.rule_of(key).decimal or "point")

    def rule_of(self, key: str) -> CellRule:
        """What the mapping says of the column."""
        return self.mapping.rule_of(key)
