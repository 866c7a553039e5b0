"""What a calendar is made of, and the calendars that are shipped."""

from dataclasses import dataclass
from datetime import time
from functools import cache
from importlib.metadata import version

DAY_MINUTES = 24 * 60
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class CalendarPlan:
    """What a calendar is made of: weekdays 0 (Monday) to 6, hours as minutes of the day, holidays of a country."""

    name: str
    zone: str = "UTC"
    week: tuple[int, ...] = (0, 1, 2, 3, 4)
    hours: tuple[tuple[int, int], ...] = ((9 * 60, 18 * 60),)
    country: str | None = None

    @property
    def version(self) -> str:
        """Everything a deadline of this calendar depends on, in words."""
        source = f"holidays {_version_of_holidays()} {self.country}" if self.country else "no holidays"
        week = ",".join(_WEEKDAYS[day] for day in self.week)
        spans = ",".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in self.hours)
        return f"{source}; {week} {spans} {self.zone}"


SHIPPED = (
    CalendarPlan("plain", week=tuple(range(7)), hours=((0, DAY_MINUTES),)),
    CalendarPlan("china-office", zone="Asia/Shanghai", country="CN"),
)


def _clock(minutes: int) -> str:
    return time(minutes // 60, minutes % 60).strftime("%H:%M") if minutes < DAY_MINUTES else "24:00"


@cache
def _version_of_holidays() -> str:
    return version("holidays")
