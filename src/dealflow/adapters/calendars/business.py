"""Business calendars: when a number of working days or hours has passed, in any zone, with any country's holidays."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from dealflow.adapters.calendars.plan import DAY_MINUTES, SHIPPED, CalendarPlan
from dealflow.domain.process.calendar import Deadline
from dealflow.domain.values.duration import Duration, Unit
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.suggest import nearest

FIRST_YEAR, LAST_YEAR = 1950, 2150
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


class UnknownCalendar(ValueError):
    """A calendar's name that is not known; the message says which are."""


class BusinessCalendars:
    """The shipped calendars and those of an optional `calendars.yaml`, by name."""

    def __init__(self, path: Path | None = None, *, own: Sequence[CalendarPlan] = ()) -> None:
        self.own = (*own, *(_read(path) if path is not None else ()))
        self._calendars = {plan.name: BusinessCalendar(plan) for plan in (*SHIPPED, *self.own)}

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._calendars)

    def get(self, name: str) -> "BusinessCalendar":
        """The calendar of this name; UnknownCalendar says what would have been right."""
        if name not in self._calendars:
            near = nearest(name, self._calendars)
            hint = phrase("; did you mean '{near}'?", near=near) if near else ""
            raise UnknownCalendar(
                phrase(
                    "no calendar '{name}': there are {known}{hint}",
                    name=name,
                    known=[*sorted(self._calendars)],
                    hint=hint,
                )
            )
        return self._calendars[name]


@dataclass(frozen=True)
class _Hours:
    """The spans of working time on the days of a table."""

    starts: list[int]  # microseconds of UTC at which a span of working time begins
    before: list[int]  # microseconds of working time before each of these

    @property
    def total(self) -> int:
        return self.before[-1]


@dataclass(frozen=True)
class _Table:
    """The working days of some whole years in a row; never changed once built, so reading needs no lock."""

    first: int
    last: int
    days: list[int]  # ordinals
    hours_of: Callable[[list[int]], _Hours]

    @cached_property
    def hours(self) -> _Hours:
        """Worked out when first asked for: it takes sixty times as long as the days, and few deadlines are in hours."""
        return self.hours_of(self.days)


