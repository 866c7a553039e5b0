"""A CSV file read row by row: whatever is wrong with a row is said of that row, and the rest goes on."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.imports.mapping.model import Table
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.visible import forbidden_character, is_text
from dealflow.wording.system_faults import system_reason

MAX_CELL = 200_000
# A line without an end must not fill the memory; a cell of the largest size in four bytes a character still passes.
MAX_LINE = 4_000_000
_BROKEN = re.compile("[\udc80-\udcff]")
_SAVE = phrase("save it as UTF-8, or write its encoding in the mapping")
_MARK = "\ufeff"
# As a spreadsheet writes it before the header, for itself.
_HINT = re.compile(r'"?sep=(.)"?[,;\t]*\r?\n', re.IGNORECASE)
_TOTALS = re.compile(
    r"(?:(?:grand |sub)?totals?|total(?:e| general| général|summe)?|sum(?:me|ma|a)?|subtotale?"
    r"|gesamt(?:summe|ergebnis)?|zwischensumme|somme|sous-total|totaal|celkem|razem|итого|всего|合计|总计|小计|共计|合計|總計|小計|총계|합계)"
    r"(?:\s*[:：]?\s*\(?\d[\d,. ]*[^\d]{0,20}\)?)?\s*[:：]?",
    re.IGNORECASE,
)
# A spreadsheet writes so what is a text to it, such as 00123.
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_MOST_ABOVE = 20
_UTF8_CHARACTERS = 8
_SEPARATORS = {";": "';'", "\t": "tab", "|": "'|'"}


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of one row under their columns; `number` counts from the header, which is row 1.

    `padded` are those with blanks around them, as they stand in the file.
    """

    number: int
    cells: dict[str, str]
    padded: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a row cannot be used; `is_no_record` where it never was one, such as a row of totals."""

    number: int
    field: str
    reason: str
    value: str
    is_no_record: bool = False


class CsvTable:
    """A file whose header has been read; `rows` opens it anew each time.

    `wanted` are the columns that are asked for, each by the names that it may have: the header is the row that has them.
    Without them it is the first row that is about as wide as the others.
    """

    def __init__(self, path: Path, table: Table, wanted: Sequence[frozenset[str]] = ()) -> None:
        self._wanted = wanted
        self.path = path
        self.table = table
        self.delimiter = table.delimiter
        self.header: list[str] = []
        self.header_row = 0
        self._spare = 0  # cells that most rows have behind those of the header
        self.problems: list[LocatedProblem] = []
        self._read_header()

    def rows(self, wanted: frozenset[str]) -> Iterator[TableRow | BadRow]:
        """Every row with the columns that are wanted, stripped of blanks around them; a cell of nothing is empty."""
        places = [(index, name) for index, name in enumerate(self.header) if name in wanted]
        with self._open() as stream:
            lines = self._lines(stream)
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            number = 0
            while True:
                number += 1
                began = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except (csv.Error, _LineTooLong) as error:
                    yield BadRow(number, "", _unreadable(error, began, reader.line_num), "")
                    continue
                except UnicodeError as error:
                    # Behind broken code units no row can be told from the next.
                    yield BadRow(
                        number,
                        "",
                        phrase(
                            "the rest of the file is not {encoding}: {error}",
                            encoding=self._encoding(),
                            error=str(error),
                        ),
                        "",
                    )
                    return
                stripped = list(map(str.strip, cells))
                if not any(stripped):
                    continue
                if number < self.header_row:
                    yield BadRow(number, "", phrase("a row above the header, passed over"), "", is_no_record=True)
                elif number > self.header_row:
                    yield self._added(number, stripped) or self._row(
                        number, cells, stripped, places, is_cut=lines.is_cut
                    )

    def _added(self, number: int, stripped: list[str]) -> BadRow | None:
        """What a spreadsheet has added to the rows of the file, and is none of them."""
        if stripped == self.header:
            return BadRow(number, "", phrase("the header once more, passed over"), "", is_no_record=True)
        first = next(filter(None, stripped))
        if _TOTALS.fullmatch(first) and stripped.count("") * 2 >= len(stripped):
            return BadRow(number, "", phrase("a row of totals, passed over"), "", is_no_record=True)
        return None

    def _row(
        self, number: int, cells: list[str], stripped: list[str], places: list[tuple[int, str]], *, is_cut: bool
    ) -> TableRow | BadRow:
        if len(cells) < len(self.header) and not is_cut:
            # A spreadsheet leaves out empty cells at the end of a row.
            missing = [""] * (len(self.header) - len(cells))
            cells, stripped = [*cells, *missing], [*stripped, *missing]
        # Only as many empty cells as most rows have: one more is what a number such as 1,000 has pushed behind the last.
        while len(self.header) < len(cells) <= len(self.header) + self._spare and not stripped[len(cells) - 1]:
            cells.pop()
        if len(cells) != len(self.header):
            named = {"cells": len(cells), "header": len(self.header)}
            reason = (
                phrase("the file ends within the row: it has {cells} cells, the header has {header}", **named)
                if len(cells) < len(self.header)
                else phrase(
                    "the row has {cells} cells, the header has {header}; a text with the delimiter in it needs quotes",
                    **named,
                )
            )
            return BadRow(number, "", reason, self.delimiter.join(cells))
        values: dict[str, str] = {}
        padded: dict[str, str] = {}
        whole = "".join(stripped)
        if '="' in whole:
            cells = stripped = [_written(cell) for cell in stripped]
        if whole.isascii() and whole.isprintable() and stripped == cells:
            return TableRow(number, {name: cells[index] for index, name in places}, padded)
        for index, name in places:
            cell = stripped[index]
            if len(cell) != len(cells[index]):
                padded[name] = cells[index]
            if not (cell.isascii() and cell.isprintable()):
                # Without the place in the cell, which the value shows: a file of another encoding is one fault of many rows.
                fault = (
                    phrase("the file is not {encoding}: {advice}", encoding=self._encoding(), advice=_SAVE)
                    if _BROKEN.search(cell)
                    else self._fault(cell)
                )
                if fault:
                    return BadRow(number, name, fault, cell)
                cell = cell if is_text(cell) else ""
            values[name] = cell
        return TableRow(number, values, padded)

    def _fault(self, cell: str) -> str | None:
        if found := _BROKEN.search(cell):
            byte = ord(found[0]) - 0xDC00
            return phrase(
                "character {place} is the byte 0x{byte}, which is not {encoding}",
                place=found.start() + 1,
                byte=format(byte, "02X"),
                encoding=self._encoding(),
            )
        if found_at := forbidden_character(cell):
            return phrase("character {place} is {character}", place=found_at[0] + 1, character=found_at[1])
        return None

    def _encoding(self) -> str:
        return "UTF-8" if self.table.encoding == "utf-8-sig" else self.table.encoding

    def _open(self) -> TextIO:
        csv.field_size_limit(MAX_CELL)
        # Bytes that are no text of this encoding come through as lone surrogates: so they are found in their cell.
        return self.path.open(encoding=self.table.encoding, errors="surrogateescape", newline="")

    def _lines(self, stream: TextIO) -> "_Lines":
        """The lines behind what a spreadsheet has put before them, whose hint goes before the mapping's delimiter."""
        lines = _Lines(stream)
        self.delimiter = lines.hint or self.table.delimiter
        return lines

    def _read_header(self) -> None:
        try:
            with self.path.open("rb") as binary:
                begin = binary.read(4)
            with self._open() as stream:
                lines = self._lines(stream)
                cells = self._header_of(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except OSError as error:
            self._problem("unreadable", phrase("the file cannot be read: {reason}", reason=system_reason(error)))
            return
        except (csv.Error, _LineTooLong, UnicodeError) as error:
            self._problem("header", phrase("the header cannot be read: {reason}", reason=_unreadable(error, 1, 1)))
            return
        if begin[:2] in (b"\xff\xfe", b"\xfe\xff") and not self.table.encoding.startswith("utf-16"):
            self._problem(
                "encoding",
                phrase("the file is UTF-16"),
                phrase("save it as UTF-8, or write encoding: utf-16 in the mapping"),
            )
            return
        if not self.table.encoding.startswith("utf") and _is_utf8(self.path):
            self._problem(
                "encoding",
                phrase("the file is UTF-8, not {encoding}", encoding=self.table.encoding),
                phrase("leave encoding: out of the mapping"),
            )
            return
        if not cells or not any(cell.strip() for cell in cells):
            self._problem("empty", phrase("the file is empty"), phrase("its first row names the columns"))
            return
        self._check_header([_written(cell) for cell in cells])

    def _header_of(self, rows: Iterator[list[str]]) -> list[str] | None:
        """The header, and `header_row` its number: what stands above it, such as a title, is none of the table."""
        found: list[tuple[int, list[str]]] = []
        while len(found) <= _MOST_ABOVE:
            try:
                row = next(rows)
            except StopIteration:
                break
            except (csv.Error, _LineTooLong, UnicodeError):
                # It is told of its row, if it is not the header itself.
                if found:
                    break
                raise
            self.header_row += 1
            if any(map(str.strip, row)):
                found.append((self.header_row, row))
        if not found:
            return None
        self.header_row, header = max(found, key=lambda each: self._likeness(each[1], found))
        more = Counter(len(row) - len(header) for number, row in found if number > self.header_row)
        if more:
            spare, times = more.most_common(1)[0]
            self._spare = spare if times > 1 else 0
        return header

    def _likeness(self, row: list[str], found: list[tuple[int, list[str]]]) -> int:
        """How well a row would do for the header; of equal ones the first is it."""
        cells = {_written(cell) for cell in row} - {""}
        if self._wanted:
            return sum(not names.isdisjoint(cells) for names in self._wanted)
        widest = max(sum(1 for cell in each if cell.strip()) for _, each in found)
        return int(4 * sum(1 for cell in row if cell.strip()) >= 3 * widest)

    def _check_header(self, cells: list[str]) -> None:
        for place, cell in enumerate(cells, start=1):
            if fault := self._fault(cell):
                right = _SAVE if _BROKEN.search(cell) else None
                self._problem("header", phrase("the name of column {place}: {fault}", place=place, fault=fault), right)
            elif cell and cell in cells[: place - 1] and self._is_asked_for(cell):
                first = cells.index(cell) + 1
                self._problem(
                    "doubled-column",
                    phrase(
                        "the columns {first} and {place} are both named '{cell}'",
                        first=first,
                        place=place,
                        cell=cell[:60],
                    ),
                )
        other = next((mark for mark in _SEPARATORS if mark in cells[0]), None)
        if len(cells) == 1 and other and other != self.delimiter:
            right = phrase("write delimiter: {separator} in the mapping", separator=_SEPARATORS[other])
            self._problem(
                "delimiter",
                phrase("the header is one column with {separator} in it", separator=_SEPARATORS[other]),
                right,
            )
        if not self.problems:
            self.header = cells

    def _is_asked_for(self, name: str) -> bool:
        return not self._wanted or any(name in names for names in self._wanted)

    def _problem(self, rule: str, message: str, right: str | None = None) -> None:
        self.problems.append(
            LocatedProblem(file=str(self.path), line=1, column=1, rule=rule, message=message, right=right)
        )


class _LineTooLong(Exception):
    def __init__(self) -> None:
        super().__init__(phrase("a line of more than {most:,} characters", most=MAX_LINE))


class _Lines:
    """The lines of a file; one that is too long is passed over and said, and the next is read as usual."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.is_cut = False  # the last line has no end
        self._first = stream.readline(MAX_LINE).lstrip(_MARK)
        hint = _HINT.fullmatch(self._first)
        self.hint = hint[1] if hint else None
        if hint:
            self._first = ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._first or self._stream.readline(MAX_LINE)
        self._first = ""
        if not line:
            raise StopIteration
        self.is_cut = not line.endswith(("\n", "\r"))
        if len(line) < MAX_LINE or line.endswith(("\n", "\r")):
            return line
        while line and not line.endswith(("\n", "\r")):
            line = self._stream.readline(MAX_LINE)
        raise _LineTooLong


def _written(cell: str) -> str:
    """The cell without blanks around it, and without what a spreadsheet writes around a text of digits."""
    cell = cell.strip()
    formula = _TEXT_FORMULA.fullmatch(cell) if cell[:1] == "=" else None
    return formula[1].strip() if formula else cell


def _is_utf8(path: Path) -> bool:
    """Whether the bytes of a file are UTF-8, and more of them than may be so by chance."""
    decoder, others = codecs.getincrementaldecoder("utf-8")(), 0
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(1 << 20):
                others += sum(not one.isascii() for one in decoder.decode(chunk)) if not chunk.isascii() else 0
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return others >= _UTF8_CHARACTERS


def _unreadable(error: Exception, began: int, ended: int) -> str:
    said = str(error)
    if "field larger" in said:
        said = phrase("a cell of more than {most:,} characters", most=MAX_CELL)
    elif "unexpected end of data" in said:
        said = phrase("a quote is not closed")
    elif "expected after" in said:
        said = phrase("a quote inside a quoted cell is not doubled")
    return (
        phrase("{said} (lines {began:,} to {ended:,} of the file)", said=said, began=began, ended=ended)
        if ended > began
        else said
    )
