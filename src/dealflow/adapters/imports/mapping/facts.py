"""The part of a mapping that tables and event logs share: the process, the deal, and what a record stands for."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlSequence, one_of
from dealflow.adapters.imports.mapping.document import CustomerEntry, EachEntry, FactEntry, OpenedEntry
from dealflow.adapters.imports.mapping.model import (
    OF_A_PIECE,
    Choices,
    Column,
    DealRule,
    Each,
    FactKind,
    FactRule,
    KnownProcess,
    Only,
    When,
)
from dealflow.adapters.imports.mapping.values import MappingValues
from dealflow.domain.deal.commands import ClaimedOutcome
from dealflow.domain.process.definition import Field, ProcessDefinition
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import CommandRefused
from dealflow.domain.values.text.spelling import normal_name

ProcessLookup = Callable[[str], KnownProcess]

_KINDS: tuple[FactKind, ...] = get_args(FactKind)
# What a kind may have beside `at` and `filled`; the amount is a kind of its own too.
_GOES_WITH: dict[str, tuple[FactKind, ...]] = {
    "amount": ("outcome",),
    "reason": ("outcome", *OF_A_PIECE, "back", "reopen"),
    "fields": ("evidence", "milestone", "correct"),
    "each": ("evidence", "activity"),
    "until": ("stage",),
}
_OF_EVIDENCE: tuple[FactKind, ...] = ("evidence", *OF_A_PIECE)
_OF_STAGES: tuple[FactKind, ...] = ("stage", "back", "reopen")
_OUTCOMES = get_args(ClaimedOutcome)
_NEVER_CLAIMED = phrase(
    "record evidence of a kind that its standard asks for; only that shows what a customer has decided"
)


class FactReader(MappingValues):
    """Reads what is checked against the published process."""

    def __init__(self, problems: Problems, process_lookup: ProcessLookup) -> None:
        super().__init__(problems)
        self.process_lookup = process_lookup
        self.definition: ProcessDefinition | None = None  # unknown when the process is: then names are not checked

    def process(self, tree: Tree | None) -> KnownProcess | None:
        reference = self.word(tree, phrase("the process"))
        if tree is None or not reference:
            return None
        try:
            process = self.process_lookup(reference)
        except CommandRefused as refused:
            near = refused.reasons[0].suggestion
            wrong = phrase("no process '{reference}' is published", reference=reference[:60])
            self.problems.add(tree, "unknown-process", wrong, phrase("publish it first"), suggestion=near)
            return None
        self.definition = process.definition
        return process

    def deal(self, entries: dict[str, Tree], zone: str) -> DealRule:
        customer = entries.get("customer")
        if isinstance(customer, YamlMapping):
            parts = self.part(CustomerEntry, customer)
            customer_id, customer_name = parts.get("id"), parts.get("name")
        else:
            customer_id = customer_name = customer
        named = self.pairs(entries.get("attributes"), phrase("'attributes'"), phrase("write name: column"))
        deal_id = self.text(entries.get("id"), "the deal's id")
        return DealRule(
            id=deal_id,
            title=self.text(entries.get("title"), "the deal's title") or deal_id,
            opened=self.opened(entries.get("opened"), zone),
            owner=self.text(entries.get("owner"), "the deal's owner"),
            customer_id=self.text(customer_id, "the customer's id"),
            customer_name=self.text(customer_name, "the customer's name"),
            amount=self.text(entries.get("amount"), "the deal's amount"),
            currency=self.currency(entries.get("currency"), phrase("the currency")),
            attributes={key.text: self.text(value, f"attribute '{key.text[:60]}'") for key, value in named},
        )

    def opened(self, tree: Tree | None, zone: str) -> When:
        """When the deal opened: a column, the earliest of several, the first of some events, none before a day."""
        if not isinstance(tree, YamlMapping):
            return self.when(tree, "'opened'")
        entries = self.part(OpenedEntry, tree)
        when = self.when(entries.get("earliest"), "'earliest'")
        if "of" in entries:
            first = self.first_of(entries["of"], tree)
            when = replace(when, choices=(*when.choices, *first))
        floor = self.day(entries.get("not_before"), phrase("'not_before'"), zone)
        return replace(when, earliest=True, not_before=floor)

    def first_of(self, _activities: Tree, tree: Tree) -> Choices:
        """The instant of the first event of these activities, which only an event log has."""
        self.problems.add(tree, "type", phrase("'of' asks a deal's events, which a table of deals has not"))
        return ()

    def day(self, tree: Tree | None, what: str, zone: str) -> datetime | None:
        """The first instant of a day."""
        word = self.word(tree, what)
        if tree is None or not word:
            return None
        try:
            read = datetime.fromisoformat(word.strip())
        except ValueError:
            wrong = phrase("{what} '{word}' is not a day", what=what, word=word[:60])
            self.problems.add(tree, "date", wrong, phrase("such as 2017-03-01"))
            return None
        return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))

    def only(self, tree: Tree | None) -> tuple[Only, ...]:
        """Which records are taken at all."""
        listed = self.pairs(tree, phrase("'only'"), phrase("write column: value, or column: [value, value]"))
        return tuple(
            Only(
                Column(key.text, key.line, key.column),
                frozenset(
                    normal_name(self.word_or_nothing(item, f"'{key.text[:60]}'")).casefold()
                    for item in (value.items if isinstance(value, YamlSequence) else [value])
                ),
            )
            for key, value in listed
        )

    def corrections(self, tree: Tree | None) -> tuple[dict[str, dict[str, str]], tuple[Column, ...]]:
        """The right values of wrong ones, by column; the columns with their places."""
        right = phrase("write column: {wrong: right}")
        columns = self.pairs(tree, phrase("'corrections'"), right)
        found = {key.text: self.corrected(value, f"the corrections of '{key.text[:60]}'") for key, value in columns}
        return found, tuple(Column(key.text, key.line, key.column) for key, _ in columns)

    def corrected(self, tree: Tree | None, what: str) -> dict[str, str]:
        """The right value of each wrong one; an empty text empties the cell, and corrects an empty one."""
        pairs = self.pairs(tree, phrase("{what}", what=what), phrase("write wrong: right"))
        return {normal_name(key.text): self.word_or_nothing(value, what) for key, value in pairs}

    def facts_of(self, values: Tree | None, at: When | None = None) -> dict[str, tuple[FactRule, ...]]:
        """What each value stands for; `at` dates the facts that do not say when they happened."""
        facts: dict[str, tuple[FactRule, ...]] = {}
        right = phrase("write Won: [{outcome: won, at: column}]")
        for key, value in self.pairs(values, phrase("'values'"), right):
            name = key.text[:60]
            if (kept := normal_name(key.text)) in facts:
                wrong = phrase("the value '{value}' stands there twice, but for blanks or what nobody sees", value=name)
                self.problems.add(key, "doubled-key", wrong, phrase("keep one"))
            facts[kept] = self.rules(value, phrase("the facts of '{value}'", value=name), name, at)
        return facts

    def rules(self, tree: Tree | None, what: str, value: str, at: When | None = None) -> tuple[FactRule, ...]:
        """A list of facts, or one."""
        items = [tree] if isinstance(tree, YamlMapping) else self.items(tree, what)
        return tuple(rule for item in items if (rule := self.fact(item, value, at)) is not None)

    def fact(self, tree: Tree, value: str, otherwise: When | None = None) -> FactRule | None:
        if isinstance(tree, YamlMapping) and "node" in tree.entries:
            self.problems.add(tree.entries["node"][0], "node", phrase("a node is never claimed"), _NEVER_CLAIMED)
            return None
        called = phrase("a fact of '{value}'", value=value)
        entries = self.part(FactEntry, tree, called)
        kind = self.kind(entries, tree, value)
        if kind is None:
            return None
        for key, goes_with in _GOES_WITH.items():
            if key in entries and kind not in (*goes_with, key):
                wrong = phrase("'{key}' does not go with {kind}", key=key, kind=kind)
                self.problems.add(entries[key], "fact", wrong, phrase("only with {goes_with}", goes_with=goes_with))
        at = entries.get("at")
        if at is None and otherwise is None:
            self.required(entries, "at", tree, called)
        is_named = kind not in ("owner", "amount")
        name = self.word(entries[kind], f"'{kind}'") if is_named else ""
        self.known(kind, name, entries[kind])
        reason = self.word(entries.get("reason"), "'reason'") if kind == "outcome" else ""
        if reason and self.definition:
            reasons = [lost.id for lost in self.definition.lost_reasons]
            self.named(reason, reasons, entries["reason"], phrase("lost reason"))
        has_text = kind == "owner" or (kind == "activity" and "{" in name)
        return FactRule(
            kind=kind,
            name=name,
            at=self.when(at, "'at'") if at else otherwise or When(),
            text=self.text(entries[kind], f"'{kind}'") if has_text else (),
            amount=self.text(entries.get("amount"), "'amount'"),
            reason=reason,
            why=self.text(entries.get("reason"), "'reason'") if kind != "outcome" else (),
            fields=self.fields(entries.get("fields"), kind, name, tree),
            filled=tuple(
                Column(word.strip(), item.line, item.column)
                for item, word in self.words(entries.get("filled"), "'filled'")
            ),
            each=self.each(entries.get("each")),
            until=self.text(entries.get("until"), "'until'"),
        )

    def kind(self, entries: dict[str, Tree], tree: Tree, value: str) -> FactKind | None:
        """Which fact it is; a problem where it is none, or more than one."""
        kinds = [kind for kind in _KINDS if kind in entries]
        if len(kinds) > 1 and "amount" in kinds:
            kinds.remove("amount")  # which belongs to a win
        if len(kinds) == 1:
            return kinds[0]
        if isinstance(tree, YamlMapping):
            wrong = (
                phrase("one of the facts of '{value}' is {kinds} at once", value=value, kinds=kinds)
                if kinds
                else phrase("one of the facts of '{value}' is nothing", value=value)
            )
            self.problems.add(tree, "fact", wrong, one_of(_KINDS))
        return None

    def each(self, tree: Tree | None) -> Each | None:
        """A cell with a list in it."""
        if tree is None:
            return None
        entries = self.part(EachEntry, tree) if isinstance(tree, YamlMapping) else {"cell": tree}
        cell = self.cell(entries.get("cell"), "'each'")
        split = self.word(entries.get("split"), "'split'") if "split" in entries else ","
        return Each(cell, split) if cell is not None and split else None

    def known(self, kind: FactKind, name: str, tree: Tree) -> None:
        """Whether the process has what is claimed or recorded."""
        if kind == "outcome":
            self.choice(tree, phrase("an outcome"), _OUTCOMES, "won")
        if not name or self.definition is None:
            return
        if kind in _OF_STAGES:
            self.named(name, self.definition.stage_index, tree, "stage")
        elif kind in _OF_EVIDENCE:
            self.named(name, self.definition.evidence, tree, phrase("kind of evidence"))
        elif kind == "milestone":
            self.named(name, self.definition.milestones, tree, "milestone")

    def named(self, name: str, known: Collection[str], tree: Tree, what: str) -> None:
        if name not in known and self.definition is not None:
            wrong = phrase(
                "the process '{name}' has no {what} '{wanted}'", name=self.definition.name, what=what, wanted=name[:60]
            )
            right = one_of(known) if known else None
            self.problems.add(tree, f"unknown-{what.split(maxsplit=1)[0]}", wrong, right, near=(name, known))

    def fields(self, tree: Tree | None, kind: FactKind, name: str, at: Tree) -> dict[str, Choices]:
        """The fields of evidence or of a milestone, each from columns; a required one must be among them."""
        pairs = self.pairs(tree, phrase("'fields'"), phrase("write amount: column"))
        spec = self.spec(kind, name)
        if spec is not None:
            given = {key.text for key, _ in pairs}
            for key, _ in pairs:
                if key.text not in spec:
                    wrong = phrase("'{name}' has no field '{field}'", name=name[:60], field=key.text[:60])
                    self.problems.add(key, "unknown-field", wrong, near=(key.text, spec))
            required = (field for field, its in spec.items() if its.required and kind not in OF_A_PIECE)
            for missing in (field for field in required if field not in given):
                wrong = phrase("'{name}' needs the field '{missing}'", name=name[:60], missing=missing)
                self.problems.add(
                    tree or at, "missing", wrong, phrase("add {missing}: column under fields:", missing=missing)
                )
        return {key.text: self.text(value, f"field '{key.text[:60]}'") for key, value in pairs}

    def spec(self, kind: FactKind, name: str) -> dict[str, Field] | None:
        if self.definition is None:
            return None
        if kind in _OF_EVIDENCE and name in self.definition.evidence:
            return self.definition.evidence[name].fields
        if kind == "milestone" and name in self.definition.milestones:
            return self.definition.milestones[name][1].fields
        return None
