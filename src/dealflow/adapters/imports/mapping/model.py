"""A mapping as it is used: how the records of another system become dated acts of deals."""

from collections.abc import Iterator
from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.values.column.numbers import Rounding
from dealflow.domain.values.written.digits import DecimalMark

FactKind = Literal[
    "stage",
    "outcome",
    "evidence",
    "milestone",
    "activity",
    "owner",
    "amount",
    "withdraw",
    "dispute",
    "correct",
    "back",
    "reopen",
]
OF_A_PIECE: tuple[FactKind, ...] = ("withdraw", "dispute", "correct")  # of evidence that was recorded before
# The parts of a deal that an emptied cell may take away.
CLEARED = ("owner", "amount", "customer", "attributes", "evidence")
# What places a deal rather than proves something: it is judged as of the opening where it is dated too early.
CLAIMED: tuple[FactKind, ...] = ("stage", "outcome")


class KnownProcess(Protocol):
    """A published version of a process."""

    @property
    def ref(self) -> ProcessRef: ...

    @property
    def definition(self) -> ProcessDefinition: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A cell by its name, `products.series` for one of a joined table, with its place in the mapping."""

    name: str
    line: int
    column: int


@dataclass(frozen=True)
class Template:
    """A text with cells in it."""

    parts: tuple[str | Column, ...]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return tuple(part for part in self.parts if isinstance(part, Column))

    @cached_property
    def _alone(self) -> str | None:
        """The one column that is the whole text, as of most texts."""
        return self.columns[0].name if len(self.parts) == 1 and self.columns else None

    @cached_property
    def key(self) -> str:
        """The cells that it is made of as one name: the column alone, or the text with its cells in braces."""
        if self._alone is not None:
            return self._alone
        return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in self.parts)

    def fill(self, cells: Names[str, str]) -> str | None:
        """The text for one record; None when a cell that it needs is empty."""
        if self._alone is not None:
            return cells.get(self._alone) or None
        filled = [part if isinstance(part, str) else cells.get(part.name, "") for part in self.parts]
        return "".join(filled) if all(filled) else None


Choices = tuple[Template, ...]  # the first that can be filled counts


class Filled(NamedTuple):
    """A text with the template that it was made by."""

    template: Template
    text: str


def filled(choices: Choices, cells: Names[str, str]) -> Filled | None:
    """The first of the texts that can be filled, None when none can."""
    for template in choices:
        if (text := template.fill(cells)) is not None:
            return Filled(template, text)
    return None


def first(choices: Choices, cells: Names[str, str]) -> str | None:
    """The first of the texts that can be filled, without its template."""
    for template in choices:
        if (text := template.fill(cells)) is not None:
            return text
    return None


@dataclass(frozen=True, slots=True)
class When:
    """Where an instant stands; `or_snapshot`: a record without one is dated at the snapshot.

    Of the choices the first that can be filled counts, or the `earliest`; none before `not_before`.
    """

    choices: Choices = ()
    or_snapshot: bool = False
    earliest: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """A cell with a list in it, and what stands between its parts."""

    cell: Column
    split: str

    def parts(self, cells: Names[str, str]) -> tuple[str, ...]:
        """The parts of this record's cell, each once; an empty cell has none."""
        parts = (part.strip() for part in cells.get(self.cell.name, "").split(self.split))
        return tuple(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Pick:
    """A cell of one event of a log, for its deal: the first or the last filled one of these activities, or of any.

    `name` is what it is called among the cells of the deal.
    """

    name: str
    cell: Column
    of: tuple[str, ...] = ()
    last: bool = True


@dataclass(frozen=True, slots=True)
class FactRule:
    """What a record stands for: a claim (stage, outcome), evidence and its changes, a milestone, an activity of the seller,
    a new owner or amount, a move back or a reopening.

    `text` is what an activity says, with cells in it (it is known by its name), or the new owner. `why` is the reason of
    what takes back, `until` when a stage was left. Only a record whose cells of `filled` are filled says it; with `each` it
    says it of every part of a cell.
    """

    kind: FactKind
    name: str
    at: When
    text: Choices = ()
    amount: Choices = ()
    reason: str = ""
    why: Choices = ()
    fields: Names[str, Choices] = field(default_factory=dict)
    filled: tuple[Column, ...] = ()
    each: Each | None = None
    until: Choices = ()

    @property
    def columns(self) -> Iterator[Column]:
        """Every cell that it reads."""
        for choices in (self.at.choices, self.text, self.amount, self.why, self.until, *self.fields.values()):
            for template in choices:
                yield from template.columns
        yield from self.filled
        if self.each is not None:
            yield self.each.cell


@dataclass(frozen=True, slots=True)
class DealRule:
    """What a record says of the deal itself."""

    id: Choices
    title: Choices
    opened: When
    owner: Choices = ()
    customer_id: Choices = ()
    customer_name: Choices = ()
    amount: Choices = ()
    currency: Choices = ()
    attributes: Names[str, Choices] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A file of the import by its name."""

    name: str
    file: str
    encoding: str
    delimiter: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Join:
    """Rows find their row of another table; `values` corrects the cell first, for everything that reads it.

    `optional`: a row that is not found there is no fault.
    """

    cell: Column
    table: str
    key: Column
    values: Names[str, str]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class PeopleRule:
    """Where the sellers and their managers stand."""

    table: str
    person: Column
    manager: Column | None
    region: Column | None
    role: str
    manager_role: str


@dataclass(frozen=True, slots=True)
class Records:
    """The part of a mapping that is for tables: which files there are, which one has a row for each deal."""

    tables: Names[str, Table]
    rows: str
    joins: tuple[Join, ...] = ()
    people: PeopleRule | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """The records that are taken at all: those with one of these values in the cell."""

    cell: Column
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class CellRule:
    """How cells are read: by which forms of dates, which decimal mark, what is empty, how amounts are rounded.

    A form or a mark that is left out is found from the column as a whole.
    """

    dates: tuple[str, ...] = ()
    decimal: DecimalMark | None = None
    empty: tuple[str, ...] = ()
    rounding: Rounding | None = None
    column: Column | None = None


@dataclass(frozen=True, slots=True)
class Following:
    """`cleared` are the parts of a deal that an emptied cell takes away.

    A `full` export has every deal of its source; what is gone from it is cancelled where `gone_cancelled`.
    """

    cleared: frozenset[str] = frozenset()
    full: bool = False
    gone_cancelled: bool = False


FOLLOWS_NOTHING_GONE = Following()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """What every mapping file says, for tables or event logs; `by` gives the value that chooses the facts.

    Without a `snapshot` the records are as of the import's own instant. `corrections` are the wrong values of each column
    with the right ones, `adds_to` the other sources whose deals these records add to. `exported_at` puts
    the exports of a source in order, else that of their imports does. `cells` says how every column is read,
    `of_columns` one. `content` is its meaning in one form, and `digest` is of that.
    """

    file: str
    digest: str
    content: Names[str, Any]
    source: str
    process: KnownProcess
    zone: str
    snapshot: datetime | None = None
    snapshot_place: tuple[int, int] = (1, 1)
    cells: CellRule = CellRule()
    of_columns: Names[str, CellRule] = field(default_factory=dict)
    deal: DealRule
    by: Choices
    facts: Names[str, tuple[FactRule, ...]]
    every: tuple[FactRule, ...] = ()
    only: tuple[Only, ...] = ()
    corrections: Names[str, Names[str, str]] = field(default_factory=dict)
    corrected: tuple[Column, ...] = ()
    adds_to: tuple[str, ...] = ()
    follows: Following = FOLLOWS_NOTHING_GONE
    exported_at: datetime | None = None
    exported_place: tuple[int, int] = (1, 1)

    @property
    def rules(self) -> Iterator[FactRule]:
        """Every fact that a record can stand for."""
        yield from self.every
        for rules in self.facts.values():
            yield from rules

    def columns(self) -> Iterator[Column]:
        """Every cell that a record is asked for, joins and people apart."""
        deal = self.deal
        texts = [self.by, deal.id, deal.title, deal.opened.choices, deal.owner, deal.customer_id, deal.customer_name]
        for choices in (*texts, deal.amount, deal.currency, *deal.attributes.values()):
            for template in choices:
                yield from template.columns
        for rule in self.rules:
            yield from rule.columns
        yield from (only.cell for only in self.only)
        yield from self.corrected
        yield from (rule.column for rule in self.of_columns.values() if rule.column is not None)

    def rule_of(self, key: str) -> CellRule:
        """How a column is read: what is said of it goes before what is said of all."""
        own, every = self.of_columns.get(key), self.cells
        if own is None:
            return every
        return CellRule(
            own.dates or every.dates,
            own.decimal or every.decimal,
            (*own.empty, *every.empty),
            own.rounding or every.rounding,
            own.column,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping(ImportMapping):
    """A mapping of tables: one row is one deal."""

    records: Records


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMapping(ImportMapping):
    """A mapping of an event log: a trace, or the rows with one id, is one deal; the cells of a deal are named `case:...`.

    `at`, `transition` and `resource` are attributes of every event; `places` says where each activity stands in the file.
    `picks` are cells of the deal that one of its events has. `changes_only`: a stage that is claimed again is no new fact.
    Until its first event a deal stood in the stage of its `previous` value, else in `begins_in`.
    """

    at: Column
    transition: Column
    resource: Column
    places: Names[str, tuple[int, int]]
    picks: tuple[Pick, ...] = ()
    changes_only: bool = False
    previous: Column | None = None
    begins_in: str = ""
    records: Records | None = None  # of a log in CSV

    def columns(self) -> Iterator[Column]:
        """Every cell that an event is asked for, those of its deal included."""
        picked = {pick.name for pick in self.picks}
        yield from (column for column in ImportMapping.columns(self) if column.name not in picked)
        yield from (pick.cell for pick in self.picks)
        yield from (self.at, self.transition, self.resource)
        if self.previous is not None:
            yield self.previous
