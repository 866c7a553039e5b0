"""Working time: make-up days, provisional years, deadlines in working days and plain ones."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealflow.adapters.calendars.business import BusinessCalendar, BusinessCalendars, UnknownCalendar
from dealflow.adapters.calendars.file import CalendarFileInvalid
from dealflow.adapters.calendars.plan import CalendarPlan
from dealflow.domain.values.duration import Duration

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = BusinessCalendars().get("china-office")
PLAIN = BusinessCalendars().get("plain")
BERLIN_OFFICE = BusinessCalendar(
    CalendarPlan("berlin", zone="Europe/Berlin", country="DE", hours=((480, 720), (780, 1020)))
)
BERLIN_ALWAYS = BusinessCalendar(CalendarPlan("shifts", zone="Europe/Berlin", week=tuple(range(7)), hours=((0, 1440),)))
LORD_HOWE = BusinessCalendar(CalendarPlan("howe", zone="Australia/Lord_Howe", hours=((0, 1440),)))
FAR_EAST = BusinessCalendar(CalendarPlan("kiritimati", zone="Pacific/Kiritimati", country="KI", week=(6, 0, 1)))
CALENDARS = [CHINA, PLAIN, BERLIN_OFFICE, BERLIN_ALWAYS, LORD_HOWE, FAR_EAST]


def long(written: str) -> Duration:
    return Duration.model_validate(written)


def shanghai(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-02-13", True),
        ("2026-02-14", True),  # Saturday, makes up for the Spring Festival
        ("2026-02-15", False),
        ("2026-02-16", False),  # New Year's eve
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-02-28", True),  # Saturday
        ("2026-10-07", False),
        ("2026-10-10", True),  # Saturday
        ("2025-01-26", True),  # Sunday
        ("2025-09-28", True),  # Sunday
        ("2025-10-08", False),
        ("2020-01-31", False),  # the Spring Festival that was made longer
        ("2018-12-29", True),  # Saturday for the next New Year
    ],
)
def test_chinese_days_are_known(day: str, working: bool) -> None:
    assert CHINA.is_working_day(date.fromisoformat(day)) is working


@pytest.mark.parametrize(
    ("start", "length", "due"),
    [
        ("2026-11-24T10:00", "10 working days", "2026-12-08T10:00"),
        ("2026-02-13T10:00", "1 working day", "2026-02-14T10:00"),
        ("2026-02-13T10:00", "2 working days", "2026-02-24T10:00"),
        ("2026-02-14T20:00", "1 working day", "2026-02-25T09:00"),
        ("2026-02-17T11:00", "0 working days", "2026-02-24T09:00"),
        ("2026-11-24T08:00", "1 working day", "2026-11-25T09:00"),
        ("2026-11-24T18:00", "1 working day", "2026-11-26T09:00"),
        ("2026-11-24T16:00", "4 working hours", "2026-11-25T11:00"),
        ("2026-11-24T09:00", "9 working hours", "2026-11-25T09:00"),
        ("2026-02-14T17:00", "2 working hours", "2026-02-24T10:00"),
        ("2026-11-21T12:00", "1 day", "2026-11-22T12:00"),
    ],
)
def test_working_time_in_china(start: str, length: str, due: str) -> None:
    assert CHINA.after(shanghai(start), long(length)).due_at == shanghai(due)


def test_a_deadline_says_what_it_was_computed_from() -> None:
    deadline = CHINA.after(shanghai("2026-11-24T10:00"), long("10 working days"))
    assert deadline.calendar == "china-office"
    assert (deadline.calendar_version or "").startswith("holidays 0.")
    assert deadline.due_at.tzinfo is UTC
    assert not deadline.provisional
    elapsed = CHINA.after(shanghai("2026-11-24T10:00"), long("139 days"))
    assert (elapsed.calendar, elapsed.calendar_version, elapsed.provisional) == (None, None, False)


def test_a_year_without_announced_make_up_days_is_provisional() -> None:
    assert CHINA.after(shanghai("2039-12-28T10:00"), long("1 working day")).provisional
    assert CHINA.after(shanghai("2038-12-28T10:00"), long("10 working days")).provisional
    assert not CHINA.after(shanghai("2024-12-28T10:00"), long("10 working days")).provisional
    assert not BERLIN_OFFICE.after(shanghai("2039-12-28T10:00"), long("1 working day")).provisional
    assert not PLAIN.is_provisional(2039)


def test_clock_changes_keep_the_local_time_of_an_office() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for start, due in (("2026-03-27T10:00", "2026-03-30T10:00"), ("2026-10-23T10:00", "2026-10-26T10:00")):
        begin, end = (datetime.fromisoformat(text).replace(tzinfo=berlin) for text in (start, due))
        assert BERLIN_OFFICE.after(begin, long("1 working day")).due_at == end
        assert BERLIN_OFFICE.after(begin, long("8 working hours")).due_at == end


def test_an_hour_that_is_left_out_ends_at_the_clock_change() -> None:
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    start = datetime(2026, 3, 28, 1, 30, tzinfo=UTC)
    assert BERLIN_ALWAYS.after(start, long("1 working day")).due_at == change
    assert BERLIN_ALWAYS.after(start, long("24 working hours")).due_at == start + timedelta(hours=24)


def test_a_repeated_hour_never_makes_a_later_start_due_earlier() -> None:
    starts = [datetime(2026, 10, 24, 23, tzinfo=UTC) + timedelta(minutes=7 * step) for step in range(40)]
    due = [BERLIN_ALWAYS.after(start, long("1 working day")).due_at for start in starts]
    assert due == sorted(due)


def test_a_calendar_without_a_working_day_is_refused() -> None:
    for plan in (
        CalendarPlan("none", week=()),
        CalendarPlan("none", hours=()),
        CalendarPlan("none", hours=((60, 60),)),
    ):
        with pytest.raises(ValueError, match="no working day"):
            BusinessCalendar(plan)


@pytest.mark.parametrize("length", ["9999999 working days", "9999999 working hours", "9999999 days"])
@pytest.mark.parametrize("calendar", [CHINA, PLAIN])
def test_a_deadline_beyond_all_calendars_is_refused(calendar: BusinessCalendar, length: str) -> None:
    with pytest.raises(ValueError, match=r"21[45]"):
        calendar.after(shanghai("2026-11-24T10:00"), long(length))


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        CHINA.after(datetime.fromisoformat("2026-01-01"), long("1 day"))


FIRST, LAST = datetime.fromisoformat("2016-01-01"), datetime.fromisoformat("2027-12-31")
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
CLOCK_CHANGES = st.builds(
    lambda around, minutes: around + timedelta(minutes=minutes),
    st.sampled_from([datetime(2026, m, d, tzinfo=UTC) for m, d in ((3, 29), (10, 25), (4, 4), (10, 3))]),
    st.integers(-2000, 2000),
)
LENGTHS = st.builds(
    lambda count, unit: long(f"{count} {unit}"), st.integers(0, 400), st.sampled_from(["working days", "working hours"])
)
ANY_CALENDAR = st.sampled_from(CALENDARS)


def in_working_time(calendar: BusinessCalendar, instant: datetime) -> bool:
    local = instant.astimezone(ZoneInfo(calendar.plan.zone))
    minute = local.hour * 60 + local.minute
    return calendar.is_working_day(local.date()) and any(a <= minute < b for a, b in calendar.plan.hours)


@given(ANY_CALENDAR, INSTANTS | CLOCK_CHANGES, LENGTHS)
@settings(max_examples=400, deadline=None)
def test_a_deadline_is_never_in_non_working_time(calendar: BusinessCalendar, start: datetime, length: Duration) -> None:
    due = calendar.after(start, length).due_at
    assert due >= start
    assert in_working_time(calendar, due)


@given(ANY_CALENDAR, INSTANTS | CLOCK_CHANGES, st.integers(0, 5_000_000), LENGTHS, st.integers(0, 30))
@settings(max_examples=400, deadline=None)
def test_adding_is_monotone(
    calendar: BusinessCalendar, start: datetime, seconds: int, length: Duration, more: int
) -> None:
    due = calendar.after(start, length).due_at
    assert calendar.after(start + timedelta(seconds=seconds), length).due_at >= due
    assert calendar.after(start, Duration(count=length.count + more, unit=length.unit)).due_at >= due


@given(st.sampled_from([CHINA, PLAIN, BERLIN_OFFICE, FAR_EAST]), INSTANTS, st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_two_steps_are_as_long_as_one(calendar: BusinessCalendar, start: datetime, one: int, two: int) -> None:
    for unit in ("working days", "working hours"):
        first = calendar.after(start, long(f"{one} {unit}")).due_at
        assert calendar.after(first, long(f"{two} {unit}")) == calendar.after(start, long(f"{one + two} {unit}"))


@given(INSTANTS, LENGTHS)
@settings(max_examples=100, deadline=None)
def test_the_order_of_questions_does_not_matter(start: datetime, length: Duration) -> None:
    fresh = BusinessCalendar(CHINA.plan)
    assert fresh.after(start, length) == CHINA.after(start, length)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "calendars.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_own_calendars_are_read_from_a_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "calendars:\n"
        "  - {name: london, country: GB, zone: Europe/London, week: [mon, tue, wed, thu], hours: '09:00-17:30'}\n"
        "  - {name: night, hours: ['00:00-06:00', '22:00-24:00'], week: [sat, sun]}\n",
    )
    calendars = BusinessCalendars(path)
    assert calendars.names == {"plain", "china-office", "london", "night"}
    due = calendars.get("london").after(datetime(2026, 12, 24, 10, tzinfo=UTC), long("1 working day")).due_at
    assert due == datetime(2026, 12, 29, 10, tzinfo=UTC)  # Christmas Day is a Friday, the 28th its substitute
    with pytest.raises(UnknownCalendar, match="did you mean 'london'"):
        calendars.get("lodon")


@pytest.mark.parametrize(
    ("entry", "place", "rule", "suggestion"),
    [
        ("{name: x, week: []}", "2:21", "no-working-day", None),
        ("{name: x, hours: []}", "2:22", "no-working-day", None),
        ("{name: x, hours: 18:00-09:00}", "2:22", "hours", None),
        ("{name: x, hours: ['09:00-12:00', '11:00-13:00']}", "2:38", "hours", None),
        ("{name: x, zone: Asia/Shangai}", "2:21", "zone", "Asia/Shanghai"),
        ("{name: x, zone: ../etc}", "2:21", "zone", None),
        ("{name: x, country: XX}", "2:24", "country", None),
        ("{name: plain}", "2:12", "duplicate-id", None),
        ("{name: x, weak: [mon]}", "2:15", "unknown-key", "week"),
        ("{zone: UTC}", "2:5", "missing", None),
    ],
)
def test_a_wrong_calendar_is_refused_with_its_place(
    tmp_path: Path, entry: str, place: str, rule: str, suggestion: str | None
) -> None:
    path = written(tmp_path, f"calendars:\n  - {entry}\n")
    with pytest.raises(CalendarFileInvalid) as invalid:
        BusinessCalendars(path)
    (problem,) = invalid.value.problems
    assert (f"{problem.line}:{problem.column}", problem.rule) == (place, rule)
    assert suggestion is None or problem.suggestion == suggestion


def test_a_missing_calendar_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CalendarFileInvalid, match="cannot be read"):
        BusinessCalendars(tmp_path / "calendars.yaml")
