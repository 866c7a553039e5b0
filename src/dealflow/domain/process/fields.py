"""What a person or an import gave, checked against typed fields and brought into the one form that is stored."""

from collections.abc import Callable, Mapping

from dealflow.domain.process.definition import Field, FieldType
from dealflow.domain.process.field_faults import InvalidField, example, shown
from dealflow.domain.process.field_numbers import read_decimal, read_integer, read_money
from dealflow.domain.process.field_texts import (
    read_boolean,
    read_email,
    read_one_of,
    read_person,
    read_phone,
    read_text,
    read_url,
)
from dealflow.domain.process.field_times import read_date, read_moment
from dealflow.domain.process.manner import Manner
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.refusal import Code, CommandRefused, Reason
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.visible import is_text


def check_fields(
    spec: Mapping[str, Field], given: Mapping[str, object], *, manner: Manner, place: str
) -> dict[str, FieldValue]:
    """Every given value in its stored form; raise one CommandRefused with every reason found.

    `place` (a kind or a milestone) stands before the field's name.
    """
    stored: dict[str, FieldValue] = {}
    reasons = [
        Reason(
            code=Code.UNKNOWN_FIELD,
            place=_at(place, shown(name)),
            data={"field": shown(name), "known": sorted(spec)},
            suggestion=nearest(str(name), spec),
        )
        for name in given
        if name not in spec
    ]
    for name, field in spec.items():
        value = given.get(name)
        if value is None or (isinstance(value, str) and not is_text(value)):
            if field.required:
                data = {"field": name, "type": field.type.value, "right": example(field)}
                reasons.append(Reason(code=Code.FIELD_MISSING, place=_at(place, name), data=data))
            continue
        try:
            stored[name] = _read(value, field, manner)
        except InvalidField as bad:
            data = {"field": name, "type": field.type.value, "wrong": bad.wrong, "right": bad.right}
            reasons.append(Reason(code=bad.code, place=_at(place, name), data=data, suggestion=bad.suggestion))
    if reasons:
        raise CommandRefused(*reasons)
    return stored


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _read(value: object, field: Field, manner: Manner) -> FieldValue:
    in_manner = _IN_MANNER.get(field.type)
    return in_manner(value, field, manner) if in_manner else _ALIKE[field.type](value, field)


# What the command's manner bears on, and what is read alike in every command.
_IN_MANNER: dict[FieldType, Callable[[object, Field, Manner], FieldValue]] = {
    FieldType.INTEGER: read_integer,
    FieldType.NUMBER: read_decimal,
    FieldType.MONEY: read_money,
    FieldType.DATE: read_date,
    FieldType.INSTANT: read_moment,
}
_ALIKE: dict[FieldType, Callable[[object, Field], FieldValue]] = {
    FieldType.TEXT: read_text,
    FieldType.BOOLEAN: read_boolean,
    FieldType.ONE_OF: read_one_of,
    FieldType.PERSON: read_person,
    FieldType.PHONE: read_phone,
    FieldType.EMAIL: read_email,
    FieldType.URL: read_url,
}
