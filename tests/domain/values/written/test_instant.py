"""An instant as people write it: in a zone, by a day that begins or ends something, and where clocks leave times out."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.written.day import NeedsToday
from dealflow.domain.values.written.instant import NeedsZone, first_instant, is_plain_instant, read_instant

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = (datetime.combine(date(year, 1, 1), time()) for year in (1975, 2035))
NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)  # ten in the morning in Shanghai


def read(written: str, zone: ZoneInfo = SHANGHAI, *, ends: bool = False) -> str:
    return read_instant(written, zone, NOW, leaning="future", ends=ends).at.astimezone(zone).isoformat()


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-11-28T09:30:00+08:00", "2026-11-28T09:30:00+08:00"),
        ("2026-11-28T01:30Z", "2026-11-28T09:30:00+08:00"),
        ("2026-11-28 01:30 UTC", "2026-11-28T09:30:00+08:00"),
        ("2026-11-28 10:30 +09:00", "2026-11-28T09:30:00+08:00"),
        ("2026-11-28 09:30", "2026-11-28T09:30:00+08:00"),
        ("2026-11-28T09:30:15.5", "2026-11-28T09:30:15.500000+08:00"),
        ("2026/11/28 9:30", "2026-11-28T09:30:00+08:00"),
        ("２０２６－１１－２８　０９：３０", "2026-11-28T09:30:00+08:00"),
        ("11月28日15点30分", "2026-11-28T15:30:00+08:00"),
        ("2026年11月28日 15:30", "2026-11-28T15:30:00+08:00"),
        ("9:30", "2026-11-28T09:30:00+08:00"),
        ("3pm", "2026-11-28T15:00:00+08:00"),
        ("12:15 am", "2026-11-28T00:15:00+08:00"),
        ("下午3点半", "2026-11-28T15:30:00+08:00"),
        ("明天 15:00", "2026-11-29T15:00:00+08:00"),
        ("明天15:00", "2026-11-29T15:00:00+08:00"),
        ("明天下午3点", "2026-11-29T15:00:00+08:00"),
        ("昨天上午9:30", "2026-11-27T09:30:00+08:00"),
        ("下周五15:00", "2026-12-04T15:00:00+08:00"),
        ("2026年11月28日9时30分", "2026-11-28T09:30:00+08:00"),
        ("tomorrow 3:30 pm", "2026-11-29T15:30:00+08:00"),
        ("Nov 28, 2026 9:30 am", "2026-11-28T09:30:00+08:00"),
    ],
)
def test_a_time_is_read_in_the_zone_or_at_its_offset(written: str, at: str) -> None:
    assert read(written) == read(written, ends=True) == at


@pytest.mark.parametrize("written", ["2026-11-28", "2026/11/28", "11月28日", "今天", "28 Nov", "28-11-2026"])
def test_a_day_alone_is_its_first_instant_or_its_last(written: str) -> None:
    assert read(written) == "2026-11-28T00:00:00+08:00"
    assert read(written, ends=True) == "2026-11-28T23:59:59.999999+08:00"


@pytest.mark.parametrize(
    "written",
    [
        "", "soon", "9:3", "25:00", "24:00", "9:60", "13pm", "下午13点", "2026-11-28 9", "2026-11-28T", "2026-11-28 24:00",
        "11/12/2026 9:30",
        "2026-02-30 9:30", "2026-11-28 09:30 CET", "2026-11-28T09:30+25:00", "0001-01-01",
        "9999-12-31T23:00-14:00", "tomorrow tomorrow", "2026-11-24Z", "2026-11-24+08:00", "2026-11-24 UTC", "20261124+0800",
    ],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  which sentence is told elsewhere
        read(written, ends=True)


@pytest.mark.parametrize(
    ("written", "is_plain"), [("2026-11-28T09:30:00+08:00", True), ("2026-11-28 09:30", False), ("明天", False)]
)
def test_only_an_instant_with_its_offset_is_plain(written: str, is_plain: bool) -> None:
    assert is_plain_instant(written) is is_plain


def test_a_day_with_hyphens_and_its_year_last_is_no_offset() -> None:
    assert read("28-11-2026 9:30") == "2026-11-28T09:30:00+08:00"
    with pytest.raises(ValueError, match="2026-02-01"):
        read("01-02-2026")


def test_without_a_zone_only_an_offset_tells_an_instant() -> None:
    assert read_instant("2026-11-28T01:30Z", None, None, leaning="past").at.isoformat() == "2026-11-28T01:30:00+00:00"
    for written in ("2026-11-28 09:30", "2026-11-28", "tomorrow", "9:30"):
        with pytest.raises(NeedsZone):
            read_instant(written, None, NOW, leaning="past")
    with pytest.raises(ValueError, match="is not a date"):
        read_instant("soon", None, NOW, leaning="past")


def test_without_a_now_nothing_is_told_from_today() -> None:
    assert (
        read_instant("2026-11-28 09:30", SHANGHAI, None, leaning="past").at.isoformat() == "2026-11-28T01:30:00+00:00"
    )
    with pytest.raises(NeedsToday):
        read_instant("明天 9:30", SHANGHAI, None, leaning="past")


@pytest.mark.parametrize(
    ("written", "one", "other"),
    [
        ("2026-03-08 02:30", "2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00"),
        ("2026-11-01 01:30", "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"),
    ],
)
def test_a_time_that_clocks_show_never_or_twice_is_refused_with_both_readings(
    written: str, one: str, other: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  the sentence is looked at
        read(written, NEW_YORK)
    assert one in str(refused.value) and other in str(refused.value)


@pytest.mark.parametrize(
    ("day", "zone", "first"),
    [
        (date(2026, 3, 8), "America/Havana", "2026-03-08T01:00:00-04:00"),  # its 00:00 is left out
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
        (date(2026, 11, 1), "America/Havana", "2026-11-01T00:00:00-04:00"),  # its 00:00 comes twice
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-31T00:00:00+14:00"),  # the whole day is left out
        (date(2026, 3, 8), "America/New_York", "2026-03-08T00:00:00-05:00"),
    ],
)
def test_a_day_begins_at_its_first_instant(day: date, zone: str, first: str) -> None:
    assert first_instant(day, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).isoformat() == first


@given(st.dates(date(1975, 1, 1), date(2035, 1, 1)), st.timezones())
def test_days_follow_one_another_without_a_gap(day: date, zone: ZoneInfo) -> None:
    begins, next_begins = first_instant(day, zone), first_instant(day + timedelta(days=1), zone)
    ends = read_instant(str(day), zone, None, leaning="past", ends=True).at
    assert ends + timedelta(microseconds=1) == next_begins
    assert begins <= next_begins
    if begins < next_begins:
        assert begins.astimezone(zone).date() == day
        assert (begins - timedelta(microseconds=1)).astimezone(zone).date() <= day


@given(st.datetimes(FIRST, LAST), st.timezones())
def test_a_local_time_reads_back_or_names_two_others(wall: datetime, zone: ZoneInfo) -> None:
    written = wall.isoformat(sep=" ")
    try:
        at = read_instant(written, zone, None, leaning="past").at
    except ValueError as refused:
        assert repr(written) in str(refused)  # noqa: PT017  either outcome is right, and each has its own check
    else:
        assert at.astimezone(zone).replace(tzinfo=None) == wall


@given(st.datetimes(FIRST, LAST, timezones=st.timezones()))
def test_an_instant_with_its_offset_reads_back(at: datetime) -> None:
    assert read_instant(at.isoformat(), None, None, leaning="past").at == at.astimezone(UTC)


@given(st.text(st.sampled_from("0123456789-:/T Z+上下午点分明天apm"), max_size=24))
def test_any_text_is_an_instant_or_refused(written: str) -> None:
    try:
        at = read_instant(written, SHANGHAI, NOW, leaning="past").at
    except ValueError:
        return
    assert at.tzinfo is UTC
