"""What a person writes on the command line, read into checked values: times, texts, amounts, durations, ids."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from dealflow.cli.errors import WrongUsage
from dealflow.domain.decide import checks
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.ids import DEAL_ID_SHAPE, is_deal_id
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.text.spelling import normal_id
from dealflow.domain.values.written.amount import read_amount

INSTANT = phrase("an instant with its zone such as 2026-11-24T09:30:00+08:00, or a date")
DURATION = phrase("a length of time such as '5 working days' or '8 hours'")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)


def instant(written: str | None, zone: ZoneInfo, place: str) -> datetime | None:
    """A time, or None where none is given; the rest as `required_instant`."""
    return required_instant(written, zone, place) if written is not None else None


def required_instant(written: str, zone: ZoneInfo, place: str) -> datetime:
    """A time in UTC; a date alone is its 00:00 in `zone`. CommandRefused without zone, or when it is no time."""
    word = checks.line(written, place)
    try:
        read = datetime.fromisoformat(word)
        if _DATE.match(word):
            read = read.replace(tzinfo=zone)
        if read.tzinfo is None:
            raise refuse(Code.TIME_WITHOUT_ZONE, place, given=word)
        return read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        wrong = phrase("'{given}' is not a time", given=word[:60])
        raise refuse(Code.FIELD_INVALID, place, wrong=wrong, right=INSTANT) from error


def past(written: str | None, zone: ZoneInfo, place: str, now: datetime) -> datetime | None:
    """A time that has come; CommandRefused for one in the future."""
    read = instant(written, zone, place)
    if read is not None and read > now:
        raise refuse(Code.TIME_IN_FUTURE, place, given=read, now=now)
    return read


def duration(written: str, place: str) -> Duration:
    """A length of time as templates write it."""
    word = checks.line(written, place)
    try:
        return Duration.model_validate(word)
    except ValueError as error:
        wrong = phrase("'{given}' is not a duration", given=word[:60])
        raise refuse(Code.FIELD_INVALID, place, wrong=wrong, right=DURATION) from error


def money(written: str, currency: str, place: str = "amount") -> Money:
    """An amount of nought or more; `currency` is meant where it names none."""
    right = phrase("an amount such as {example}", example=f"50,000 {currency}")
    try:
        amount = read_amount(checks.line(written, place), currency).money
    except ValueError as error:
        raise refuse(Code.FIELD_INVALID, place, wrong=phrase_of(error), right=right) from error
    if amount.minor < 0:
        raise refuse(
            Code.FIELD_INVALID, place, wrong=phrase("{amount} is less than nothing", amount=str(amount)), right=right
        )
    return amount


def deal_id(written: str) -> str:
    """An id for a new deal, as given: the command says what it has changed of it."""
    word = checks.line(written, "id")
    if not is_deal_id(normal_id(word)):
        wrong = phrase("'{given}' cannot be an id", given=word[:130])
        raise refuse(Code.FIELD_INVALID, "id", wrong=wrong, right=DEAL_ID_SHAPE)
    return written


def pairs(written: Iterable[str] | None, option: str) -> dict[str, str]:
    """`NAME=VALUE`, again for each; WrongUsage without =, or for a name that is given twice."""
    read: dict[str, str] = {}
    for item in written or ():
        name, equals, value = item.partition("=")
        name = name.strip()
        if not equals or not name:
            given = repr(checks.line(item[:60], option))
            raise WrongUsage(phrase("{option} {given} is no NAME=VALUE", option=option, given=given))
        if name in read:
            raise WrongUsage(phrase("{option} {name} is given twice", option=option, name=name))
        read[name] = value
    return read


def new_command_id() -> str:
    """An id for a command that was given none."""
    return str(uuid4())
