"""Columns of dates as spreadsheets, CRMs, data frames and programs of many languages write them, and what they say."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from dealflow.domain.values.column.look import ReadBy, TimeLook, Undecided
from dealflow.domain.values.column.names import LANGUAGES, in_english
from dealflow.domain.values.column.times import is_time_form, read_time

ZONE = ZoneInfo("Europe/Berlin")


def read(cells: Sequence[str]) -> list[str | None] | Undecided:
    """The cells as ISO has them, by the forms that are found for the column."""
    look = TimeLook((), ZONE)
    for number, cell in enumerate(cells):
        look.add(cell, str(number))
    found = look.decided()
    if not isinstance(found, ReadBy):
        return found
    readings = [next((read for form in found.forms if (read := read_time(cell, form, ZONE))), None) for cell in cells]
    return [each and (each.at.date() if each.is_day else each.at).isoformat() for each in readings]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        # Excel and Google Sheets, by the language of the computer
        ("3/4/2017 | 3/14/2017 1:30:00 PM", "2017-03-04 | 2017-03-14T13:30:00"),
        ("3/14/2017, 12:30:00\u202fAM", "2017-03-14T00:30:00"),
        ("4.3.17 | 14.3.17", "2017-03-04 | 2017-03-14"),
        ("14. Mrz 25 | 3. Okt 25", "2025-03-14 | 2025-10-03"),
        ("3. Okt. 2025 | 14. März 2025 | 1. Mai 2025", "2025-10-03 | 2025-03-14 | 2025-05-01"),
        ("Mittwoch, 1. März 2017 | Dienstag, 3. Oktober 2017", "2017-03-01 | 2017-10-03"),
        ("14.03.2017, 09:30 Uhr", "2017-03-14T09:30:00"),
        ("1er février 2017 | 14 août 2017", "2017-02-01 | 2017-08-14"),
        ("1 févr. 2017 | 3 sept. 2017 | 5 déc. 2017", "2017-02-01 | 2017-09-03 | 2017-12-05"),
        ("mercredi 1 mars 2017 à 09:30", "2017-03-01T09:30:00"),
        ("14/03/2017 09h30", "2017-03-14T09:30:00"),
        ("1 marzo 2017 | 15 gen 2017", "2017-03-01 | 2017-01-15"),
        ("1 de marzo de 2017 | 15 de agosto de 2017", "2017-03-01 | 2017-08-15"),
        ("1 de março de 2017", "2017-03-01"),
        ("1 maart 2017 | 3 mei 2017", "2017-03-01 | 2017-05-03"),
        ("1 marca 2017 | 3 października 2025", "2017-03-01 | 2025-10-03"),
        ("1. března 2017", "2017-03-01"),
        ("2017. március 1.", "2017-03-01"),
        ("1 марта 2017 г. | 3 окт. 2025 г.", "2017-03-01 | 2025-10-03"),
        ("1 Mart 2017 | 3 Ekim 2025", "2017-03-01 | 2025-10-03"),
        ("den 1 mars 2017", "2017-03-01"),
        ("1. 3. 2017 | 14. 3. 2017", "2017-03-01 | 2017-03-14"),
        ("2025年3月4日 | 2025年10月13日", "2025-03-04 | 2025-10-13"),
        ("2025年3月4日 星期二 | 2025年3月5日星期三", "2025-03-04 | 2025-03-05"),
        ("2025年3月4日 下午3:05 | 2025年3月4日上午9:30", "2025-03-04T15:05:00 | 2025-03-04T09:30:00"),
        ("2025年3月4日 9时30分 | 2025年3月4日 15时05分", "2025-03-04T09:30:00 | 2025-03-04T15:05:00"),
        ("2025/3/4 下午 3:05:00 | 2025/3/4 上午 12:05:00", "2025-03-04T15:05:00 | 2025-03-04T00:05:00"),
        ("２０１７年３月１日 | ２０１７年１２月１日", "2017-03-01 | 2017-12-01"),
        ("2017年3月1日(水) | 2017年3月6日(月)", "2017-03-01 | 2017-03-06"),
        ("2017. 3. 1. | 2017. 3. 14. 오후 3:05", "2017-03-01 | 2017-03-14T15:05:00"),
        ("Sept. 3, 2025 | May 4, 2025 | March 5, 2025", "2025-09-03 | 2025-05-04 | 2025-03-05"),
        ("March 1st, 2017 | Oct 3rd, 2025", "2017-03-01 | 2025-10-03"),
        # CRMs
        ("2017-03-01 9:30 AM | 2017-03-01 10:30 PM", "2017-03-01T09:30:00 | 2017-03-01T22:30:00"),
        ("2017-03-01, 9:30 a.m.", "2017-03-01T09:30:00"),
        ("2021-01-07 6:49:18 | 2021-01-07 16:49:18", "2021-01-07T06:49:18 | 2021-01-07T16:49:18"),
        ("2021-06-05T09:00:00.000+0000", "2021-06-05T09:00:00+00:00"),
        ("2025/03/04 09:30", "2025-03-04T09:30:00"),
        ("14.03.2017 09.30", "2017-03-14T09:30:00"),
        # data frames, databases, Java
        ("2017-03-01 00:00:00", "2017-03-01T00:00:00"),
        ("2017-03-01T09:30:00.123456789Z", "2017-03-01T09:30:00.123456+00:00"),
        ("2017-03-01 09:30:00+01", "2017-03-01T09:30:00+01:00"),
        ("2017-03-01 09:30:00 CET", "2017-03-01T09:30:00+01:00"),
        ("2017-03-01T09:30", "2017-03-01T09:30:00"),
        ("2017-03-01T09:30+01:00[Europe/Berlin]", "2017-03-01T09:30:00+01:00"),
        ("Sun Oct 29 02:30:00 CEST 2017 | Sun Oct 29 02:30:00 CET 2017", "2017-10-29T02:30:00+02:00 | 2017-10-29T02:30:00+01:00"),
        ("2017-03-01 09:30:00.0", "2017-03-01T09:30:00"),
        ("Wed Mar  1 09:30:00 2017", "2017-03-01T09:30:00"),
        ("Wed, 01 Mar 2017 09:30:00 GMT", "2017-03-01T09:30:00+00:00"),
        ("01-MAR-17 09.30.00.000000 PM", "2017-03-01T21:30:00"),
        ("Mar  1 2017  9:30AM", "2017-03-01T09:30:00"),
        ("20170301 | 20171231", "2017-03-01 | 2017-12-31"),
        ("20170301093000", "2017-03-01T09:30:00"),
        ("201703010930", "2017-03-01T09:30:00"),
        ("2017W093", "2017-03-01"),
    ],
)  # fmt: skip
def test_a_column_says_what_was_written(cells: str, wanted: str) -> None:
    assert read(cells.split(" | ")) == wanted.split(" | ")


@pytest.mark.parametrize(
    ("cells", "others"),
    [
        ("04/03/17 | 05/03/17", ["%d/%m/%y", "%m/%d/%y", "%y/%m/%d"]),
        ("3 listopada 2025 | 4 listopada 2025", ["%d %B %Y@pl", "%d %B %Y@hr"]),  # November, or October
        ("10月3日 | 10月4日 | 10月5日", []),  # of no year
        ("Mar-17 | Apr-17 | May-17", []),  # of no day
        ("1488360600 | 1488360601", ["epoch-seconds"]),
        ("42795 | 42796.5", ["excel-1900", "excel-1904"]),
        ("201703 | 201704 | 201705", []),
    ],
)
def test_a_column_that_says_it_in_two_ways_or_in_none_is_not_read(cells: str, others: list[str]) -> None:
    found = read(cells.split(" | "))
    assert isinstance(found, Undecided)
    assert [fit.forms[0] for fit in found.others][: len(others)] == others


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_puts_its_own_months_into_english(language: str) -> None:
    from babel import Locale

    english = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
    )
    months = Locale.parse(language).months["format"]["wide"]
    named = [
        (months[number], name) for number, name in enumerate(english, 1) if not any(map(str.isdigit, months[number]))
    ]
    for month, name in named:
        assert in_english(f"3 {month} 2017", language) in (f"3 {name} 2017", f"3 de {name} 2017", f"3 d’{name} 2017")


@pytest.mark.parametrize(("form", "is_one"), [("%d %B %Y@fr", True), ("%d %B %Y@xx", False), ("@fr", False)])
def test_a_form_with_a_language(form: str, is_one: bool) -> None:
    assert is_time_form(form) is is_one
