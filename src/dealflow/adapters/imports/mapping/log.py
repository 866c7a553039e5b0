"""The part of a mapping that is for event logs: which attributes of an event say what happened, when, and who did it."""

from dataclasses import dataclass, replace

from dealflow.adapters.files.located_yaml import Tree, YamlMapping
from dealflow.adapters.imports.mapping.facts import FactReader
from dealflow.adapters.imports.mapping.model import Choices, Column, DealRule, FactRule, Template, When
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.spelling import normal_name

CASE = "case:"  # before the name of an attribute of the trace
CASE_ID = f"{CASE}concept:name"
_FACTS = ("by", "transition", "at", "resource", "values")
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

    by: Column
    transition: Column
    at: Column
    resource: Column
    facts: dict[str, tuple[FactRule, ...]]
    places: dict[str, tuple[int, int]]


class LogReader(FactReader):
    """Reads what only event logs have; what they leave out has the names of the standard."""

    def deal_of_a_trace(self, tree: Tree | None, whole: Tree) -> DealRule:
        """The deal, from the attributes of its trace; its id is the trace's name unless told."""
        deal = self.deal(tree, needs=())
        own: Choices = (Template((Column(CASE_ID, whole.line, whole.column),)),)
        texts = [deal.id, deal.title, deal.opened.choices, deal.owner, deal.customer_id, deal.customer_name]
        for choices in [*texts, deal.amount, deal.currency, *deal.attributes.values()]:
            for column in (column for template in choices for column in template.columns):
                if not column.name.startswith(CASE):
                    wrong = phrase("'{name}' is no attribute of a trace", name=column.name[:60])
                    self.problems.add(
                        (column.line, column.column),
                        "case",
                        wrong,
                        phrase("write {prefix}{name}", prefix=CASE, name=column.name[:60]),
                    )
        return replace(deal, id=deal.id or own, title=deal.title or deal.id or own)

    def log(self, tree: Tree | None) -> LogAttributes | None:
        entries = self.mapping(tree, "'facts'", _FACTS)
        values = self.required(entries, "values", tree, "'facts'") if tree is not None else None
        if tree is None:
            return None
        named = {key: self._named(entries.get(key), key, tree) for key in STANDARD_NAMES}
        facts = self.facts_of(values, When((Template((named["at"],)),)))
        keys = values.entries.values() if isinstance(values, YamlMapping) else ()
        places = {normal_name(key.text): (key.line, key.column) for key, _ in keys}
        return LogAttributes(facts=facts, places=places, **named)

    def _named(self, tree: Tree | None, key: str, otherwise: Tree) -> Column:
        column = self.cell(tree, f"'{key}'") or Column(STANDARD_NAMES[key], otherwise.line, otherwise.column)
        if column.name.startswith(CASE):
            wrong, right = (
                phrase("'{name}' is no attribute of an event", name=column.name[:60]),
                phrase("write {name}", name=column.name[len(CASE) :][:60]),
            )
            self.problems.add((column.line, column.column), "case", wrong, right)
        return column
