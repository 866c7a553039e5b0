"""Cells of numbers and amounts, each by one decimal mark."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.column.empty_words import is_empty_word
from dealflow.domain.values.column.numbers import Rounding, amount_of, read_cell_number
from dealflow.domain.values.written.digits import DecimalMark


@pytest.mark.parametrize(
    ("cell", "by_point", "by_comma"),
    [
        ("1234", "1234", "1234"),
        ("1234.0", "1234.0", None),
        ("1,12", None, "1.12"),
        ("1234,56", None, "1234.56"),
        ("1,234", "1234", "1.234"),
        ("1.234", "1.234", "1234"),
        ("1,234.50", "1234.50", None),
        ("1.234,50", None, "1234.50"),
        ("1 234,50", None, "1234.50"),
        ("1\u202f234,50", None, "1234.50"),
        ("1'234.50", "1234.50", None),
        ("1,23,456.00", "123456.00", None),
        ("(500.00)", "-500.00", None),
        ("$(500)", "-500", "-500"),
        ("500-", "-500", "-500"),
        ("-500", "-500", "-500"),
        ("−500", "-500", "-500"),
        ("$ -500", "-500", "-500"),
        ("+5", "5", "5"),
        ("1.5e3", "1.5E+3", None),
        ("1,5E+3", None, "1.5E+3"),
        ("1E3", "1E+3", "1E+3"),
        (".5", "0.5", None),
        ("5.", "5", None),
        ("7,5 EUR", None, "7.5"),
        ("€ 1.234,56", None, "1234.56"),
        ("US$1,234.00", "1234.00", None),
        ("1.5万", "15000", None),
        ("1'234.-", "1234", None),
        ("CHF 20.--", "20", None),
        ("1.234,-", None, "1234"),
        ("–5", "-5", "-5"),
        ("1 234,50 Ft", None, "1234.50"),
        ("Rp 1.234.567", None, "1234567"),
        ("12,5 %", None, None),
        ("1.234,56 CR", None, None),
        ("#####", None, None),
        ("1,2,3", None, None),
        ("1,,000", None, None),
        ("12abc", None, None),
        ("", None, None),
        ("--5", None, None),
        ("1e999", None, None),
    ],
)
def test_a_cell_by_each_mark(cell: str, by_point: str | None, by_comma: str | None) -> None:
    readings: tuple[tuple[DecimalMark, str | None], ...] = (("point", by_point), ("comma", by_comma))
    for mark, wanted in readings:
        read = read_cell_number(cell, mark)
        assert (read.number if read else None) == (Decimal(wanted) if wanted is not None else None), mark


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from(["point", "comma"]))
def test_whatever_is_written_by_a_mark_is_read_back_by_it(number: Decimal, mark: DecimalMark) -> None:
    plain = f"{number:f}" if mark == "point" else f"{number:f}".replace(".", ",")
    grouped = f"{number:,f}" if mark == "point" else f"{number:,f}".translate(str.maketrans(",.", ".,"))
    for cell in (plain, grouped):
        read = read_cell_number(cell, mark)
        assert read is not None and read.number == number


@pytest.mark.parametrize(
    ("cell", "rounding", "wanted"),
    [
        ("12.34", None, "12.34 EUR"),
        ("12.340", None, "12.34 EUR"),
        ("12.345", None, None),
        ("12.345", "half_up", "12.35 EUR"),
        ("12.345", "half_even", "12.34 EUR"),
        ("12.349", "down", "12.34 EUR"),
        ("¥12", None, None),
        ("12 USD", None, "12.00 USD"),
        ("12 USD EUR", None, None),
        ("12 JPY", None, "12 JPY"),
        ("1e20", None, None),
    ],
)
def test_an_amount_is_exact_or_rounded_as_the_mapping_says(
    cell: str, rounding: Rounding | None, wanted: str | None
) -> None:
    read = read_cell_number(cell, "point")
    assert read is not None
    if wanted is not None:
        assert str(amount_of(read, "EUR", rounding=rounding)) == wanted
        return
    with pytest.raises(ValueError, match=r"decimal|sign|currencies|beyond") as error:
        amount_of(read, "EUR", rounding=rounding)
    assert cell not in str(error.value)


@pytest.mark.parametrize("word", ["-", "N/A", "nan", "NULL", "NaT", "None", "(blank)", "#N/A", "NaN", "<NA>", "\\N"])
def test_words_of_nothing_are_nothing(word: str) -> None:
    assert is_empty_word(word)
    assert not is_empty_word("0")
