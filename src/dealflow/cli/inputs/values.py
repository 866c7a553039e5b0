"""What a person writes on the command line, read into checked values: texts, durations, ids."""

from collections.abc import Iterable
from typing import get_args
from uuid import uuid4

from dealflow.cli.errors import WrongUsage
from dealflow.domain.decide import checks
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.ids import DEAL_ID_SHAPE, is_deal_id
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.text.spelling import normal_id
from dealflow.domain.values.written.digits import DecimalMark

DURATION = phrase("a length of time such as '5 working days' or '8 hours'")


def duration(written: str, place: str) -> Duration:
    """A length of time as templates write it."""
    word = checks.line(written, place)
    try:
        return Duration.model_validate(word)
    except ValueError as error:
        wrong = phrase("'{given}' is not a duration", given=word[:60])
        raise refuse(Code.FIELD_INVALID, place, wrong=wrong, right=DURATION) from error


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
    for number, item in enumerate(written or (), start=1):
        name, equals, value = item.partition("=")
        name = name.strip()
        if not equals or not name:
            # What stands there may be a personal value whose name was forgotten.
            raise WrongUsage(phrase("{option} number {number} is no NAME=VALUE", option=option, number=number))
        if name in read:
            raise WrongUsage(phrase("{option} {name} is given twice", option=option, name=name))
        read[name] = value
    return read


def decimal_mark(written: str) -> DecimalMark:
    """The mark between a number and its decimals."""
    known: tuple[DecimalMark, ...] = get_args(DecimalMark)
    found = next((mark for mark in known if mark == written), None)
    if found is None:
        raise WrongUsage(phrase("--decimal '{given}' is not known; one of {known}", given=written, known=known))
    return found


def new_command_id() -> str:
    """An id for a command that was given none."""
    return str(uuid4())
