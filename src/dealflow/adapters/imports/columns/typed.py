"""Which cells of a mapping are days, instants, amounts, numbers, yes or no, or one of several options."""

from collections.abc import Iterator
from collections.abc import Mapping as Names
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from dealflow.adapters.imports.mapping.model import Choices, Each, FactRule, ImportMapping, LogMapping, Template
from dealflow.domain.process.definition import Field, FieldType, ProcessDefinition


class CellType(StrEnum):
    """What cells are read as."""

    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"
    WHOLE = "whole number"
    CHOICE = "choice"


_OF_FIELDS = {
    FieldType.DATE: CellType.TIME,
    FieldType.INSTANT: CellType.TIME,
    FieldType.MONEY: CellType.AMOUNT,
    FieldType.NUMBER: CellType.NUMBER,
    FieldType.INTEGER: CellType.WHOLE,
    FieldType.BOOLEAN: CellType.CHOICE,
    FieldType.ONE_OF: CellType.CHOICE,
}


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column, or a text of several, with all that it is read as; `options` are the names that a choice has."""

    template: Template
    types: frozenset[CellType]
    options: frozenset[str] = frozenset()
    split: str = ""  # what stands between the parts of a list

    @property
    def is_number(self) -> bool:
        """Whether a decimal mark may stand in it."""
        return not self.types.isdisjoint((CellType.AMOUNT, CellType.NUMBER, CellType.WHOLE))


def fields_of(definition: ProcessDefinition, rule: FactRule) -> Names[str, Field]:
    """The fields that evidence, its correction or a milestone may have; other facts have none."""
    if rule.kind in ("evidence", "correct") and rule.name in definition.evidence:
        return definition.evidence[rule.name].fields
    if rule.kind == "milestone" and rule.name in definition.milestones:
        return definition.milestones[rule.name][1].fields
    return {}


def typed_columns(mapping: ImportMapping) -> dict[str, TypedColumn]:
    """The typed columns of a mapping under their keys."""
    found: dict[str, TypedColumn] = {}
    for use in _uses(mapping):
        for template in (template for template in use.choices if template.columns):
            before = found.get(template.key)
            types, options = frozenset((use.type,)), use.options
            if before is not None:
                types, options = types | before.types, options | before.options
            is_list = use.each is not None and template.key == use.each.cell.name
            split = use.each.split if use.each is not None and is_list else before.split if before else ""
            found[template.key] = TypedColumn(before.template if before else template, types, options, split)
    return found


def name_columns(mapping: ImportMapping) -> Iterator[str]:
    """The columns in which a deal, a customer or a person is named."""
    deal, definition = mapping.deal, mapping.process.definition
    named = [deal.id, deal.owner, deal.customer_id, deal.customer_name]
    named += [rule.text for rule in mapping.rules if rule.kind == "owner"]
    for rule in mapping.rules:
        spec = fields_of(definition, rule)
        named += [
            choices for name, choices in rule.fields.items() if name in spec and spec[name].type is FieldType.PERSON
        ]
    names = {column.name for choices in named for template in choices for column in template.columns}
    yield from names
    if isinstance(mapping, LogMapping):
        yield mapping.resource.name
        yield from (pick.cell.name for pick in mapping.picks if pick.name in names)


class _Use(NamedTuple):
    choices: Choices
    type: CellType
    options: frozenset[str] = frozenset()
    each: Each | None = None


def _uses(mapping: ImportMapping) -> Iterator[_Use]:
    yield _Use(mapping.deal.opened.choices, CellType.TIME)
    yield _Use(mapping.deal.amount, CellType.AMOUNT)
    if isinstance(mapping, LogMapping):
        yield _Use((Template((mapping.at,)),), CellType.TIME)
    for rule in mapping.rules:
        yield _Use(rule.at.choices, CellType.TIME, each=rule.each)
        yield _Use(rule.amount, CellType.AMOUNT, each=rule.each)
        yield _Use(rule.until, CellType.TIME, each=rule.each)
        spec = fields_of(mapping.process.definition, rule)
        for name, choices in rule.fields.items():
            if name in spec and (cell_type := _OF_FIELDS.get(spec[name].type)) is not None:
                names = frozenset(name for option in spec[name].options for name in option.names)
                yield _Use(choices, cell_type, names, rule.each)
