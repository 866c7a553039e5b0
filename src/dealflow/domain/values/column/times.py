"""A day or an instant of a file read by one form: ISO 8601, a pattern, a program's own, or a number counted from a day."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dealflow.domain.values.written.characters import half_width

ISO, JAVA = "iso", "java"
YEARS = range(1900, 9990)
_SAMPLE = datetime(2017, 3, 1, tzinfo=UTC)
_LAST_SERIAL = 2_958_466
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL = {"excel-1900": datetime(1899, 12, 30), "excel-1904": datetime(1904, 1, 1)}  # noqa: DTZ001  they tell no zone
# Each unit has its own sizes of number, so that no number is an instant in two of them: all but the years around 1970.
_PARTS_OF_A_SECOND = {"epoch-seconds": 0, "epoch-millis": 3, "epoch-micros": 6, "epoch-nanos": 9}
_SIZES = (Decimal(10) ** 8, Decimal(10) ** 11)
NUMBERED = (*_EXCEL, *_PARTS_OF_A_SECOND)
NAMED = (ISO, JAVA, *NUMBERED)

_UTC_TAIL = re.compile(r"(?<=[\d.])\s*(?:UTC|GMT|Z)$", re.ASCII)
_SPACED_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)", re.ASCII)
_ZONE_TAIL = re.compile(r"\s*\[[A-Za-z0-9_+/-]+\]$|\s+\([^()]*\)$", re.ASCII)
_SEPT = re.compile(r"\bsept\b", re.ASCII | re.IGNORECASE)
_HALF_OF_DAY = re.compile(r"\b([ap])\.m\.", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_JAVA = re.compile(
    r"[A-Z][a-z]{2} (?P<day>[A-Z][a-z]{2} \d{1,2}) (?P<clock>\d{2}:\d{2}:\d{2}) (?P<zone>\S+) (?P<year>\d{4})", re.ASCII
)
_GMT = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})", re.ASCII)
# Those that mean one offset wherever they are written; others count only where the mapping's own zone is called so.
_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "AEST": 600,
    "AEDT": 660, "ACST": 570, "ACDT": 630, "AWST": 480, "NZST": 720, "NZDT": 780,
}  # fmt: skip


class ReadTime(NamedTuple):
    """What a cell says: with its offset, or as the clocks of a zone show it; `is_day` where it tells no time."""

    at: datetime
    is_day: bool


def is_time_form(form: str) -> bool:
    """Whether cells can be read by it: a named form, or a pattern with year, month and day."""
    if form in NAMED:
        return True
    try:
        return datetime.strptime(_SAMPLE.strftime(form), form).date() == _SAMPLE.date()  # noqa: DTZ007  a day only
    except (ValueError, re.error):
        return False


def read_time(cell: str, form: str, zone: ZoneInfo) -> ReadTime | None:
    """The day or instant that the cell is by this form, None where it is none."""
    if form == ISO:
        read = _iso(cell)  # the cell as it stands, first: so are nearly all
    else:
        text = _plain(cell)
        reader = _NAMED.get(form)
        read = reader(text, form, zone) if reader else _by_pattern(text, form)
    return read if read is not None and read.at.year in YEARS else None


def _plain(cell: str) -> str:
    text = _ZONE_TAIL.sub("", " ".join(half_width(cell).split()))
    return _HALF_OF_DAY.sub(r"\1m", _SEPT.sub("Sep", text))


def _iso(cell: str) -> ReadTime | None:
    try:
        return ReadTime(datetime.fromisoformat(cell), len(cell) <= 10)
    except ValueError:
        pass
    text = _SPACED_OFFSET.sub("", _UTC_TAIL.sub("+00:00", _plain(cell)))
    try:
        return ReadTime(datetime.fromisoformat(text), len(text) <= 10)
    except ValueError:
        return None


def _by_pattern(text: str, form: str) -> ReadTime | None:
    is_utc = form.endswith("%Z") and text.endswith(("UTC", "GMT"))
    try:
        at = datetime.strptime(text, form)  # noqa: DTZ007  a cell without an offset is read in the mapping's zone
    except ValueError:
        return None
    return ReadTime(at.replace(tzinfo=UTC) if is_utc else at, not _tells_time(form))


@lru_cache(maxsize=256)
def _tells_time(form: str) -> bool:
    return any(part in form for part in ("%H", "%I", "%T", "%X", "%c"))


def _numbered(text: str) -> Decimal | None:
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None


def _serial(text: str, form: str, _: ZoneInfo) -> ReadTime | None:
    number = _numbered(text)
    if number is None or not 1 <= number < _LAST_SERIAL:
        return None
    days = int(number)
    if form == "excel-1900" and days <= 60:
        if days == 60:
            return None  # a 29th of February 1900, which there was not
        days += 1
    # What a double keeps of a time is good to a thousandth of a second.
    thousandths = round((number - int(number)) * 86_400_000)
    return ReadTime(_EXCEL[form] + timedelta(days=days, milliseconds=thousandths), number == int(number))


def _counted(text: str, form: str, _: ZoneInfo) -> ReadTime | None:
    number = _numbered(text)
    if number is None:
        return None
    seconds = number.scaleb(-_PARTS_OF_A_SECOND[form])
    if not _SIZES[0] <= abs(seconds) < _SIZES[1]:
        return None
    return ReadTime(_EPOCH + timedelta(microseconds=int(seconds.scaleb(6))), is_day=False)


def _java(text: str, _: str, zone: ZoneInfo) -> ReadTime | None:
    match = _JAVA.fullmatch(text)
    if match is None:
        return None
    try:
        wall = datetime.strptime(f"{match['day']} {match['year']} {match['clock']}", "%b %d %Y %H:%M:%S")  # noqa: DTZ007  its zone comes next
    except ValueError:
        return None
    written = match["zone"]
    for fold in (0, 1):
        here = wall.replace(tzinfo=zone, fold=fold)
        if here.tzname() == written:
            return ReadTime(here, is_day=False)
    minutes = _ABBREVIATIONS.get(written)
    if (offset := _GMT.fullmatch(written)) is not None:
        minutes = (60 * int(offset[2]) + int(offset[3])) * (-1 if offset[1] == "-" else 1)
    if minutes is None or abs(minutes) >= 1440:
        return None
    return ReadTime(wall.replace(tzinfo=timezone(timedelta(minutes=minutes))), is_day=False)


_NAMED: dict[str, Callable[[str, str, ZoneInfo], ReadTime | None]] = {
    JAVA: _java, **dict.fromkeys(_EXCEL, _serial), **dict.fromkeys(_PARTS_OF_A_SECOND, _counted)
}  # fmt: skip

_BY_NUMBERS = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})(?P<rest>\D.*)?", re.ASCII)
_CHINESE = re.compile(r"\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?[日号](?P<rest>.*)", re.ASCII)
_WEEKDAY = re.compile(r"(?P<name>[A-Za-z]{3,9})(?P<mark>,? )(?=[A-Za-z\d])", re.ASCII)
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?P<long>[a-z]*)\.?"
_DAY_FIRST = re.compile(
    rf"\d{{1,2}}(?P<mark>\. |[-/. ])(?:{_MONTH})(?P<next>, |[-/. ])(?P<year>\d{{4}}|\d{{2}})(?P<rest>\D.*)?",
    re.ASCII | re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?:{_MONTH})(?P<mark>[-/ ])\d{{1,2}}(?P<next>, |[-/ ])(?P<year>\d{{4}}|\d{{2}})(?P<rest>\D.*)?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<gap>, | at | |T)(?P<hour>\d{1,2})(?P<minute>:\d{2})(?P<second>:\d{2})?(?P<part>[.,]\d{1,6})?(?P<half> ?[AaPp][Mm])?"
    r"(?P<blank> ?)(?:(?P<zone>UTC|GMT(?![+-])|Z)|(?P<named>GMT|UTC)?(?P<offset>[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def known_forms(cell: str) -> Iterator[tuple[str, str]]:
    """Patterns that may read the cell, each after the pattern of its day alone; numbers without marks are none."""
    text = _plain(cell)
    before = ""
    if (weekday := _WEEKDAY.match(text)) and (named := _weekday(weekday["name"])):
        before, text = f"{named}{weekday['mark']}", text[weekday.end() :]
    for day, rest in _days(text):
        if (clock := _clock_form(rest)) is not None:
            yield f"{before}{day}", f"{before}{day}{clock}"
    if _JAVA.fullmatch(_plain(cell)):
        yield JAVA, JAVA


def swapped(form: str) -> str | None:
    """The pattern with day and month the other way round; None where it has not both as numbers."""
    if "%d" not in form or "%m" not in form:
        return None
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _weekday(name: str) -> str | None:
    lower = name.lower()
    if lower in _WEEKDAYS:
        return "%A"
    return "%a" if any(lower == day[:3] for day in _WEEKDAYS) else None


def _days(text: str) -> Iterator[tuple[str, str]]:
    """Patterns for a day with which the text begins, and the rest of the text."""
    if match := _BY_NUMBERS.fullmatch(text):
        first, mark, last, rest = match[1], match[2], match[4], match["rest"] or ""
        if len(first) == 4:
            yield f"%Y{mark}%m{mark}%d", rest
        elif len(last) == 4:
            yield f"%d{mark}%m{mark}%Y", rest
            yield f"%m{mark}%d{mark}%Y", rest
        elif len(first) <= 2:
            yield f"%d{mark}%m{mark}%y", rest
            yield f"%m{mark}%d{mark}%y", rest
            yield f"%y{mark}%m{mark}%d", rest
    elif match := _CHINESE.fullmatch(text):
        parts = iter(("%Y", "%m", "%d"))
        yield re.sub(r"\d+", lambda _: next(parts), text[: match.start("rest")]), match["rest"]
    elif match := _DAY_FIRST.fullmatch(text):
        year = "%Y" if len(match["year"]) == 4 else "%y"
        for month in _months(match):
            yield f"%d{match['mark']}{month}{match['next']}{year}", match["rest"] or ""
    elif match := _MONTH_FIRST.fullmatch(text):
        year = "%Y" if len(match["year"]) == 4 else "%y"
        for month in _months(match):
            yield f"{month}{match['mark']}%d{match['next']}{year}", match["rest"] or ""


def _months(match: re.Match[str]) -> tuple[str, ...]:
    """Short or long, May is both."""
    if match["long"]:
        return ("%B",)
    dot = "." if match[0][match.end("month") : match.end("month") + 1] == "." else ""
    return ("%b", "%B") if match["month"].lower() == "may" and not dot else (f"%b{dot}",)


def _clock_form(rest: str) -> str | None:
    """The pattern of a time of day with its offset; "" where there is none, None where the rest is something else."""
    if not rest.strip():
        return ""
    match = _CLOCK.fullmatch(rest)
    if match is None or (match["part"] or "").startswith(","):
        return None
    parts = [match["gap"], "%I" if match["half"] else "%H", ":%M"]
    parts += [form for name, form in (("second", ":%S"), ("part", ".%f")) if match[name]]
    if match["half"]:
        parts += [" " if match["half"].startswith(" ") else "", "%p"]
    if match["zone"]:
        parts += [match["blank"], "%z" if match["zone"] == "Z" else "%Z"]
    elif match["offset"]:
        parts += [match["blank"], match["named"] or "", "%z"]
    return "".join(parts)
