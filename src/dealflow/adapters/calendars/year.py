"""One year of a business calendar: its working days by month, and the days that are not as their weekday says."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from dealflow.adapters.calendars.business import BusinessCalendar


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """`provisional`: the make-up working days of the year are not known yet."""

    year: int
    provisional: bool
    working_days_by_month: dict[int, int]
    days_off: tuple[date, ...]
    days_made_up: tuple[date, ...]

    @property
    def working_days(self) -> int:
        """Of the whole year."""
        return sum(self.working_days_by_month.values())


def calendar_year(calendar: BusinessCalendar, year: int) -> CalendarYear:
    """The working days of this year."""
    days = [date(year, month, day) for month in range(1, 13) for day in range(1, monthrange(year, month)[1] + 1)]
    working = [day for day in days if calendar.is_working_day(day)]
    usual = [day for day in days if day.weekday() in calendar.plan.week]
    return CalendarYear(
        year=year,
        provisional=calendar.plan.country is not None and calendar.is_provisional(year),
        working_days_by_month={month: sum(day.month == month for day in working) for month in range(1, 13)},
        days_off=tuple(sorted(set(usual) - set(working))),
        days_made_up=tuple(sorted(set(working) - set(usual))),
    )
