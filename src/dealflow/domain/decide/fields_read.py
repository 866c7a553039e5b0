"""Which fields of a command were written in another form than programs write, and what they were read as."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.process.definition import Field, FieldType, ProcessDefinition
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.money import Money
from dealflow.domain.values.written.amount import is_plain_amount
from dealflow.domain.values.written.day import is_plain_day
from dealflow.domain.values.written.digits import DecimalMark
from dealflow.domain.values.written.instant import is_plain_instant
from dealflow.domain.values.written.number import is_plain_number
from dealflow.domain.values.written.read_as import ReadAs


def fields_read(command: c.Command, fact: e.Fact, process: ProcessDefinition) -> Iterator[ReadAs]:
    """What the texts of the command became in its fact; a personal one is left out, since answers are stored."""
    if not isinstance(command, c.ActWithFields):
        return
    match fact:
        case e.EvidenceRecorded():
            spec = process.evidence[fact.kind].fields
            yield from _of(spec, command, fact.fields)
            yield from _no_value(spec, command, fact.fields)
        case e.EvidenceCorrected():
            # That a value was taken away is said by the correction itself.
            yield from _of(process.evidence[fact.kind].fields, command, fact.fields)
        case e.MilestoneRecorded():
            _, milestone = process.milestones[fact.milestone]
            yield from _of(milestone.fields, command, fact.fields)
            yield from _no_value(milestone.fields, command, fact.fields)


def _of(spec: Mapping[str, Field], command: c.ActWithFields, stored: Mapping[str, FieldValue]) -> Iterator[ReadAs]:
    for name, value in stored.items():
        given, field = command.fields.get(name), spec[name]
        if isinstance(given, str) and not field.personal and not _is_plain(given, field.type, command.decimal):
            yield ReadAs(place=name, given=given, read=_plain(value, field.type, command.zone))


def _no_value(
    spec: Mapping[str, Field], command: c.ActWithFields, stored: Mapping[str, FieldValue]
) -> Iterator[ReadAs]:
    """What a person wrote in which nothing can be seen; an empty cell of a file is nothing that somebody wrote."""
    if command.origin is None:
        for name, given in command.fields.items():
            if isinstance(given, str) and name not in stored and not spec[name].personal:
                yield ReadAs(place=name, given=given, read="")


def _is_plain(given: str, field_type: FieldType, mark: DecimalMark | None) -> bool:
    match field_type:
        case FieldType.MONEY:
            return is_plain_amount(given, mark)
        case FieldType.INTEGER | FieldType.NUMBER:
            return is_plain_number(given, mark)
        case FieldType.DATE:
            return is_plain_day(given)
        case FieldType.INSTANT:
            return is_plain_instant(given)
    return True


def _plain(value: FieldValue, field_type: FieldType, zone: str | None) -> str:
    if isinstance(value, Money):
        return str(value)
    if field_type is FieldType.INSTANT and zone is not None:
        return datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone)).isoformat()
    return f"{value:,}" if isinstance(value, int) else str(value)
