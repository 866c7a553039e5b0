"""The cells of a record as the mapping reads them: instants, amounts, texts of one line, and fields."""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Mapping as Cells
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from dealflow.adapters.imports.mapping.model import ISO, Choices, FactRule, ImportMapping, When, first
from dealflow.adapters.imports.rejects import shortened
from dealflow.application.imports.plans import Shift
from dealflow.domain.process.definition import FieldType, ProcessDefinition
from dealflow.domain.values.ids import is_person_id
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of
from dealflow.domain.values.text.spelling import Respelled, normal_id, normal_name, respelled
from dealflow.domain.values.text.visible import is_text
from dealflow.domain.values.written.amount import read_amount

MAX_TEXT = 300
_BETWEEN_COLUMNS = ", "
# The days of a century, and more.
_REMEMBERED = 50_000
_YEARS = range(1970, 9990)


class RecordFault(Exception):
    """Why a record cannot be used: the column that is to blame, what is wrong, and the nearest right word."""

    unknown_value = False

    def __init__(self, field: str, reason: str, value: str = "") -> None:
        self.field, self.reason, self.value = field, reason, value
        self.suggestion: str | None = None
        super().__init__(f"{field}: {reason}")


class CellReader:
    """Reads cells; `now` is the import's own instant, behind which nothing can have happened.

    `respelled` is what was changed in the record that is being read.
    """

    def __init__(self, mapping: ImportMapping, now: datetime, shift: Shift | None = None) -> None:
        self.mapping = mapping
        self.now = now
        self.respelled: dict[Respelled, None] = {}
        self.zone = ZoneInfo(mapping.zone)
        self.days = timedelta(days=shift.days if shift else 0)
        self.snapshot = shift.snapshot if shift else mapping.snapshot or now
        self.floor = mapping.deal.opened.not_before
        self._read: dict[str, datetime] = {}
        self._instants = _fields_of(mapping.process.definition, FieldType.INSTANT)
        self._days = _fields_of(mapping.process.definition, FieldType.DATE)
        self._people = _fields_of(mapping.process.definition, FieldType.PERSON)
        self._personal = frozenset(personal_columns(mapping))

    def value_of(self, columns: str, value: str) -> str:
        """What stood there, for the file of rejects and the report: "" for a whole row, and for what may be personal."""
        is_personal = not columns or not self._personal.isdisjoint(columns.split(_BETWEEN_COLUMNS))
        return "" if is_personal else shortened(value)

    def kept(self, place: str, given: str, kept: str, *, personal: bool = False) -> str:
        """What is kept of a cell; noted where it is not what stands there."""
        if kept != given and (change := respelled(place, given, kept, personal=personal)):
            self.respelled[change] = None
        return kept

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
        word = first(when.choices, cells)
        if word is None and not when.or_snapshot:
            raise RecordFault(columns(when), phrase("the cell is empty; it dates '{what}'", what=what))
        at = self.snapshot if word is None else self._shifted(self.instant(word, columns(when)), columns(when), word)
        if at > self.now:
            raise RecordFault(
                columns(when), phrase("{at} lies in the future", at=at.isoformat(timespec="minutes")), word or ""
            )
        return at

    def _shifted(self, at: datetime, field: str, word: str) -> datetime:
        try:
            return at + self.days
        except OverflowError as error:
            wrong = phrase("shifted by {days} days it lies beyond the calendar", days=self.days.days)
            raise RecordFault(field, wrong, word) from error

    def instant(self, word: str, field: str) -> datetime:
        """The instant as written, in UTC."""
        known = self._read.get(word)
        if known is None:
            known = self._parsed(word, field)
            if len(self._read) < _REMEMBERED:
                self._read[word] = known
        return known

    def _parsed(self, word: str, field: str) -> datetime:
        for at in self._readings(word):
            if at.year in _YEARS:
                return at
        known = [
            phrase("a date such as {example}", example="2017-03-01") if form == ISO else form
            for form in self.mapping.dates
        ]
        forms = reduce(lambda one, other: phrase("{one} or {other}", one=one, other=other), known)
        raise RecordFault(field, phrase("not {forms}", forms=forms), word)

    def _readings(self, word: str) -> Iterator[datetime]:
        """The instant in UTC by each form of the mapping that fits; without an offset it is one of the mapping's zone."""
        for written in self.mapping.dates:
            try:
                read = datetime.fromisoformat(word) if written == ISO else datetime.strptime(word, written)  # noqa: DTZ007  the next line gives it its zone
                aware = read if read.tzinfo else read.replace(tzinfo=self.zone)
                at = aware.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            yield at

    def fields(self, rule: FactRule, cells: Cells[str, str]) -> dict[str, str]:
        """The fields as they stand in the cells, but for what is read by the mapping's own forms and zone."""
        fields = {name: text for name, choices in rule.fields.items() if (text := first(choices, cells))}
        for name in self._people.get((rule.kind, rule.name), {}).keys() & fields.keys():
            # The template keeps it in this form; here it is noted.
            is_personal = self._people[rule.kind, rule.name][name]
            self.kept(named(rule.fields[name]), fields[name], normal_name(fields[name]), personal=is_personal)
        for name in self._instants.get((rule.kind, rule.name), {}).keys() & fields.keys():
            if not _has_offset(fields[name]) and (at := next(self._readings(fields[name]), None)) is not None:
                fields[name] = at.isoformat()
        for name in self._days.get((rule.kind, rule.name), {}).keys() & fields.keys():
            fields[name] = self._day(fields[name])
        return fields

    def _day(self, word: str) -> str:
        """The day by the first of the mapping's own forms that fits, else the cell: the template reads what is one day only."""
        for form in self.mapping.dates:
            if form != ISO:
                with suppress(ValueError):
                    return datetime.strptime(word, form).date().isoformat()  # noqa: DTZ007  a day has no zone
        return word

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
            text = self.kept(named(choices), given, form(text), personal=personal)
        if len(text) > MAX_TEXT:
            raise RecordFault(
                named(choices), phrase("{n:,} characters, at most {most}", n=len(text), most=MAX_TEXT), text
            )
        return text

    def money(self, choices: Choices, cells: Cells[str, str]) -> Money | None:
        word = first(choices, cells)
        if word is None:
            return None
        currency = first(self.mapping.deal.currency, cells) or self.mapping.process.definition.currency
        try:
            money = read_amount(word, currency)
        except ValueError as error:
            raise RecordFault(named(choices), phrase_of(error), word) from error
        if money.minor < 0:
            raise RecordFault(named(choices), phrase("an amount of less than nothing"), word)
        return money


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
        yield from _names(deal.customer_name)
    for rule in mapping.rules:
        if rule.kind in ("evidence", "correct") and rule.name in definition.evidence:
            spec = definition.evidence[rule.name].fields
        elif rule.kind == "milestone" and rule.name in definition.milestones:
            spec = definition.milestones[rule.name][1].fields
        else:
            continue
        for name, choices in rule.fields.items():
            if name in spec and spec[name].personal:
                yield from _names(choices)


def _names(choices: Choices) -> Iterator[str]:
    return (column.name for template in choices for column in template.columns)


def _has_offset(word: str) -> bool:
    try:
        return datetime.fromisoformat(word).tzinfo is not None
    except ValueError:
        return False


def named(choices: Choices) -> str:
    """The columns of a text, for whoever has to look at them."""
    return _BETWEEN_COLUMNS.join(dict.fromkeys(_names(choices)))


def columns(when: When) -> str:
    """The columns of an instant."""
    return named(when.choices) or "snapshot"


def before_opening(at: datetime, opened_at: datetime) -> Phrase:
    """Why a fact cannot be: a day is told, with its time where the day is that of the opening."""
    form = "%Y-%m-%d" if at.date() != opened_at.date() else "%Y-%m-%d %H:%M"
    return phrase(
        "{at} lies before the deal opened ({opened_at})", at=format(at, form), opened_at=format(opened_at, form)
    )


def put_right(cells: dict[str, str], corrections: Cells[str, Cells[str, str]], but: Collection[str] = ()) -> None:
    """Put the right values in place of those that the mapping knows as wrong, except in these columns."""
    for column, values in corrections.items():
        if column in cells and column not in but:
            cells[column] = values.get(normal_name(cells[column]), cells[column])
