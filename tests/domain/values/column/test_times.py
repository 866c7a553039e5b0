"""Cells of days and instants, each by one form."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.column.known import known_forms
from dealflow.domain.values.column.times import NUMBERED, is_time_form, read_time

ZONE = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("cell", "form", "wanted"),
    [
        ("2017-03-01", "iso", "2017-03-01"),
        ("20170301", "iso", "2017-03-01"),
        ("2017-03-01T09:30:00Z", "iso", "2017-03-01T09:30:00+00:00"),
        ("2017-03-01 09:30:00.123456789", "iso", "2017-03-01T09:30:00.123456"),
        ("2017-03-01 09:30:00+00", "iso", "2017-03-01T09:30:00+00:00"),
        ("2017-03-01T09:30:00.000+0100", "iso", "2017-03-01T09:30:00+01:00"),
        ("2017-03-01 09:30:00 UTC", "iso", "2017-03-01T09:30:00+00:00"),
        ("2017-03-01 09:30:00 +0200", "iso", "2017-03-01T09:30:00+02:00"),
        ("2017-03-01T09:30+01:00[Europe/Paris]", "iso", "2017-03-01T09:30:00+01:00"),
        ("1949-03-01", "iso", "1949-03-01"),
        ("1899-12-31", "iso", None),
        ("3/4/2017", "%d/%m/%Y", "2017-04-03"),
        ("3/4/2017", "%m/%d/%Y", "2017-03-04"),
        ("3/14/2017", "%d/%m/%Y", None),
        ("1 Sept 2017", "%d %b %Y", "2017-09-01"),
        ("Mar 1, 2017, 9:00:00\u202fAM", "%b %d, %Y, %I:%M:%S %p", "2017-03-01T09:00:00"),
        ("3/1/2017 9:00 p.m.", "%m/%d/%Y %I:%M %p", "2017-03-01T21:00:00"),
        ("Wed Mar 01 09:00:00 UTC 2017", "java", "2017-03-01T09:00:00+00:00"),
        ("Wed Mar 01 09:00:00 CET 2017", "java", "2017-03-01T09:00:00+01:00"),
        ("Sat Jul 01 09:00:00 CEST 2017", "java", "2017-07-01T09:00:00+02:00"),
        ("Wed Mar 01 09:00:00 PST 2017", "java", "2017-03-01T09:00:00-08:00"),
        ("Wed Mar 01 09:00:00 GMT+08:00 2017", "java", "2017-03-01T09:00:00+08:00"),
        ("Wed Mar 01 09:00:00 CST 2017", "java", None),  # Chicago or Shanghai
        ("42795", "excel-1900", "2017-03-01"),
        ("42795.0", "excel-1900", "2017-03-01"),
        ("42795.395833333336", "excel-1900", "2017-03-01T09:30:00"),
        ("1", "excel-1900", "1900-01-01"),
        ("60", "excel-1900", None),
        ("61", "excel-1900", "1900-03-01"),
        ("41333", "excel-1904", "2017-03-01"),
        ("1488360600", "epoch-seconds", "2017-03-01T09:30:00+00:00"),
        ("1488360600000", "epoch-millis", "2017-03-01T09:30:00+00:00"),
        ("1.4883606E12", "epoch-millis", "2017-03-01T09:30:00+00:00"),
        ("1488360600000000000", "epoch-nanos", "2017-03-01T09:30:00+00:00"),
        ("1488360600000", "epoch-seconds", None),
        ("1488360600", "epoch-millis", None),
        ("1.48836E+12", "epoch-millis", None),  # as a spreadsheet shortens it
        ("20170301093000", "epoch-millis", None),
        ("201703", "excel-1900", None),
        ("42795,5", "excel-1900", "2017-03-01T12:00:00"),
        ("2017-W09-3", "iso", "2017-03-01"),
        ("2017-W09", "iso", None),
        ("2017-03-01T24:00:00", "iso", "2017-03-02T00:00:00"),
        ("3/14/2017 24:00", "%m/%d/%Y %H:%M", "2017-03-15T00:00:00"),
        ("2017-03-01 24:30", "iso", None),
        ("2017-03-01T09:30[Asia/Shanghai]", "iso", "2017-03-01T09:30:00+08:00"),
        ("2017-03-01T09:30[Nowhere/Else]", "iso", None),
        ("2017-03-01 09:30:00 Asia/Shanghai", "iso", "2017-03-01T09:30:00+08:00"),
        ("2017-07-01 09:30:00 CEST", "iso", "2017-07-01T09:30:00+02:00"),
        ("2017-03-01 09:30:00 CST", "iso", None),
        ("2017-03-01 09:30 (estimated)", "iso", None),
        ("2017-03-01 (estimated)", "iso", None),
        ("01.03.2017 09:30 PST", "%d.%m.%Y %H:%M", "2017-03-01T09:30:00-08:00"),
        ("01.03.2017 09:30 PST", "%d.%m.%Y %H:%M %Z", "2017-03-01T09:30:00-08:00"),
        ("01.03.49", "%d.%m.%y", "2049-03-01"),
        ("01.03.50", "%d.%m.%y", None),  # 1950 to a spreadsheet
        ("01.03.68", "%d.%m.%y", None),
        ("01.03.70", "%d.%m.%y", "1970-03-01"),
        ("3/14/2017 09:30:00.1234567", "%m/%d/%Y %H:%M:%S.%f", "2017-03-14T09:30:00.123456"),
        ("soon", "iso", None),
    ],
)  # fmt: skip
def test_a_cell_by_one_form(cell: str, form: str, wanted: str | None) -> None:
    read = read_time(cell, form, ZONE)
    said = read and (read.at.date() if read.is_day else read.at).isoformat()
    assert said == wanted


@pytest.mark.parametrize(
    ("cell", "forms"),
    [
        ("3/4/2017", ["%d/%m/%Y", "%m/%d/%Y"]),
        ("3.4.2017 9:30", ["%d.%m.%Y %H:%M", "%m.%d.%Y %H:%M"]),
        ("3-4-17", ["%d-%m-%y", "%m-%d-%y", "%y-%m-%d"]),
        ("2017/3/4", ["%Y/%m/%d"]),
        ("2017年3月4日", ["%Y年%m月%d日"]),
        ("4 Mar 2017", ["%d %b %Y"]),
        ("04-MAR-17", ["%d-%b-%y"]),
        ("4. March 2017", ["%d. %B %Y"]),
        ("Mar 4, 2017, 9:30:00 PM", ["%b %d, %Y, %I:%M:%S %p"]),
        ("Sat, 4 Mar 2017 09:30:00 +0100", ["%a, %d %b %Y %H:%M:%S %z"]),
        ("Sat, 4 Mar 2017 09:30:00 GMT", ["%a, %d %b %Y %H:%M:%S %Z"]),
        ("Saturday, March 4, 2017", ["%A, %B %d, %Y"]),
        ("Sat Mar 04 2017 09:30:00 GMT+0100 (Central European Standard Time)", ["%a %b %d %Y %H:%M:%S GMT%z"]),
        ("Sat Mar 04 09:30:00 CET 2017", ["java"]),
        ("42795", []),
        ("tomorrow", []),
    ],
)
def test_the_forms_that_a_cell_may_have_read_it(cell: str, forms: list[str]) -> None:
    found = [form for _, form in known_forms(cell) if "@" not in form]
    assert found == forms
    if forms:
        assert any(read_time(cell, form, ZONE) for form in found)
    assert all(is_time_form(form) for form in found)


_FIRST, _LATER, _LAST = (datetime.combine(date(year, 1, 1), time()) for year in (1900, 1980, 2199))
_PATTERNS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S",
    "%d %b %Y",
    "%B %d, %Y",
    "%m/%d/%Y %I:%M %p",
    "%Y年%m月%d日",
)


@given(st.datetimes(_FIRST, _LAST), st.sampled_from(_PATTERNS))
def test_whatever_a_pattern_writes_it_reads(at: datetime, form: str) -> None:
    cell = at.strftime(form)
    read = read_time(cell, form, ZONE)
    assert read is not None and read.at.strftime(form) == cell
    assert form in [found for _, found in known_forms(cell)]


@given(st.dates(date(1900, 3, 1), date(2199, 1, 1)), st.integers(0, 86_399))
def test_a_serial_number_is_the_second_that_it_was_made_of(day: date, second: int) -> None:
    wall = datetime.combine(day, time()) + timedelta(seconds=second)
    serial = (wall - datetime.combine(date(1899, 12, 30), time())) / timedelta(days=1)
    read = read_time(repr(serial), "excel-1900", ZONE)
    assert read is not None and read.at == wall


@given(st.datetimes(_LATER, _LAST), st.sampled_from(["epoch-seconds", "epoch-millis"]))
def test_a_count_of_seconds_is_one_instant_in_one_unit(at: datetime, form: str) -> None:
    at = at.replace(microsecond=0, tzinfo=UTC)
    cell = str(int(at.timestamp()) * (1000 if form == "epoch-millis" else 1))
    others = [each for each in NUMBERED if each.startswith("epoch") and each != form]
    read = read_time(cell, form, ZONE)
    assert read is not None and read.at == at
    assert not any(read_time(cell, each, ZONE) for each in others)
