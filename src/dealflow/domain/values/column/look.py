"""A column looked at as a whole: how many cells each form reads, and by which one form it is read, or why by none."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from dealflow.domain.values.column.known import known_forms, swapped
from dealflow.domain.values.column.numbers import read_cell_number
from dealflow.domain.values.column.times import ISO, NUMBERED, ReadTime, read_time
from dealflow.domain.values.written.characters import half_width
from dealflow.domain.values.written.digits import DecimalMark

SHOWN_CELLS = 3
_REMEMBERED = 4_000  # the days of ten years; of instants, which hardly come twice, no more
_MOST_FORMS = 12
_FIRST = 50
_HAS_DIGIT = re.compile(r"\d")
_SPARING = "%Y-%m-%d"


class SeenCell(NamedTuple):
    """A cell with the place where it stands."""

    place: str
    value: str


Form = TypeVar("Form")


@dataclass(frozen=True, slots=True)
class ReadBy(Generic[Form]):
    """The column is read by these forms: of no cell do two of them make different things."""

    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """How many cells a form reads; `forms` are what would be declared for it."""

    forms: tuple[str, ...]
    cells: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """Why a column is not read: `declared` forms and others with the cells that they read, and the cells that decide.

    `two_ways` are cells that the best forms read in different ways.
    """

    cells: int
    declared: tuple[Fit, ...] = ()
    others: tuple[Fit, ...] = ()
    deciding: tuple[SeenCell, ...] = ()
    two_ways: tuple[SeenCell, ...] = ()


@dataclass(slots=True)
class CellCount:
    """The cells of a column: how many are filled, how many no form reads, and the first of these."""

    filled: int = 0
    empty: int = 0
    unread: int = 0
    first_unread: list[SeenCell] = field(default_factory=list)

    @property
    def readable(self) -> int:
        """The cells that some form reads."""
        return self.filled - self.unread

    def is_of_another_kind(self, hints: int = 0) -> bool:
        """Whether the cells say that the column is none of its type: most cannot be read, or other forms have `hints`."""
        return self.unread > self.readable and (self.filled > SHOWN_CELLS - 1 or hints == self.unread)


class TimeLook:
    """Days and instants; without `declared` forms the one is found that reads every cell."""

    def __init__(self, declared: tuple[str, ...], zone: ZoneInfo) -> None:
        self.declared, self.zone, self.count = declared, zone, CellCount()
        self._rivals = tuple(
            dict.fromkeys(form for each in declared if (form := swapped(each)) and form not in declared)
        )
        self._fits: Counter[str] = Counter()
        self._numbered: Counter[str] = Counter()
        self._forms: dict[str, dict[str, None]] = {}
        self._missed: dict[str, list[SeenCell]] = {}
        self._by_none_declared: list[SeenCell] = []
        self._none_declared = 0
        self._clashes: dict[frozenset[str], list[SeenCell]] = {}
        self._known: dict[str, dict[str, ReadTime]] = {}
        self._known_numbers: dict[str, tuple[str, ...]] = {}
        self._first: list[tuple[SeenCell, frozenset[str]]] = []

    def add(self, cell: str, place: str) -> None:
        """One cell that is not empty."""
        self.count.filled += 1
        readings = self._known.get(cell)
        if readings is None:
            readings = self._readings(cell)
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[cell] = readings
        if not readings:
            _note(self.count.first_unread, cell, place)
            self.count.unread += 1
            numbered = self._known_numbers.get(cell)
            if numbered is None:
                numbered = tuple(form for form in NUMBERED if read_time(cell, form, self.zone))
                if len(self._known_numbers) < _REMEMBERED:
                    self._known_numbers[cell] = numbered
            self._numbered.update(numbered)
            return
        self._fits.update(readings.keys())
        if self.declared and not any(form in readings for form in self.declared):
            self._none_declared += 1
            _note(self._by_none_declared, cell, place)
        if len(set(readings.values())) > 1:
            for one, other in combinations(readings, 2):
                if readings[one] != readings[other]:
                    _note(self._clashes.setdefault(frozenset((one, other)), []), cell, place)
        if len(self._first) < _FIRST:
            self._first.append((SeenCell(place, cell), frozenset(readings)))
        for form in self._fits.keys() - readings.keys():
            _note(self._missed.setdefault(form, []), cell, place)

    def decided(self) -> ReadBy[str] | Undecided:
        """The forms by which every cell is read that any form reads."""
        return self._of_declared() if self.declared else self._found()

    def _readings(self, cell: str) -> dict[str, ReadTime]:
        """What each form makes of the cell; a pattern that was found stands under that of its day."""
        if not _HAS_DIGIT.search(cell):
            return {}
        found: dict[str, ReadTime] = {}
        for form in (*(self.declared or (ISO,)), *self._rivals):
            if (read := read_time(cell, form, self.zone)) is not None:
                found[form] = read
                if form in self._rivals:
                    self._forms.setdefault(form, {})[form] = None
        if found:
            return found
        if self.declared and (read := read_time(cell, ISO, self.zone)) is not None:
            return {ISO: read}
        for day, form in known_forms(cell):
            if form not in self.declared and (read := read_time(cell, form, self.zone)) is not None:
                if found.setdefault(day, read) != read:
                    found[form], day = read, form  # noqa: PLW2901  one of its own, which contradicts the other
                forms = self._forms.setdefault(day, {})
                if len(forms) < _MOST_FORMS:
                    forms[form] = None
        return found

    def _of_declared(self) -> ReadBy[str] | Undecided:
        readable = self.count.readable
        whole = [form for form in self.declared if self._fits[form] == readable]
        chosen = whole or list(self.declared)
        clashing = self._clashing(chosen)
        is_other = self._is_other()
        if self._none_declared or clashing or is_other:
            declared = tuple(Fit((form,), self._fits[form]) for form in self.declared)
            deciding = () if clashing and not self._none_declared else tuple(self._by_none_declared)
            if is_other:
                deciding = tuple(self.count.first_unread)
            return Undecided(self.count.filled, declared, self._others(), deciding, clashing)
        return ReadBy((whole[0],)) if whole else ReadBy(self.declared)

    def _found(self) -> ReadBy[str] | Undecided:
        readable = self.count.readable
        if not readable and not self._is_other():
            return ReadBy((ISO,))
        whole = [form for form in self._fits if readable and self._fits[form] == readable]
        clashing = self._clashing(whole)
        if clashing:
            return Undecided(self.count.filled, (), self._others(), (), clashing)
        if whole and not self._is_other():
            return ReadBy((ISO,) if ISO in whole else tuple(self._forms[whole[0]]))
        # The same days, some without their noughts: 2017-03-01 and 2017-3-2.
        if self._fits[_SPARING] and self._fits[ISO] + self._fits[_SPARING] == readable and not self._is_other():
            return ReadBy((ISO, *self._forms[_SPARING]))
        best = max(self._fits, key=lambda form: self._fits[form], default="")
        missed = [cell for cell, read_by in self._first if best not in read_by] or self._missed.get(best, [])
        return Undecided(
            self.count.filled, (), self._others(), tuple((missed or self.count.first_unread)[:SHOWN_CELLS])
        )

    def _others(self) -> tuple[Fit, ...]:
        """What else reads cells, the one that reads most first."""
        found = [
            Fit(tuple(self._forms.get(day, {day: None})), cells)
            for day, cells in self._fits.most_common()
            if day not in self.declared
        ]
        return tuple(found or (Fit((form,), cells) for form, cells in self._numbered.most_common()))

    def _is_other(self) -> bool:
        return self.count.is_of_another_kind(max(self._numbered.values(), default=0))

    def _clashing(self, forms: Iterable[str]) -> tuple[SeenCell, ...]:
        pairs = (frozenset(pair) for pair in combinations(forms, 2))
        return tuple(next((self._clashes[pair] for pair in pairs if pair in self._clashes), ()))


class NumberLook:
    """Amounts and numbers; without a `declared` decimal mark the one is found that reads every cell.

    `comma_groups`: where no cell decides, a lone comma before three digits stands between thousands, as people write amounts.
    """

    def __init__(self, declared: DecimalMark | None, *, comma_groups: bool, whole: bool = False) -> None:
        self.declared, self.count = declared, CellCount()
        self._comma_groups, self._whole = comma_groups, whole
        self._fits: Counter[str] = Counter()
        self._only: dict[str, list[SeenCell]] = {"point": [], "comma": []}
        self._either: dict[str, list[SeenCell]] = {".": [], ",": []}

    def add(self, cell: str, place: str) -> None:
        """One cell that is not empty."""
        self.count.filled += 1
        if cell.isascii() and cell.isdigit():
            self._fits.update(("point", "comma"))
            return
        marks: tuple[DecimalMark, ...] = ("point", "comma")
        readings = {mark: read.number for mark in marks if (read := read_cell_number(cell, mark)) is not None}
        if self._whole and len(readings) > 1:
            readings = {mark: number for mark, number in readings.items() if number == int(number)} or readings
        if not readings:
            self.count.unread += 1
            _note(self.count.first_unread, cell, place)
        self._fits.update(readings.keys())
        if len(readings) == 1:
            _note(self._only[next(iter(readings))], cell, place)
        elif readings and readings["point"] != readings["comma"]:
            _note(self._either["," if "," in half_width(cell) else "."], cell, place)

    def decided(self) -> ReadBy[DecimalMark] | Undecided:
        """The decimal mark by which every cell is read that either reads."""
        by_point, by_comma = self._only["point"], self._only["comma"]
        if self.count.is_of_another_kind():
            return self._undecided(self.count.first_unread)
        if self.declared is not None:
            against = by_comma if self.declared == "point" else by_point
            return self._undecided(against) if against else ReadBy((self.declared,))
        if by_point and by_comma:
            fewer = min(("point", "comma"), key=lambda mark: self._fits[mark])
            return self._undecided(self._only[fewer])
        if by_comma:
            return ReadBy(("comma",))
        if not by_point and (self._either["."] or (self._either[","] and not self._comma_groups)):
            cells = [*self._either["."], *self._either[","]][:SHOWN_CELLS]
            return Undecided(self.count.filled, (), self._others(), (), tuple(cells))
        return ReadBy(("point",))

    def _undecided(self, deciding: list[SeenCell]) -> Undecided:
        declared = (Fit((self.declared,), self._fits[self.declared]),) if self.declared else ()
        return Undecided(self.count.filled, declared, self._others(), tuple(deciding))

    def _others(self) -> tuple[Fit, ...]:
        marks = [mark for mark in ("point", "comma") if mark != self.declared]
        return tuple(Fit((mark,), self._fits[mark]) for mark in sorted(marks, key=lambda mark: -self._fits[mark]))


def _note(seen: list[SeenCell], cell: str, place: str) -> None:
    if len(seen) < SHOWN_CELLS:
        seen.append(SeenCell(place, cell))
