"""The cells of a record as the mapping reads them: instants, amounts, texts of one line, and fields."""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Mapping as Cells
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from dealflow.adapters.imports.columns.read import ColumnForms, ColumnReader
from dealflow.adapters.imports.columns.typed import fields_of
from dealflow.adapters.imports.faults import BETWEEN_COLUMNS, RecordFault, columns, named, names_in
from dealflow.adapters.imports.fields import RecordFields
from dealflow.adapters.imports.mapping.model import (
    CLAIMED,
    Choices,
    FactRule,
    Filled,
    ImportMapping,
    When,
    filled,
    first,
)
from dealflow.adapters.imports.rejects import shortened
from dealflow.application.imports.plans import Shift
from dealflow.domain.process.definition import FieldType, ProcessDefinition
from dealflow.domain.values.column.numbers import amount_of, currency_meant
from dealflow.domain.values.column.times import ISO
from dealflow.domain.values.ids import is_person_id
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of
from dealflow.domain.values.text.spelling import Respelled, normal_id, normal_name, respelled
from dealflow.domain.values.text.visible import is_text
from dealflow.domain.values.written.instant import first_instant

MAX_TEXT = 300
_Value = TypeVar("_Value")


class CellReader:
    """Reads cells; `now` is the import's own instant, behind which nothing can have happened.

    `forms` are those of typed columns. `respelled` is what was changed in the record that is being read, `left_out` what
    could not be read in it and is done without, or was read with a doubt.
    """

    def __init__(self, mapping: ImportMapping, now: datetime, forms: ColumnForms, shift: Shift | None = None) -> None:
        self.mapping = mapping
        self.now = now
        self.respelled: dict[Respelled, None] = {}
        self.left_out: list[RecordFault] = []
        self.columns = ColumnReader(mapping, forms)
        self._fields = RecordFields(self.columns, self._currency, self.left_out_too, self.doubted)
        self.days = timedelta(days=shift.days if shift else 0)
        self.snapshot = shift.snapshot if shift else mapping.snapshot or now
        self.floor = mapping.deal.opened.not_before
        self._people = _fields_of(mapping.process.definition, FieldType.PERSON)
        self._personal = frozenset(personal_columns(mapping))

    def value_of(self, columns: str, value: str) -> str:
        """What stood there, for the file of rejects and the report: "" for a whole row, and for what may be personal."""
        is_personal = not columns or not self._personal.isdisjoint(columns.split(BETWEEN_COLUMNS))
        return "" if is_personal else shortened(value)

    def kept(self, place: str, given: str, kept: str, *, personal: bool = False) -> str:
        """What is kept of a cell; noted where it is not what stands there."""
        if kept != given and (change := respelled(place, given, kept, personal=personal)):
            self.respelled[change] = None
        return kept

    def optional(self, read: Callable[[], _Value | None]) -> _Value | None:
        """What is read, None where it cannot be: it is left out, and told."""
        try:
            return read()
        except RecordFault as fault:
            self.left_out_too(fault)
            return None

    def left_out_too(self, fault: RecordFault) -> None:
        """One value more that is left out."""
        self.left_out.append(fault)

    def doubted(self, field: str, why: Phrase, value: str) -> None:
        """One value that was read, and is to be looked at."""
        fault = RecordFault(field, why, value)
        fault.is_doubt = True
        self.left_out.append(fault)

    def opened_early(self, at: datetime) -> bool:
        """Whether nothing can have happened so long ago."""
        return self.floor is not None and at < self.floor

    def person(self, choices: Choices, cells: Cells[str, str]) -> str | None:
        """The id of a person; None when no cell of it is filled."""
        person = self.line(choices, cells, normal_id)
        if person is not None and not is_person_id(person):
            raise RecordFault(named(choices), phrase("not a person's id: up to 80 characters, without /"), person)
        return person

    def opened_at(self, cells: Cells[str, str]) -> datetime:
        """When the deal opened: the first of the mapping's instants, or the earliest that can be."""
        opened = self.mapping.deal.opened
        if not opened.earliest:
            return self.at(opened, cells, "opened")
        one_each = [When((choice,)) for choice in opened.choices if choice.fill(cells) is not None]
        instants = [self.at(one, cells, "opened") for one in one_each]
        later = [at for at in instants if not self.opened_early(at)]
        if later or opened.or_snapshot or not instants:
            return min(later) if later else self.at(replace(opened, choices=()), cells, "opened")
        raise RecordFault(columns(opened), self.too_early(max(instants)), max(instants).isoformat())

    def too_early(self, at: datetime) -> Phrase:
        """Why this can be no date."""
        assert self.floor is not None
        return phrase("{at} lies before {floor}", at=format(at, "%Y-%m-%d"), floor=format(self.floor, "%Y-%m-%d"))

    def at(self, when: When, cells: Cells[str, str], what: str) -> datetime:
        """When something happened, shifted as the whole source is; never ahead of the import."""
        given = filled(when.choices, cells)
        if given is None and not when.or_snapshot:
            raise RecordFault(columns(when), phrase("the cell is empty; it dates '{what}'", what=what))
        at = self.snapshot if given is None else self._shifted(self.instant(given), when, given.text)
        if at > self.now:
            raise RecordFault(columns(when), phrase("it lies in the future"), given.text if given else "")
        return at

    def left_at(self, rule: FactRule, cells: Cells[str, str]) -> datetime | None:
        """When a stage was left; None where nothing says so, or the deal is there still: a day to come stands for no end."""
        given = filled(rule.until, cells)
        if given is None:
            return None
        at = self.optional(lambda: self._shifted(self.instant(given), When(rule.until), given.text))
        return at if at is not None and at <= self.now else None

    def doubt_of(self, rule: FactRule | None, why: Phrase, cells: Cells[str, str]) -> RecordFault:
        """What is to be looked at of the end of a stage."""
        until = rule.until if rule is not None else ()
        fault = RecordFault(named(until), why, first(until, cells) or "")
        fault.is_doubt = True
        return fault

    def claimed(
        self, rule: FactRule, cells: Cells[str, str], at: datetime, opened_at: datetime, own_time: When | None = None
    ) -> datetime:
        """When a fact counts: a claim not before the opening, a closing at the end of its day. An event's own time is its order."""
        if rule.kind not in CLAIMED:
            return at
        ends = rule.kind == "outcome" and rule.at != own_time
        return max(self._ended(rule.at, cells, at) if ends else at, opened_at)

    def _ended(self, when: When, cells: Cells[str, str], at: datetime) -> datetime:
        """When what ends something ended, where `at` is its day's first instant: a day without a time is over when it ends.

        What the files tell had happened when they were taken.
        """
        given = filled(when.choices, cells)
        if given is None or not self.columns.is_day(given.template.key, given.text):
            return at
        zone = self.columns.zone
        tomorrow = at.astimezone(zone).date() + timedelta(days=1)
        return min(first_instant(tomorrow, zone) - timedelta(microseconds=1), max(at, self.snapshot), self.now)

    def is_of_the_opening_day(self, at: datetime, opened_at: datetime) -> bool:
        """Whether both are of one day, as the clocks of the mapping have it: that is not before the deal opened."""
        zone = self.columns.zone
        return at.astimezone(zone).date() == opened_at.astimezone(zone).date()

    def _shifted(self, at: datetime, when: When, word: str) -> datetime:
        try:
            return at + self.days
        except OverflowError as error:
            wrong = phrase("shifted by {days} days it lies beyond the calendar", days=self.days.days)
            raise RecordFault(columns(when), wrong, word) from error

    def instant(self, given: Filled) -> datetime:
        """The instant as written, in UTC."""
        at, doubt = self.columns.instant(given.template.key, given.text)
        if doubt is not None:
            self.doubted(named((given.template,)), doubt, given.text)
        if at is None:
            forms = " | ".join(self.columns.forms.times.get(given.template.key) or (ISO,))
            raise RecordFault(named((given.template,)), phrase("no date by the form {forms}", forms=forms), given.text)
        return at

    def fields(self, rule: FactRule, cells: Cells[str, str]) -> dict[str, str]:
        """The fields in plain form."""
        fields = self._fields.read(rule, cells)
        for name in self._people.get((rule.kind, rule.name), {}).keys() & fields.keys():
            # The template keeps it in this form; here it is noted.
            is_personal = self._people[rule.kind, rule.name][name]
            self.kept(named(rule.fields[name]), fields[name], normal_name(fields[name]), personal=is_personal)
        return fields

    def line(
        self,
        choices: Choices,
        cells: Cells[str, str],
        form: Callable[[str], str] | None = None,
        *,
        personal: bool = False,
    ) -> str | None:
        """A text of one line, an id or a name in its `form`; None when no cell of it is filled."""
        given = first(choices, cells)
        if given is None or not is_text(given):
            return None
        text = " ".join(given.split()) if "\n" in given or "  " in given or "\t" in given else given
        if form is not None:
            text = form(text)
            if text != given:
                self.kept(named(choices), given, text, personal=personal)
        if len(text) > MAX_TEXT:
            raise RecordFault(
                named(choices), phrase("{n:,} characters, at most {most}", n=len(text), most=MAX_TEXT), text
            )
        return text

    def money(self, choices: Choices, cells: Cells[str, str]) -> Money | None:
        """An amount of nothing or more; None when no cell of it is filled."""
        given = filled(choices, cells)
        if given is None:
            return None
        key = given.template.key
        number = self.columns.number(key, given.text)
        if number is None:
            raise RecordFault(named(choices), phrase("no amount"), given.text, currency_meant(given.text))
        try:
            money = amount_of(number, self._currency(cells), rounding=self.columns.rule_of(key).rounding)
        except ValueError as error:
            raise RecordFault(named(choices), phrase_of(error), given.text) from error
        if money.minor < 0:
            raise RecordFault(named(choices), phrase("an amount of less than nothing"), given.text)
        return money

    def _currency(self, cells: Cells[str, str]) -> str:
        return first(self.mapping.deal.currency, cells) or self.mapping.process.definition.currency


