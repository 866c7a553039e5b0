"""The fields of evidence and milestones read from cells, each checked as the template checks it."""

from collections.abc import Callable
from collections.abc import Mapping as Cells

from dealflow.adapters.imports.columns.read import ColumnReader
from dealflow.adapters.imports.columns.typed import fields_of
from dealflow.adapters.imports.faults import RecordFault, named
from dealflow.adapters.imports.mapping.model import FactRule, Filled, filled
from dealflow.domain.process.definition import Field, FieldType
from dealflow.domain.process.field_faults import example
from dealflow.domain.process.fields import check_fields
from dealflow.domain.process.manner import Manner
from dealflow.domain.values.column.numbers import amount_of
from dealflow.domain.values.column.yes_words import read_yes
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of
from dealflow.domain.values.refusal import CommandRefused

LeftOut = Callable[[RecordFault], None]
Doubted = Callable[[str, Phrase, str], None]
CurrencyOf = Callable[[Cells[str, str]], str]


class RecordFields:
    """Reads fields into the one form in which every command takes them; `left_out` hears of values that are none."""

    def __init__(self, reader: ColumnReader, currency: CurrencyOf, left_out: LeftOut, doubted: Doubted) -> None:
        self._reader, self._currency, self._left_out, self._doubted = reader, currency, left_out, doubted
        self._definition = reader.mapping.process.definition

    def read(self, rule: FactRule, cells: Cells[str, str]) -> dict[str, str]:
        """The fields; RecordFault for a required one that cannot be read, any other is left out."""
        spec = fields_of(self._definition, rule)
        fields: dict[str, str] = {}
        for name, choices in rule.fields.items():
            given = filled(choices, cells)
            its = spec.get(name)
            if given is None:
                if its is not None and its.required and rule.kind != "correct":
                    reason = phrase("the cell is empty, and '{name}' needs the field", name=rule.name)
                    raise RecordFault(named(choices), reason)
                continue
            if its is None:
                fields[name] = given.text
                continue
            try:
                fields[name] = self._value(given, its, name, cells)
            except ValueError as error:
                fault = RecordFault(named(choices) or f"{rule.name}.{name}", phrase_of(error), given.text)
                if its.required:
                    raise fault from error
                self._left_out(fault)
        return fields

    def _value(self, given: Filled, field: Field, name: str, cells: Cells[str, str]) -> str:
        """The value in plain form; ValueError with what would be right."""
        text = self._plain(given, field, cells)
        if text is None:
            right = phrase("an amount") if field.type is FieldType.MONEY else example(field)
            raise ValueError(phrase("not {right}", right=right))
        manner = Manner(currency=self._currency(cells), mark="point", zone=self._reader.zone)
        try:
            check_fields({name: field}, {name: text}, manner=manner, place="")
        except CommandRefused as refused:
            right = refused.reasons[0].data.get("right", example(field))
            raise ValueError(phrase("not {right}", right=right)) from refused
        return text

    def _plain(self, given: Filled, field: Field, cells: Cells[str, str]) -> str | None:
        key, word = given.template.key, given.text
        match field.type:
            case FieldType.DATE:
                return self._reader.day(key, word)
            case FieldType.INSTANT:
                at, doubt = self._reader.instant(key, word)
                if doubt is not None:
                    self._doubted(named((given.template,)), doubt, word)
                return at.isoformat() if at is not None else None
            case FieldType.MONEY:
                number = self._reader.number(key, word)
                rounding = self._reader.rule_of(key).rounding
                return str(amount_of(number, self._currency(cells), rounding=rounding)) if number else None
            case FieldType.NUMBER | FieldType.INTEGER:
                number = self._reader.number(key, word)
                if number is None or number.words:
                    return None
                whole = number.number.to_integral_value()
                return format(whole if whole == number.number else number.number, "f")
            case FieldType.BOOLEAN:
                is_so = read_yes(word)
                return word if is_so is None else "true" if is_so else "false"
            case _:
                return word
