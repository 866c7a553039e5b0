"""The part of a mapping that is for event logs: which attributes of an event say what happened, when, and who did it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from dealflow.adapters.files.located_yaml import Tree, YamlMapping
from dealflow.adapters.imports.mapping.document import FactsOfEvents
from dealflow.adapters.imports.mapping.model import Choices, Column, DealRule, FactRule, Only, Pick, Template, When
from dealflow.adapters.imports.mapping.tables import TableReader
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.spelling import normal_name

CASE = "case:"  # before the name of what stands for a whole deal
CASE_ID = f"{CASE}concept:name"
# As the extensions of the standard name them.
STANDARD_NAMES = {
    "by": "concept:name",
    "transition": "lifecycle:transition",
    "at": "time:timestamp",
    "resource": "org:resource",
}


@dataclass(frozen=True, slots=True)
class LogAttributes:
    """What `facts` says of an event log."""

    by: Choices
    transition: Column
    at: Column
    resource: Column
    facts: dict[str, tuple[FactRule, ...]]
    every: tuple[FactRule, ...]
    places: dict[str, tuple[int, int]]
    only: tuple[Only, ...]
    changes_only: bool
    previous: Column | None
    begins_in: str


class LogReader(TableReader):
    """Reads what only event logs have; what they leave out has the names of the standard."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # as they are
        self.picks: dict[str, Pick] = {}
        self.at = STANDARD_NAMES["at"]

    def deal_of_events(self, deal: DealRule, whole: Tree, *, is_csv: bool) -> DealRule:
        """The deal, from the cells of its trace or rows; its id is the trace's name unless told.

        In CSV every column is the events' own: what the deal asks for is that of its rows together.
        """
        own: Choices = (Template((Column(CASE_ID, whole.line, whole.column),)),)
        cell = self._of_rows if is_csv else self._of_trace
        read = _each_cell(deal, cell)
        return replace(read, id=read.id or own, title=read.title or read.id or own)

    def _of_rows(self, column: Column) -> Column:
        is_named = column.name.startswith(CASE) or column.name in self.picks
        return column if is_named else replace(column, name=f"{CASE}{column.name}")

    def _of_trace(self, column: Column) -> Column:
        if not column.name.startswith(CASE) and column.name not in self.picks:
            wrong = phrase("'{name}' is no attribute of a trace", name=column.name[:60])
            right = phrase("write {prefix}{name}", prefix=CASE, name=column.name[:60])
            self.problems.add((column.line, column.column), "case", wrong, right)
        return column

    def picked(self, _entries: dict[str, Tree], tree: Tree, what: str) -> Template | None:
        """A cell of one of the deal's events."""
        entries = _entries
        cell = self.cell(entries.get("cell"), what)
        if "cell" not in entries:
            self.problems.add(tree, "missing", phrase("{what} names no cell", what=what), phrase("add cell:"))
        if cell is None:
            return None
        take = self.choice(entries.get("take"), "'take'", ("first", "last"), "last")
        return self._pick(cell, entries.get("of"), is_last=take == "last")

    def first_of(self, activities: Tree, tree: Tree) -> Choices:
        """The instant of the first event of these activities."""
        return (self._pick(Column(self.at, tree.line, tree.column), activities, is_last=False),)

    def _pick(self, cell: Column, of: Tree | None, *, is_last: bool) -> Template:
        activities = tuple(normal_name(word) for _, word in self.words(of, "'of'"))
        name = f"{CASE}{cell.name}@{'last' if is_last else 'first'}:{','.join(activities)}"
        self.picks[name] = Pick(name, cell, activities, is_last)
        return Template((replace(cell, name=name),))

    def attributes(self, tree: Tree | None) -> dict[str, Tree]:
        """The parts of `facts`; read before the deal, which may ask for the events' own time."""
        entries = self.part(FactsOfEvents, tree)
        if (at := self.cell(entries.get("at"), "'at'")) is not None:
            self.at = at.name
        return entries

    def log(self, entries: dict[str, Tree], tree: Tree | None) -> LogAttributes | None:
        if tree is None:
            return None
        by = self.text(entries.get("by"), "'by'") or (Template((self._named(None, "by", tree),)),)
        named = {key: self._named(entries.get(key), key, tree) for key in STANDARD_NAMES if key != "by"}
        for column in (column for template in by for column in template.columns):
            self._of_event(column)
        values = entries.get("values")
        own_time = When((Template((named["at"],)),))
        keys = values.entries.values() if isinstance(values, YamlMapping) else ()
        begins_in = self.word(entries.get("begins_in"), "'begins_in'")
        if begins_in:
            self.known("stage", begins_in, entries["begins_in"])
        return LogAttributes(
            by=by,
            **named,
            facts=self.facts_of(values, own_time),
            every=self.rules(entries.get("every"), "'every'", "every", own_time),
            places={normal_name(key.text): (key.line, key.column) for key, _ in keys},
            only=self.only(entries.get("only")),
            changes_only=self.boolean(entries.get("changes_only"), "'changes_only'"),
            previous=self.cell(entries.get("previous"), "'previous'"),
            begins_in=begins_in,
        )

    def _named(self, tree: Tree | None, key: str, otherwise: Tree) -> Column:
        column = self.cell(tree, f"'{key}'") or Column(STANDARD_NAMES[key], otherwise.line, otherwise.column)
        self._of_event(column)
        return column

    def _of_event(self, column: Column) -> None:
        if column.name.startswith(CASE):
            wrong, right = (
                phrase("'{name}' is no attribute of an event", name=column.name[:60]),
                phrase("write {name}", name=column.name[len(CASE) :][:60]),
            )
            self.problems.add((column.line, column.column), "case", wrong, right)


def _each_cell(deal: DealRule, cell: Callable[[Column], Column]) -> DealRule:
    """The rule with each of its cells as it is read in a log."""

    def texts(choices: Choices) -> Choices:
        return tuple(
            Template(tuple(part if isinstance(part, str) else cell(part) for part in template.parts))
            for template in choices
        )

    return DealRule(
        id=texts(deal.id),
        title=texts(deal.title) if deal.title != deal.id else (),
        opened=replace(deal.opened, choices=texts(deal.opened.choices)),
        owner=texts(deal.owner),
        customer_id=texts(deal.customer_id),
        customer_name=texts(deal.customer_name) if deal.customer_name != deal.customer_id else texts(deal.customer_id),
        amount=texts(deal.amount),
        currency=texts(deal.currency),
        attributes={key: texts(choices) for key, choices in deal.attributes.items()},
    )