def _fields_of(definition: ProcessDefinition, kind: FieldType) -> dict[tuple[str, str], dict[str, bool]]:
    """The fields of a type, of each kind of evidence and each milestone, and whether they are personal."""
    specs = {("evidence", name): each.fields for name, each in definition.evidence.items()}
    specs |= {("correct", name): each.fields for name, each in definition.evidence.items()}
    specs |= {("milestone", name): milestone.fields for name, (_, milestone) in definition.milestones.items()}
    return {
        key: {name: field.personal for name, field in spec.items() if field.type is kind} for key, spec in specs.items()
    }


def personal_columns(mapping: ImportMapping) -> Iterator[str]:
    """The columns whose cells become the customer's name, or a personal field of evidence or of a milestone."""
    definition, deal = mapping.process.definition, mapping.deal
    if deal.customer_name != deal.customer_id:
        yield from names_in(deal.customer_name)
    for rule in mapping.rules:
        spec = fields_of(definition, rule)
        for name, choices in rule.fields.items():
            if name in spec and spec[name].personal:
                yield from names_in(choices)


def before_opening(when: When, cells: Cells[str, str]) -> RecordFault:
    """What happened before its deal was opened."""
    return RecordFault(columns(when), phrase("it lies before the deal opened"), first(when.choices, cells) or "")


def put_right(cells: dict[str, str], corrections: Cells[str, Cells[str, str]], but: Collection[str] = ()) -> None:
    """Put the right values in place of those that the mapping knows as wrong, except in these columns."""
    for column, values in corrections.items():
        if column in cells and column not in but:
            cells[column] = values.get(normal_name(cells[column]), cells[column])
