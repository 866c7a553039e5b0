"""A mapping as it is used: how the records of another system become dated acts of deals."""

from collections.abc import Iterator
from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from dealflow.domain.process.definition import ProcessDefinition, ProcessRef

FactKind = Literal["stage", "outcome", "evidence", "milestone", "activity"]
ISO = "iso"


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


@dataclass(frozen=True, slots=True)
class Template:
    """A text with cells in it."""

    parts: tuple[str | Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(part for part in self.parts if isinstance(part, Column))

    def fill(self, cells: Names[str, str]) -> str | None:
        """The text for one record; None when a cell that it needs is empty."""
        filled = [part if isinstance(part, str) else cells.get(part.name, "") for part in self.parts]
        return "".join(filled) if all(filled) else None


Choices = tuple[Template, ...]  # the first that can be filled counts


def first(choices: Choices, cells: Names[str, str]) -> str | None:
    """The first of the texts that can be filled, None when none can."""
    return next((text for template in choices if (text := template.fill(cells)) is not None), None)


@dataclass(frozen=True, slots=True)
class When:
    """Where an instant stands; `or_snapshot`: a record without one is dated at the snapshot."""

    choices: Choices = ()
    or_snapshot: bool = False


@dataclass(frozen=True, slots=True)
class FactRule:
    """What a record stands for: a claim (stage, outcome), evidence, a milestone, or an activity of the seller.

    `text` is what an activity says, with cells in it; it is known by its name.
    """

    kind: FactKind
    name: str
    at: When
    text: Choices = ()
    amount: Choices = ()
    reason: str = ""
    fields: Names[str, Choices] = field(default_factory=dict)


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
    """Rows find their row of another table; `values` corrects the cell first, for everything that reads it."""

    cell: Column
    table: str
    key: Column
    values: Names[str, str]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """What every mapping file says, for tables or event logs; `by` is the cell whose value chooses the facts.

    Without a `snapshot` the records are as of the import's own instant.
    """

    file: str
    digest: str
    source: str
    process: KnownProcess
    zone: str
    snapshot: datetime | None = None
    snapshot_place: tuple[int, int] = (1, 1)
    dates: tuple[str, ...] = (ISO,)
    deal: DealRule
    by: Column
    facts: Names[str, tuple[FactRule, ...]]

    def columns(self) -> Iterator[Column]:
        """Every cell that a record is asked for, joins and people apart."""
        yield self.by
        deal = self.deal
        texts = [deal.id, deal.title, deal.opened.choices, deal.owner, deal.customer_id, deal.customer_name]
        texts += [deal.amount, deal.currency, *deal.attributes.values()]
        for rules in self.facts.values():
            for rule in rules:
                texts += [rule.at.choices, rule.text, rule.amount, *rule.fields.values()]
        for choices in texts:
            for template in choices:
                yield from template.columns


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping(ImportMapping):
    """A mapping of tables: one row is one deal."""

    records: Records


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMapping(ImportMapping):
    """A mapping of an event log: one trace is one deal; the cells of its trace are named `case:...`.

    `at`, `transition` and `resource` are attributes of every event; `places` says where each activity stands in the file.
    """

    at: Column
    transition: Column
    resource: Column
    places: Names[str, tuple[int, int]]

    def columns(self) -> Iterator[Column]:
        """Every cell that an event is asked for, those of its trace included."""
        yield from ImportMapping.columns(self)
        yield from (self.at, self.transition, self.resource)
