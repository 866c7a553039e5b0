"""A column as a whole: the one form that reads it, or the cells that keep it from being read."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.column.look import NumberLook, ReadBy, TimeLook, Undecided
from dealflow.domain.values.written.digits import DecimalMark

ZONE = ZoneInfo("UTC")
DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"


def times(cells: Sequence[str], *declared: str) -> ReadBy[str] | Undecided:
    look = TimeLook(declared, ZONE)
    for number, cell in enumerate(cells):
        look.add(cell, str(number))
    return look.decided()


@pytest.mark.parametrize(
    ("cells", "declared", "forms"),
    [
        (["3/4/2017", "3/14/2017"], [], [MONTH_FIRST]),
        (["3/4/2017", "14/3/2017"], [], [DAY_FIRST]),
        (["2017-03-01", "2017-03-02 09:30:00"], [], ["iso"]),
        (["2017-03-01", "2017-3-2"], [], ["iso", "%Y-%m-%d"]),
        (["3/14/2017", "3/14/2017 9:30"], [], [MONTH_FIRST, f"{MONTH_FIRST} %H:%M"]),
        (["3/4/2017"], [MONTH_FIRST], [MONTH_FIRST]),
        (["3/14/2017"], [DAY_FIRST, MONTH_FIRST], [MONTH_FIRST]),
        (["14.3.2017", "2017-03-14"], ["iso", "%d.%m.%Y"], ["iso", "%d.%m.%Y"]),
        (["14.3.2017", "15.3.2017", "soon", "31.2.2017"], ["%d.%m.%Y"], ["%d.%m.%Y"]),
        (["soon", "later"], [], ["iso"]),
        (["42795"], ["excel-1900"], ["excel-1900"]),
        (["Wed Mar 01 09:00:00 UTC 2017"], [], ["java"]),
        ([], [DAY_FIRST], [DAY_FIRST]),
        ([], [], ["iso"]),
    ],
)
def test_a_column_that_is_read(cells: list[str], declared: list[str], forms: list[str]) -> None:
    found = times(cells, *declared)
    assert isinstance(found, ReadBy) and list(found.forms) == forms


@pytest.mark.parametrize(
    ("cells", "declared", "deciding", "two_ways", "first_other"),
    [
        (["3/4/2017", "3/14/2017"], [DAY_FIRST], ["3/14/2017"], [], (MONTH_FIRST, 2)),
        (["3/4/2017", "5/4/2017"], [], [], ["3/4/2017", "5/4/2017"], (DAY_FIRST, 2)),
        (["3/4/2017"], [DAY_FIRST, MONTH_FIRST], [], ["3/4/2017"], None),
        (["3/14/2017", "14/3/2017"], [], ["14/3/2017"], [], (MONTH_FIRST, 1)),
        (["3/14/2017", "14/3/2017"], [DAY_FIRST], ["3/14/2017"], [], (MONTH_FIRST, 1)),
        (["2017-03-01", "14/3/2017"], [], ["14/3/2017"], [], ("iso", 1)),
        (["2017-03-01", "14/3/2017"], ["iso"], ["14/3/2017"], [], (DAY_FIRST, 1)),
        (["42795"], [], ["42795"], [], ("excel-1900", 1)),
        (["42795"], ["iso"], ["42795"], [], ("excel-1900", 1)),
        (["1488360600000"], ["epoch-seconds"], ["1488360600000"], [], ("epoch-millis", 1)),
        (["soon", "later", "2017-03-01", "x"], [], ["soon", "later", "x"], [], ("iso", 1)),
    ],
)
def test_a_column_that_is_not_read(
    cells: list[str], declared: list[str], deciding: list[str], two_ways: list[str], first_other: tuple[str, int] | None
) -> None:
    found = times(cells, *declared)
    assert isinstance(found, Undecided)
    assert [cell.value for cell in found.deciding] == deciding
    assert [cell.value for cell in found.two_ways] == two_ways
    assert [(fit.forms[0], fit.cells) for fit in found.others][:1] == ([first_other] if first_other else [])


@given(st.lists(st.dates(), min_size=1, max_size=20), st.sampled_from([DAY_FIRST, MONTH_FIRST]))
def test_no_cell_is_read_in_two_ways(days: list[object], written: str) -> None:
    """What is found is what the days were written by, or nothing is."""
    cells = [day.strftime(written) for day in days if 1900 <= day.year < 9990]  # type: ignore[attr-defined]  # a date
    found = times(cells)
    if cells and isinstance(found, ReadBy):
        other = {DAY_FIRST: MONTH_FIRST, MONTH_FIRST: DAY_FIRST}[written]
        is_alike = all(cell[:2] == cell[3:5] for cell in cells)
        assert found.forms == (written,) or (is_alike and found.forms == (other,))


def numbers(cells: Sequence[str], declared: DecimalMark | None = None, **more: bool) -> ReadBy[DecimalMark] | Undecided:
    look = NumberLook(declared, **{"comma_groups": True, **more})
    for number, cell in enumerate(cells):
        look.add(cell, str(number))
    return look.decided()


@pytest.mark.parametrize(
    ("cells", "declared", "mark"),
    [
        (["1,12", "12.500", "1,2,3"], None, "comma"),
        (["1,234", "1,234.50"], None, "point"),
        (["1,234", "12"], None, "point"),
        (["1.234", "1234.5"], None, "point"),
        (["1.234"], "comma", "comma"),
        (["1.234"], "point", "point"),
        (["1234"], None, "point"),
        ([], None, "point"),
    ],
)
def test_a_decimal_mark_that_is_found(cells: list[str], declared: DecimalMark | None, mark: DecimalMark) -> None:
    assert numbers(cells, declared) == ReadBy((mark,))


@pytest.mark.parametrize(
    ("cells", "declared", "deciding", "two_ways"),
    [
        (["1.234"], None, [], ["1.234"]),
        (["1,12", "1.12", "1.13"], None, ["1,12"], []),
        (["1,12", "12"], "point", ["1,12"], []),
        (["1.12", "1.234"], "comma", ["1.12"], []),
        (["x", "y", "z", "5"], None, ["x", "y", "z"], []),
    ],
)
def test_a_decimal_mark_that_is_not(
    cells: list[str], declared: DecimalMark | None, deciding: list[str], two_ways: list[str]
) -> None:
    found = numbers(cells, declared)
    assert isinstance(found, Undecided)
    assert [cell.value for cell in found.deciding] == deciding
    assert [cell.value for cell in found.two_ways] == two_ways


def test_a_lone_comma_in_a_number_that_is_no_amount_is_a_question() -> None:
    assert isinstance(numbers(["1,234"], comma_groups=False), Undecided)
    assert numbers(["1.234"], whole=True) == ReadBy(("comma",))
    assert isinstance(numbers(["1.000"], whole=True), Undecided)
