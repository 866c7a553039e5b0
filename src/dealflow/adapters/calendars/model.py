"""The keys of `calendars.yaml`: what may stand in it, what is left out, and what each key is for."""

import re
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from dealflow.adapters.calendars.plan import CalendarPlan
from dealflow.adapters.files.file_model import MAX_SHOWN, FileModel, FileText, file_fault
from dealflow.adapters.files.values import foreign_letter
from dealflow.domain.values.phrase import Phrase, phrase

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = get_args(Day)
_NAME = re.compile(r"^[a-z][a-z0-9-]{0,63}$")
_SPAN = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-4]):([0-5]\d)$", re.ASCII)


def _name(given: str) -> str:
    if not _NAME.fullmatch(given):
        wrong = phrase("'{given}' is not a name of a calendar", given=given[:MAX_SHOWN])
        if letter := foreign_letter(given):
            wrong = phrase(
                "'{given}' contains {letter} and is not a name of a calendar", given=given[:MAX_SHOWN], letter=letter
            )
        raise file_fault("id", wrong, phrase("small letters, digits and -, beginning with a letter"))
    return given


def _country(given: str) -> str:
    if given.upper() not in _countries():
        wrong = phrase("no holidays are known for the country '{given}'", given=given[:MAX_SHOWN])
        raise file_fault("country", wrong, phrase("a code such as CN"), near=(given.upper(), _countries()))
    return given.upper()


def _zone(given: str) -> str:
    try:
        return ZoneInfo(given).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong = phrase("unknown zone '{given}'", given=given[:MAX_SHOWN])
        raise file_fault("zone", wrong, phrase("a name such as Asia/Shanghai"), near=(given, _zones())) from None


@cache
def _countries() -> tuple[str, ...]:
    import holidays  # noqa: PLC0415  it loads slowly, and most calendars name no country

    return tuple(sorted(holidays.list_supported_countries()))


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def _week(given: tuple[Day, ...]) -> tuple[Day, ...]:
    if not given:
        right = phrase("list at least one of mon to sun")
        raise file_fault("no-working-day", lambda what: phrase("{what} names no working day", what=what), right)
    return given


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


def _span(given: str) -> str:
    opens, closes = _minutes(given)
    if opens >= closes or closes > 24 * 60:
        wrong = phrase("'{given}' are no hours of a day", given=given[:MAX_SHOWN])
        raise file_fault("hours", wrong, phrase("such as 09:00-18:00"))
    return given


def _hours(given: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        right = phrase("such as 09:00-18:00")
        raise file_fault("no-working-day", lambda what: phrase("{what} are no working hours", what=what), right)
    closed = 0
    for index, span in enumerate(given):
        opens, closes = _minutes(span)
        if opens < closed:
            wrong = phrase("'{span}' begins before the hours before it end", span=span)
            raise file_fault("hours", wrong, phrase("put them in order"), at=(index,))
        closed = closes
    return given


def _minutes(span: str) -> tuple[int, int]:
    match = _SPAN.match(span.strip())
    return (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)


Span = Annotated[FileText, AfterValidator(_span)]
Hours = Annotated[
    tuple[Span, ...],
    BeforeValidator(_listed, json_schema_input_type=FileText | tuple[FileText, ...]),
    AfterValidator(_hours),
]


class CalendarEntry(FileModel):
    """A calendar of your own."""

    named_by: ClassVar[str] = "name"
    name: Annotated[FileText, AfterValidator(_name)] = Field(
        description="What templates call it: small letters, digits and `-`, beginning with a letter"
    )
    country: Annotated[FileText, AfterValidator(_country)] | None = Field(
        None,
        description="A code such as `CN`, whose public holidays and make-up working days count; none when left out",
    )
    zone: Annotated[FileText, AfterValidator(_zone)] = Field(
        "UTC", description="The time zone of the hours, such as `Asia/Shanghai`"
    )
    week: Annotated[tuple[Day, ...], AfterValidator(_week)] = Field(
        ("mon", "tue", "wed", "thu", "fri"), description="The working days of a week"
    )
    hours: Hours = Field(
        ("09:00-18:00",), description="The working hours of a day: one span, or a list of spans in their order"
    )

    @classmethod
    def called(cls, name: str | None) -> Phrase:
        return phrase("calendar '{name}'", name=name) if name else phrase("a calendar")

    def plan(self) -> CalendarPlan:
        """The calendar's plan: weekdays as numbers, hours as minutes of the day."""
        week = tuple(sorted({_DAYS.index(day) for day in self.week}))
        hours = tuple(_minutes(span) for span in self.hours)
        return CalendarPlan(name=self.name, zone=self.zone, week=week, hours=hours, country=self.country)


class CalendarDocument(FileModel):
    """The calendar file: calendars beside those that are shipped."""

    calendars: tuple[CalendarEntry, ...] = Field(description="One entry for each calendar")
