"""How the days and instants of a field are read, each in the one form that is stored."""

from datetime import UTC, date, datetime

from dealflow.domain.process.definition import Field
from dealflow.domain.process.field_faults import InvalidField, example, fault, invalid, shown
from dealflow.domain.process.field_texts import text_of
from dealflow.domain.process.manner import Manner
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code
from dealflow.domain.values.written.day import read_day
from dealflow.domain.values.written.instant import NeedsZone, read_instant


def read_date(value: object, field: Field, manner: Manner) -> str:
    """A day of the calendar; without its year it is the last one that has come, since fields tell what has happened."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    text = text_of(value, field)
    try:
        return read_day(text, manner.today, "past").isoformat()
    except ValueError as error:
        raise InvalidField(fault(error, field), example(field)) from error


def read_moment(value: object, field: Field, manner: Manner) -> str:
    """An instant, in UTC; a day alone is its first instant."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            wrong = phrase("{given} names no zone", given=shown(value, field))
            raise InvalidField(wrong, example(field), Code.TIME_WITHOUT_ZONE)
        at = value
    else:
        text = text_of(value, field)
        try:
            at = read_instant(text, manner.zone, manner.now, leaning="past").at
        except NeedsZone as error:
            raise InvalidField(fault(error, field), example(field), Code.TIME_WITHOUT_ZONE) from error
        except ValueError as error:
            raise InvalidField(fault(error, field), example(field)) from error
    try:
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError as error:
        raise invalid(value, field) from error
