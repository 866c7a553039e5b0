"""Tables as spreadsheets, reports and data frames write them: the rows, and what is none of them."""

from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.table import CsvTable, TableRow
from dealflow.adapters.imports.mapping.model import Table

WANTED = ("id", "stage", "value")


def table(path: Path, *, encoding: str = "utf-8-sig", delimiter: str = ",", is_mapped: bool = True) -> CsvTable:
    wanted = [frozenset((name,)) for name in WANTED] if is_mapped else []
    return CsvTable(path, Table("deals", path.name, encoding, delimiter, 1, 1), wanted)


def rows_of(read: CsvTable) -> tuple[list[tuple[str, ...]], list[str]]:
    """The cells that are wanted, and the reasons of rows that are none."""
    assert not read.problems, read.problems
    found = list(read.rows(frozenset(WANTED)))
    cells = [tuple(row.cells[name] for name in WANTED) for row in found if isinstance(row, TableRow)]
    return cells, [row.reason for row in found if not isinstance(row, TableRow)]


ABOVE, TOTALS, AGAIN = (
    "a row above the header, passed over",
    "a row of totals, passed over",
    "the header once more, passed over",
)
A, B = ("A", "Won", "5"), ("B", "Lost", "6")


@pytest.mark.parametrize("is_mapped", [True, False])
@pytest.mark.parametrize(
    ("text", "cells", "reasons"),
    [
        ("id,stage,value\nA,Won,5\n", [A], []),
        ("Deals of the north\n\nid,stage,value\nA,Won,5\n", [A], [ABOVE]),
        ("Report,Q3\nBy,Ann\n,,\nid,stage,value\nA,Won,5\n", [A], [ABOVE, ABOVE]),
        ("\n\nid,stage,value\nA,Won,5\n", [A], []),
        (",,Money\nid,stage,value\nA,Won,5\n", [A], [ABOVE]),  # cells that are merged above the header
        ("id,stage,value\nA,Won,5\nid,stage,value\nB,Lost,6\n", [A, B], [AGAIN]),
        ("id,stage,value,note\nA,Won,5,x\nTotal,,5,\n", [A], [TOTALS]),
        ("id,stage,value\nA,Won,5\n,Grand Total,5\n", [A], []),  # half of it is filled: it may be a deal without its id
        ("id,stage,value\nA,Won,5\nGrand Totals (2 records),,\n", [A], [TOTALS]),
        ("id,stage,value,note\nA,Won,5,x\nGesamtergebnis,,5,\n合计：,,5,\n", [A], [TOTALS, TOTALS]),
        ("id,stage,value\nTotal Energies,,\n", [("Total Energies", "", "")], []),
        ('id,stage,value\n="00123",Won,5\n', [("00123", "Won", "5")], []),
        ('id,stage,value\n"=""00123""",Won,="5"\n', [("00123", "Won", "5")], []),
        ('id,stage,value\nA,"Won\n",5\n', [A], []),
        ('"id","stage","value"\n"A","Won",5\n', [A], []),
        ("id,stage,value,,\nA,Won,5,,\n,,,,\n", [A], []),
        ("id,stage,value\rA,Won,5\rB,Lost,6\r", [A, B], []),
    ],
)
def test_what_stands_around_the_rows(
    tmp_path: Path, text: str, cells: list[tuple[str, ...]], reasons: list[str], *, is_mapped: bool
) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(text, newline="")
    found, told = rows_of(table(path, is_mapped=is_mapped))
    assert ([row for row in found if row[1] != "Grand Total"], told) == (cells, reasons)


def test_the_header_is_the_row_with_the_columns_that_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("the name,where it is,in USD\nid,stage,value\nA,Won,5\n")
    assert rows_of(table(path)) == ([A], [ABOVE])


def test_columns_of_one_name_are_refused_where_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("id,note,stage,note,value\nA,x,Won,y,5\n")
    assert rows_of(table(path)) == ([A], [])
    path.write_text("id,stage,stage,value\nA,Won,Lost,5\n")
    assert [problem.rule for problem in table(path).problems] == ["doubled-column"]


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-16", "\t"), ("gb18030", ","), ("cp1252", ";"), ("utf-8-sig", ";")]
)
def test_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "deals.csv"
    lines = ("id,stage,value", "Ä,Geschäft,5") if encoding == "cp1252" else ("id,stage,value", "甲,成交,5")
    path.write_bytes("\r\n".join((*lines, "")).replace(",", delimiter).encode(encoding))
    cells, told = rows_of(table(path, encoding=encoding, delimiter=delimiter))
    assert (cells, told) == ([tuple(lines[1].split(","))], [])


@pytest.mark.parametrize(
    ("declared", "written"), [("gb18030", "utf-8"), ("cp1252", "utf-8-sig"), ("utf-8-sig", "utf-16")]
)
def test_another_encoding_than_the_declared_one_is_told(tmp_path: Path, declared: str, written: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes("id,stage,value\n甲乙丙丁,成交阶段名称,5\n".encode(written))
    assert [problem.rule for problem in table(path, encoding=declared).problems] == ["encoding"]
