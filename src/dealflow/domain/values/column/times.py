"""A day or an instant of a file read by one form: ISO 8601, a pattern, a program's own, or a number counted from a day."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dealflow.domain.values.column.known import JAVA, JAVA_DATE
from dealflow.domain.values.column.names import LANGUAGES, in_english
from dealflow.domain.values.column.spelled import plain, without_end_of_day, without_zone
from dealflow.domain.values.column.zones import in_written_zone
from dealflow.domain.values.written.characters import half_width

ISO = "iso"
YEARS = range(1900, 9990)
_SAMPLE = datetime(2017, 3, 1, tzinfo=UTC)
# The year 2200: what is beyond it is a number of another kind, such as 201703.
_LAST_SERIAL = 109_575
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL = {"excel-1900": datetime(1899, 12, 30), "excel-1904": datetime(1904, 1, 1)}  # noqa: DTZ001  they tell no zone
# Each unit has its own sizes of number, so that no number is an instant in two of them: all but the years around 1970. The last
# year is 2286: 20170301093000 counts nothing.
_PARTS_OF_A_SECOND = {"epoch-seconds": 0, "epoch-millis": 3, "epoch-micros": 6, "epoch-nanos": 9}
_SIZES = (Decimal(10) ** 8, Decimal(10) ** 10)
NUMBERED = (*_EXCEL, *_PARTS_OF_A_SECOND)
NAMED = (ISO, JAVA, *NUMBERED)
# A year of two digits: spreadsheets put these into another century than programs do.
_EITHER_CENTURY = range(2050, 2069)

_UTC_TAIL = re.compile(r"(?<=[\d.])\s*(?:UTC|GMT|Z)$", re.ASCII)
_SPACED_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)", re.ASCII)
_WEEK = re.compile(r"\d{4}-?W\d{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
# A spreadsheet that shows a long number shortens it to so many digits.
_SHORTENED = re.compile(r"\d(?:[.,]\d{1,5})?[eE]\+?\d+", re.ASCII)


class ReadTime(NamedTuple):
    """What a cell says: with its offset, or as the clocks of a zone show it; `is_day` where it tells no time."""

    at: datetime
    is_day: bool


def is_time_form(form: str) -> bool:
    """Whether cells can be read by it: a named form, or a pattern with year, month and day, and perhaps a language."""
    if form in NAMED:
        return True
    pattern, _, language = form.partition("@")
    if language and language not in LANGUAGES:
        return False
    try:
        return datetime.strptime(_SAMPLE.strftime(pattern), pattern).date() == _SAMPLE.date()  # noqa: DTZ007  a day only
    except (ValueError, re.error):
        return False


def read_time(cell: str, form: str, zone: ZoneInfo) -> ReadTime | None:
    """The day or instant that the cell is by this form, None where it is none."""
    # The cell as it stands, first: so are nearly all.
    if form in NUMBERED:
        text = half_width(cell)
        read = _NAMED[form](text, form, zone) if text[:1].isdigit() or text[:1] in "+-" else None
    elif form != ISO or (read := _iso_as_it_stands(cell)) is None:
        text, written = without_zone(plain(cell))
        text, ends_day = without_end_of_day(text)
        read = (_NAMED.get(form) or _by_pattern)(text, form, zone)
        if read is not None and written:
            read = _placed(read, written, zone)
        if read is not None and ends_day:
            read = _a_day_later(read)
    return read if read is not None and read.at.year in YEARS else None


def _placed(read: ReadTime, written: str, zone: ZoneInfo) -> ReadTime | None:
    if read.at.tzinfo is not None:
        return read
    at = in_written_zone(read.at, written, zone)
    return ReadTime(at, read.is_day) if at is not None and not read.is_day else None


def _a_day_later(read: ReadTime) -> ReadTime | None:
    try:
        return ReadTime(read.at + timedelta(days=1), read.is_day)
    except OverflowError:
        return None


def _iso_as_it_stands(cell: str) -> ReadTime | None:
    # Behind a week without its day stands no day.
    try:
        return ReadTime(datetime.fromisoformat(cell), len(cell) <= 10) if not _WEEK.fullmatch(cell) else None
    except ValueError:
        return None


def _iso(text: str, _form: str, _zone: ZoneInfo) -> ReadTime | None:
    return _iso_as_it_stands(_SPACED_OFFSET.sub("", _UTC_TAIL.sub("+00:00", text)))


def _by_pattern(text: str, form: str, _zone: ZoneInfo) -> ReadTime | None:
    pattern, _, language = form.partition("@")
    if language:
        english = in_english(text, language)
        if english is None:
            return None
        text = english
    is_utc = False
    if pattern.endswith("%Z"):
        # Python takes the letters of this computer's own zone for one as well, and drops them.
        is_utc = text.endswith(("UTC", "GMT"))
        pattern, text = pattern[:-2].rstrip(), (text[:-3] if is_utc else text).rstrip()
    try:
        at = datetime.strptime(text, pattern)  # noqa: DTZ007  a cell without an offset is read in the mapping's zone
    except ValueError:
        return None
    if "%y" in pattern and at.year in _EITHER_CENTURY:
        return None
    return ReadTime(at.replace(tzinfo=UTC) if is_utc else at, not _tells_time(pattern))


@lru_cache(maxsize=256)
def _tells_time(form: str) -> bool:
    return any(part in form for part in ("%H", "%I", "%T", "%X", "%c"))


def _numbered(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
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
    if number is None or _SHORTENED.fullmatch(text):
        return None
    seconds = number.scaleb(-_PARTS_OF_A_SECOND[form])
    if not _SIZES[0] <= abs(seconds) < _SIZES[1]:
        return None
    return ReadTime(_EPOCH + timedelta(microseconds=int(seconds.scaleb(6))), is_day=False)


def _java(text: str, _: str, zone: ZoneInfo) -> ReadTime | None:
    match = JAVA_DATE.fullmatch(text)
    if match is None:
        return None
    try:
        wall = datetime.strptime(f"{match['day']} {match['year']} {match['clock']}", "%b %d %Y %H:%M:%S")  # noqa: DTZ007  its zone comes next
    except ValueError:
        return None
    at = in_written_zone(wall, match["zone"], zone)
    return ReadTime(at, is_day=False) if at is not None else None


_NAMED: dict[str, Callable[[str, str, ZoneInfo], ReadTime | None]] = {
    ISO: _iso, JAVA: _java, **dict.fromkeys(_EXCEL, _serial), **dict.fromkeys(_PARTS_OF_A_SECOND, _counted)
}  # fmt: skip