class BusinessCalendar:
    """One calendar. Working time is half open: a working day ends where the next one begins, never at closing time."""

    def __init__(self, plan: CalendarPlan) -> None:
        if not plan.week or not plan.hours or any(opens >= closes for opens, closes in plan.hours):
            raise ValueError(
                phrase("calendar '{name}' has no working day: a deadline could never be reached", name=plan.name)
            )
        self.plan = plan
        self._zone = ZoneInfo(plan.zone)
        self._spans = [(opens * 60_000_000, closes * 60_000_000) for opens, closes in plan.hours]
        # Without holidays, breaks and clock changes working time is elapsed time.
        self._always = plan.country is None and len(plan.week) == 7 and plan.hours == ((0, DAY_MINUTES),)
        self._always = self._always and plan.zone == "UTC"
        self._table: _Table | None = None
        self._lock = Lock()

    @cached_property
    def version(self) -> str:
        """Everything a deadline depends on, in words."""
        return self.plan.version

    def after(self, start: datetime, length: Duration) -> Deadline:
        """The instant when `length` has passed; ValueError for a start without zone or beyond the year 2150."""
        if start.tzinfo is None:
            raise ValueError(phrase("a start without zone has no deadline"))
        start = start.astimezone(UTC)
        if not length.unit.is_working:
            return Deadline(due_at=_shifted(start, length.elapsed))
        if length.unit is Unit.WORKING_DAYS:
            due = (
                _shifted(start, timedelta(days=length.count)) if self._always else self._days_after(start, length.count)
            )
        else:
            hours = timedelta(hours=length.count)
            due = _shifted(start, hours) if self._always else self._hours_after(start, hours // _MICRO)
        return Deadline(
            due_at=due,
            calendar=self.plan.name,
            calendar_version=self.version,
            provisional=self.plan.country is not None and self.is_provisional(due.astimezone(self._zone).year),
        )

    def is_provisional(self, year: int) -> bool:
        """Whether this year's make-up working days are still to be announced.

        A country that makes up for holidays announces them year by year: years after the last announced one are open,
        earlier years without any had none.
        """
        last = _last_announced(self.plan.country) if self.plan.country else None
        return last is not None and year > last

    def is_working_day(self, day: date) -> bool:
        table = self._covering(day.year, day.year)
        index = bisect_left(table.days, day.toordinal())
        return index < len(table.days) and table.days[index] == day.toordinal()

    def _days_after(self, start: datetime, count: int) -> datetime:
        local = start.astimezone(self._zone)
        if local.fold:
            local = self._after_repeated_hour(start)
        table = self._covering(local.year, local.year + 1 + count // 200)
        ordinal = local.toordinal()
        moment = ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond
        index = bisect_left(table.days, ordinal)
        if table.days[index] != ordinal:
            moment = self._spans[0][0]
        else:
            begin = next((max(opens, moment) for opens, closes in self._spans if moment < closes), None)
            if begin is None:
                index, moment = index + 1, self._spans[0][0]
            else:
                moment = begin
        anchor = table.days[index]
        while index + count >= len(table.days):
            table = self._covering(table.first + 1, table.last + (index + count - len(table.days)) // 366)
            index = bisect_left(table.days, anchor)
        return self._utc(table.days[index + count], moment)

    def _hours_after(self, start: datetime, length: int) -> datetime:
        year = start.astimezone(self._zone).year
        table = self._covering(year, year + 1)
        hours = table.hours
        moment = (start - _EPOCH) // _MICRO
        index = bisect_right(hours.starts, moment) - 1
        done = hours.before[index] + min(moment - hours.starts[index], hours.before[index + 1] - hours.before[index])
        while done + length >= hours.total:
            # `before` counts from the table's first year, so it must not move while the table grows.
            years = 1 + (done + length - hours.total) // max(1, hours.total // (table.last - table.first + 1))
            table = self._covering(table.first + 1, table.last - 1 + years)
            grown = table.hours
            done += grown.before[bisect_left(grown.starts, hours.starts[0])]
            hours = grown
        index = bisect_right(hours.before, done + length) - 1
        return _EPOCH + timedelta(microseconds=hours.starts[index] + done + length - hours.before[index])

    def _covering(self, first: int, last: int) -> _Table:
        # A year on either side: a local new year is another day in UTC, and a start may lie before the first opening.
        first, last = first - 1, last + 1
        table = self._table
        if table is not None and table.first <= first and last <= table.last:
            return table
        if first < FIRST_YEAR or last > LAST_YEAR:
            raise ValueError(
                phrase(
                    "calendar '{name}' reaches from {first} to {last} only",
                    name=self.plan.name,
                    first=FIRST_YEAR + 1,
                    last=LAST_YEAR - 1,
                )
            )
        with self._lock:
            if self._table is not None:
                first, last = min(first, self._table.first), max(last, self._table.last)
            self._table = self._built(first, last)
            return self._table

    def _built(self, first: int, last: int) -> _Table:
        off, extra = _special_days(self.plan.country, first, last) if self.plan.country else (frozenset(), frozenset())
        week = frozenset(self.plan.week)
        ordinals = range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1)
        days = [each for each in ordinals if each in extra or ((each - 1) % 7 in week and each not in off)]
        return _Table(first, last, days, self._hours_of)

    def _hours_of(self, days: list[int]) -> _Hours:
        starts, before, total = [], [], 0
        for ordinal in days:
            for opens, closes in self._spans:
                begin, end = (self._utc(ordinal, moment) for moment in (opens, closes))
                starts.append((begin - _EPOCH) // _MICRO)
                before.append(total)
                total += (end - begin) // _MICRO
        return _Hours(starts, [*before, total])

    def _utc(self, ordinal: int, moment: int) -> datetime:
        """The instant of a local time: the first of a repeated hour, the clock's jump for an hour that is left out."""
        naive = datetime.fromordinal(ordinal) + timedelta(microseconds=moment)
        local = naive.replace(tzinfo=self._zone)
        instant = local.astimezone(UTC)
        if instant.astimezone(self._zone).replace(tzinfo=None, fold=0) == naive:
            return instant
        return self._clock_change(local.replace(fold=1).astimezone(UTC), instant)

    def _after_repeated_hour(self, start: datetime) -> datetime:
        # The second run through a repeated hour counts as its end; otherwise a later start could be due earlier.
        local = start.astimezone(self._zone)
        shift = _offset(local.replace(fold=0)) - _offset(local)
        change = self._clock_change(start - shift, start)
        return change.astimezone(self._zone).replace(fold=0, tzinfo=None).replace(tzinfo=self._zone) + shift

    def _clock_change(self, low: datetime, high: datetime) -> datetime:
        """The first whole second in (low, high] with the offset of `high`."""
        target = _offset(high.astimezone(self._zone))
        low, high = low.replace(microsecond=0), high.replace(microsecond=0) + timedelta(seconds=1)
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2 // timedelta(seconds=1) * timedelta(seconds=1)
            if _offset(middle.astimezone(self._zone)) == target:
                high = middle
            else:
                low = middle
        return high


def _read(path: Path) -> list[CalendarPlan]:
    from dealflow.adapters.calendars.file import read_plans  # noqa: PLC0415  few homes have a file, and its reader loads slowly

    return read_plans(path)


def _offset(instant: datetime) -> timedelta:
    return instant.utcoffset() or timedelta()


def _shifted(start: datetime, length: timedelta) -> datetime:
    try:
        due = start + length
    except OverflowError as error:
        raise ValueError(phrase("the deadline lies beyond the year {last}", last=LAST_YEAR)) from error
    if due.year > LAST_YEAR:
        raise ValueError(phrase("the deadline lies beyond the year {last}", last=LAST_YEAR))
    return due


@lru_cache(maxsize=64)
def _special_days(country: str, first: int, last: int) -> tuple[frozenset[int], frozenset[int]]:
    """Ordinals of public holidays and of make-up working days (the next year's plan may name one in December)."""
    import holidays  # noqa: PLC0415  it loads slowly, and whoever only shows a deal computes no deadline

    year_by_year = holidays.country_holidays(country, years=range(first, last + 2))
    extra = frozenset(day.toordinal() for day in getattr(year_by_year, "weekend_workdays", ()))
    return frozenset(day.toordinal() for day in year_by_year) - extra, extra


@lru_cache(maxsize=64)
def _last_announced(country: str) -> int | None:
    """The last year with make-up working days; None for a country that has none."""
    import holidays  # noqa: PLC0415  as above

    year_by_year = holidays.country_holidays(country, years=range(2000, 2041))
    return max((day.year for day in getattr(year_by_year, "weekend_workdays", ())), default=None)
