"""An instant as people write it: with its offset, in a zone, or as a day that begins or ends something."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.written.characters import half_width
from dealflow.domain.values.written.day import Leaning, read_day
from dealflow.domain.values.written.digits import two_readings

# An offset follows a clock: 24-11-2026 has none, and 2026-11-24+08:00 tells no time.
_OFFSET = re.compile(
    r".*(?:\d(?::\d{2}){1,2}|T\d{2,6})(?:[.,]\d+)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2}(?::?\d{2})?)", re.ASCII | re.IGNORECASE
)
_SPACED_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)", re.ASCII)
_CLOCK = re.compile(
    r"(?P<half>上午|下午)? ?(?P<hour>\d{1,2})(?:[:](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<part>\d{1,6}))?)?"
    r"|[点點时時] ?(?:(?P<minutes>\d{1,2}) ?分?|(?P<thirty>半))?) ?(?P<pm>am|pm)?"
    r"|(?P<only>\d{1,2}) ?(?P<noon>am|pm)",
    re.ASCII | re.IGNORECASE,
)
_SPLIT = re.compile(
    r"(?P<day>.*?)(?:[T ]\s*|(?<=[日号號天一二三四五六]))(?P<clock>(?:上午|下午)? ?\d{1,2}(?:[:点點时時]| ?[ap]m).*)",
    re.ASCII | re.IGNORECASE,
)
_SOME_ZONE, _SOME_DAY = ZoneInfo("UTC"), datetime(2000, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
EXAMPLES = phrase("2026-11-24T09:30:00+08:00, 2026-11-24 09:30 or a date")


class NeedsZone(ValueError):
    """A time without an offset, where no zone is declared in which it could be read."""


class ReadInstant(NamedTuple):
    """The instant in UTC; `begins_day` is the first instant of the day where a day alone was written."""

    at: datetime
    begins_day: datetime | None = None


def read_instant(
    written: str, zone: ZoneInfo | None, now: datetime | None, *, leaning: Leaning, ends: bool = False
) -> ReadInstant:
    """The instant; ValueError saying what is wrong, with both readings where there are two.

    A day alone is its first instant, or its last where it `ends` something. What tells no offset is read in `zone`,
    what is told from today by `now`; NeedsZone without a zone.
    """
    text = " ".join(half_width(written).split())
    if _OFFSET.fullmatch(text):
        return ReadInstant(_with_offset(text, written))
    if zone is None:
        # What is no time anywhere is told as such.
        read_instant(written, _SOME_ZONE, _SOME_DAY, leaning=leaning)
        raise NeedsZone(phrase("{given} names no zone", given=repr(written)))
    today = now.astimezone(zone).date() if now is not None else None
    clock = _CLOCK.fullmatch(text)
    split = None if clock else _SPLIT.fullmatch(text)
    try:
        if clock and today is not None:
            return ReadInstant(local_instant(datetime.combine(today, _time(clock, written)), zone, written))
        if split:
            clock, day = _CLOCK.fullmatch(split["clock"].strip()), read_day(split["day"], today, leaning)
            if clock is None:
                raise ValueError(_not_one(written))
            return ReadInstant(local_instant(datetime.combine(day, _time(clock, written)), zone, written))
        day = read_day(text, today, leaning)
        begins = first_instant(day, zone)
        at = first_instant(day + timedelta(days=1), zone) - _TICK if ends else begins
        return ReadInstant(at, begins)
    except OverflowError as error:
        raise ValueError(_not_one(written)) from error


def is_plain_instant(written: str) -> bool:
    """Whether it is written as programs write instants, with its offset."""
    return _OFFSET.fullmatch(written) is not None and " " not in written


def local_instant(wall: datetime, zone: ZoneInfo, written: str) -> datetime:
    """What the clocks of a zone show, in UTC; ValueError with both readings where they show it never, or twice."""
    one, other = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if one == other:
        return one
    shown = [each.astimezone(zone).isoformat() for each in sorted((one, other))]
    if one.astimezone(zone).replace(tzinfo=None) == wall:
        raise ValueError(two_readings(repr(written), *shown))
    raise ValueError(
        phrase(
            "{given} is no time in {zone}, where the clocks are put forward: write {one} or {other}",
            given=repr(written), zone=zone.key, one=shown[0], other=shown[1],
        )
    )  # fmt: skip


@lru_cache(maxsize=4_096)  # the days of a few years, asked for again with each record of an import
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day, in UTC: its 00:00, or the instant to which clocks are put forward over that."""
    midnight = datetime.combine(day, time())
    one, other = (midnight.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if one <= other:
        return one
    # Between the two lies the instant at which the clocks are put forward.
    before, after = other, one
    while after - before > _TICK:
        between = before + (after - before) / 2
        before, after = (before, between) if between.astimezone(zone).date() >= day else (between, after)
    return after


def _with_offset(text: str, written: str) -> datetime:
    iso = _SPACED_OFFSET.sub("", re.sub(r"\s?(?:UTC|Z)$", "+00:00", text, flags=re.IGNORECASE))
    try:
        return datetime.fromisoformat(iso).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(_not_one(written)) from error


def _time(clock: re.Match[str], written: str) -> time:
    hour = int(clock["hour"] or clock["only"])
    half = (clock["half"] or clock["pm"] or clock["noon"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(_not_one(written))
        hour = hour % 12 + (12 if half in ("pm", "下午") else 0)
    minute = 30 if clock["thirty"] else int(clock["minute"] or clock["minutes"] or 0)
    try:
        return time(hour, minute, int(clock["second"] or 0), int((clock["part"] or "0").ljust(6, "0")))
    except ValueError as error:
        raise ValueError(_not_one(written)) from error


def _not_one(written: str) -> str:
    return phrase("{given} is not a time such as {examples}", given=repr(written[:60]), examples=EXAMPLES)
