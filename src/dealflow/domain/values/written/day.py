"""A day as people write it: year first, with the month's name, without its year, or by a word such as 明天."""

import re
from datetime import date, timedelta
from typing import Literal

from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.written.characters import half_width
from dealflow.domain.values.written.digits import two_readings

Leaning = Literal["past", "future"]
_PLAIN = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?:(?P<year>\d{4}) ?年 ?)?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?[日号號]?",
        rf"{_DAY}[ -]{_MONTH}(?:,?[ -](?P<year>\d{{4}}))?",
        rf"{_MONTH} {_DAY}(?:,? (?P<year>\d{{4}}))?",
    )
)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII)
_FROM_TODAY = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "yesterday": -1, "今天": 0, "今日": 0, "today": 0,
    "明天": 1, "明日": 1, "tomorrow": 1, "后天": 2, "後天": 2, "大后天": 3, "大後天": 3,
}  # fmt: skip
_WEEKDAY = re.compile(r"(?P<week>上|这|這|本|下)?(?:个|個)?(?:周|週|星期|礼拜|禮拜)(?P<day>[一二三四五六日天])")
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_ENGLISH_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS = {"上": -1, "这": 0, "這": 0, "本": 0, "下": 1}
EXAMPLES = phrase("2026-11-24, 24 Nov or tomorrow")


class NeedsToday(ValueError):
    """A day that is told from today, where nobody says which day today is."""


def read_day(written: str, today: date | None, leaning: Leaning) -> date:
    """The day; ValueError saying what is wrong, with both readings where there are two.

    A day without its year, and a weekday without its week, is the nearest on the side that is leaned to, today
    included. Without `today` both are refused, as are words such as 明天: NeedsToday.
    """
    text = " ".join(half_width(written).lower().split())
    try:
        found = _written_out(text, written) or _told_from_today(text, today, leaning)
    except OverflowError as error:
        raise ValueError(_no_day(written)) from error
    if found is not None:
        return found
    match = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if match is None:
        raise ValueError(
            phrase("{given} is not a date such as {examples}", given=repr(written[:60]), examples=EXAMPLES)
        )
    if today is None:
        raise NeedsToday(phrase("{given} names no year", given=repr(written)))
    _, month, day = _parts(match)
    return _nearest(written, month, day, today, leaning)


def is_plain_day(written: str) -> bool:
    """Whether it is written as programs write days."""
    return _PLAIN.fullmatch(written.strip()) is not None


def _written_out(text: str, written: str) -> date | None:
    """The day with its year."""
    for form in _FORMS:
        if (match := form.fullmatch(text)) and match["year"]:
            return _date(written, *_parts(match))
    if last := _YEAR_LAST.fullmatch(text):
        one, other, year = int(last[1]), int(last[3]), int(last[4])
        readings = sorted({each for each in (_or_none(year, other, one), _or_none(year, one, other)) if each})
        if not readings:
            raise ValueError(_no_day(written))
        if len(readings) > 1:
            raise ValueError(two_readings(repr(written), *(each.isoformat() for each in readings)))
        return readings[0]
    return None


def _told_from_today(text: str, today: date | None, leaning: Leaning) -> date | None:
    days, weekday = _FROM_TODAY.get(text), _WEEKDAY.fullmatch(text)
    if days is None and weekday is None and text not in _ENGLISH_WEEKDAYS:
        return None
    if today is None:
        raise NeedsToday(phrase("{given} is told from a day that nobody names", given=repr(text)))
    if days is not None:
        return today + timedelta(days=days)
    number = _WEEKDAYS[weekday["day"]] if weekday else _ENGLISH_WEEKDAYS.index(text)
    if weekday and weekday["week"]:
        monday = today - timedelta(days=today.weekday())
        return monday + timedelta(weeks=_WEEKS[weekday["week"]], days=number)
    ahead = (number - today.weekday()) % 7
    return today + timedelta(days=ahead if leaning == "future" or ahead == 0 else ahead - 7)


def _parts(match: re.Match[str]) -> tuple[int, int, int]:
    named = match.groupdict()
    month = named.get("month") or _MONTHS.index(named["name"][:3]) + 1
    return int(named["year"] or 0), int(month), int(named["day"])


def _nearest(written: str, month: int, day: int, today: date, leaning: Leaning) -> date:
    years = range(today.year - 8, today.year + 9)  # a 29th of February may be eight years away
    days = [each for year in years if (each := _or_none(year, month, day))]
    if leaning == "future":
        found = next((each for each in days if each >= today), None)
    else:
        found = next((each for each in reversed(days) if each <= today), None)
    if found is None:
        raise ValueError(_no_day(written))
    return found


def _date(written: str, year: int, month: int, day: int) -> date:
    found = _or_none(year, month, day)
    if found is None:
        raise ValueError(_no_day(written))
    return found


def _or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _no_day(written: str) -> str:
    return phrase("{given} is no day of the calendar", given=repr(written))
