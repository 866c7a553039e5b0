"""A day as people write it: what is read, and what is refused with both readings."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.written.day import Leaning, NeedsToday, is_plain_day, read_day

SATURDAY = date(2026, 11, 28)


def read(written: str, leaning: Leaning = "past") -> str:
    return read_day(written, SATURDAY, leaning).isoformat()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-28", "2026-11-28"),
        (" 2026-11-28 ", "2026-11-28"),
        ("2026/11/28", "2026-11-28"),
        ("2026.11.28", "2026-11-28"),
        ("2026-1-5", "2026-01-05"),
        ("20261128", "2026-11-28"),
        ("2026年11月28日", "2026-11-28"),
        ("2026年1月5号", "2026-01-05"),
        ("2026 年 11 月 28 日", "2026-11-28"),
        ("２０２６／１１／２８", "2026-11-28"),
        ("２０２６年１１月２８日", "2026-11-28"),
        ("28 Nov 2026", "2026-11-28"),
        ("28-nov-2026", "2026-11-28"),
        ("Nov 28, 2026", "2026-11-28"),
        ("November 28th 2026", "2026-11-28"),
        ("1st Sept. 2026", "2026-09-01"),
        ("May 5, 2026", "2026-05-05"),
        ("28/11/2026", "2026-11-28"),
        ("11/28/2026", "2026-11-28"),
        ("28.11.2026", "2026-11-28"),
        ("11/11/2026", "2026-11-11"),
    ],
)
def test_a_day_with_its_year_is_read_alike_on_every_day(written: str, day: str) -> None:
    assert read(written) == read_day(written, None, "future").isoformat() == day
    assert is_plain_day(written) is (written.strip() == day)


@pytest.mark.parametrize(
    ("written", "past", "future"),
    [
        ("11月28日", "2026-11-28", "2026-11-28"),
        ("11月29日", "2025-11-29", "2026-11-29"),
        ("1月5日", "2026-01-05", "2027-01-05"),
        ("11月30号", "2025-11-30", "2026-11-30"),
        ("2月29日", "2024-02-29", "2028-02-29"),
        ("30 Nov", "2025-11-30", "2026-11-30"),
        ("Nov 30th", "2025-11-30", "2026-11-30"),
        ("周五", "2026-11-27", "2026-12-04"),
        ("星期六", "2026-11-28", "2026-11-28"),
        ("礼拜天", "2026-11-22", "2026-11-29"),
        ("Friday", "2026-11-27", "2026-12-04"),
    ],
)
def test_a_day_without_its_year_is_the_nearest_on_the_side_that_is_leaned_to(
    written: str, past: str, future: str
) -> None:
    assert (read(written, "past"), read(written, "future")) == (past, future)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("今天", "2026-11-28"), ("今日", "2026-11-28"), ("today", "2026-11-28"), ("昨天", "2026-11-27"),
        ("Yesterday", "2026-11-27"), ("前天", "2026-11-26"), ("大前天", "2026-11-25"), ("明天", "2026-11-29"),
        ("TOMORROW", "2026-11-29"), ("后天", "2026-11-30"), ("後天", "2026-11-30"), ("大后天", "2026-12-01"),
        ("下周五", "2026-12-04"), ("上周五", "2026-11-20"), ("本周五", "2026-11-27"), ("这周日", "2026-11-29"),
        ("下个星期一", "2026-11-30"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("leaning", ["past", "future"])
def test_a_word_is_told_from_today(written: str, day: str, leaning: Leaning) -> None:
    assert read(written, leaning) == day


@pytest.mark.parametrize(
    ("written", "one", "other"),
    [
        ("11/12/2026", "2026-11-12", "2026-12-11"),
        ("1/2/2026", "2026-01-02", "2026-02-01"),
        ("01.02.2026", "2026-01-02", "2026-02-01"),
        ("11-12-2026", "2026-11-12", "2026-12-11"),
    ],
)
def test_a_day_that_can_be_read_in_two_ways_is_refused_with_both(written: str, one: str, other: str) -> None:
    with pytest.raises(ValueError, match=f"as {one} or as {other}"):
        read(written)


@pytest.mark.parametrize(
    "written",
    [
        "", "x", "2026-02-29", "31/31/2026", "2026-13-01", "26/11/28", "28/11/26", "11/28", "11-28", "2026-11", "2026-1/5", "28",
        "28日", "next friday", "2026-11-28T09:30", "13月1日", "2月30日", "Nov 31, 2026", "2026²-11-28", "2026-W48-6", "0000-01-01",
        "二〇二六年", "yesterday's",
    ],
)  # fmt: skip
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  which sentence is told elsewhere
        read(written)
    assert str(refused.value).startswith(repr(written))


@pytest.mark.parametrize("written", ["明天", "today", "11月28日", "28 Nov", "周五", "Friday"])
def test_without_a_today_nothing_is_told_from_it(written: str) -> None:
    with pytest.raises(NeedsToday):
        read_day(written, None, "past")


FORMS = (
    "{0:%Y}-{0:%m}-{0:%d}", "{0:%Y}/{0.month}/{0.day}", "{0:%Y}.{0:%m}.{0:%d}", "{0:%Y}年{0.month}月{0.day}日",
    "{0.day} {0:%B} {0:%Y}",
    "{0:%b} {0.day}, {0:%Y}",
)  # fmt: skip


@given(st.dates(date(1960, 1, 1), date(2200, 1, 1)), st.sampled_from(FORMS), st.booleans())
def test_every_day_reads_back_from_every_form(day: date, form: str, is_full_width: bool) -> None:
    written = form.format(day)
    if is_full_width:
        written = written.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert read_day(written, None, "past") == day


@given(st.dates(date(1960, 1, 1), date(2200, 1, 1)), st.integers(0, 360))
def test_a_day_without_its_year_is_less_than_a_year_away(today: date, days: int) -> None:
    before, behind = today - timedelta(days=days), today + timedelta(days=days)
    if (before.month, before.day) != (2, 29):
        assert read_day(f"{before.month}月{before.day}日", today, "past") == before
    if (behind.month, behind.day) != (2, 29):
        assert read_day(f"{behind.month}月{behind.day}日", today, "future") == behind


@given(st.text(st.sampled_from("0123456789/-.年月日 TNov周五明天"), max_size=16))
def test_any_text_is_a_day_or_refused(written: str) -> None:
    try:
        read = read_day(written, SATURDAY, "past")
    except ValueError:
        return
    assert isinstance(read, date)
