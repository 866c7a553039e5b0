"""The part of a mapping that tables and event logs share: the process, the deal, and what a record stands for."""

from collections.abc import Callable, Collection
from typing import get_args

from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, one_of
from dealflow.adapters.imports.mapping.model import Choices, Column, DealRule, FactRule, KnownProcess, When
from dealflow.adapters.imports.mapping.values import MappingValues
from dealflow.domain.deal.commands import ClaimedOutcome
from dealflow.domain.process.definition import Field, ProcessDefinition
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import CommandRefused
from dealflow.domain.values.text.spelling import normal_name

ProcessLookup = Callable[[str], KnownProcess]

_DEAL = ("id", "title", "opened", "owner", "customer", "amount", "currency", "attributes")
_KINDS = ("stage", "outcome", "evidence", "milestone", "activity")
_FACT = (*_KINDS, "at", "amount", "reason", "fields")
_GOES_WITH = {"amount": ("outcome",), "reason": ("outcome",), "fields": ("evidence", "milestone")}
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

    def deal(self, tree: Tree | None, needs: tuple[str, ...] = ("id", "opened")) -> DealRule:
        entries = self.mapping(tree, "'deal'", _DEAL)
        for key in needs:
            if tree is not None:
                self.required(entries, key, tree, "'deal'")
        customer = entries.get("customer")
        if isinstance(customer, YamlMapping):
            parts = self.mapping(customer, phrase("the customer"), ("id", "name"))
            self.required(parts, "id", customer, phrase("the customer"))
            customer_id, customer_name = parts.get("id"), parts.get("name")
        else:
            customer_id = customer_name = customer
        attributes = entries.get("attributes")
        named = attributes.entries.values() if isinstance(attributes, YamlMapping) else ()
        if attributes is not None and not isinstance(attributes, YamlMapping):
            self.problems.add(
                attributes, "type", phrase("'attributes' must be a mapping"), phrase("write name: column")
            )
        deal_id = self.text(entries.get("id"), "the deal's id")
        return DealRule(
            id=deal_id,
            title=self.text(entries.get("title"), "the deal's title") or deal_id,
            opened=self.when(entries.get("opened"), "'opened'"),
            owner=self.text(entries.get("owner"), "the deal's owner"),
            customer_id=self.text(customer_id, "the customer's id"),
            customer_name=self.text(customer_name, "the customer's name"),
            amount=self.text(entries.get("amount"), "the deal's amount"),
            currency=self.currency(entries.get("currency"), phrase("the currency")),
            attributes={key.text: self.text(value, f"attribute '{key.text[:60]}'") for key, value in named},
        )

    def facts(self, tree: Tree | None) -> tuple[Column | None, dict[str, tuple[FactRule, ...]]]:
        entries = self.mapping(tree, "'facts'", ("by", "values"))
        if tree is not None:
            self.required(entries, "by", tree, "'facts'")
        values = self.required(entries, "values", tree, "'facts'") if tree is not None else None
        return self.cell(entries.get("by"), "'by'"), self.facts_of(values)

    def facts_of(self, values: Tree | None, at: When | None = None) -> dict[str, tuple[FactRule, ...]]:
        """What each value stands for; `at` dates the facts that do not say when they happened."""
        facts: dict[str, tuple[FactRule, ...]] = {}
        if isinstance(values, YamlMapping):
            for key, value in values.entries.values():
                name = key.text[:60]
                what = phrase("the facts of '{value}'", value=name)
                items = [value] if isinstance(value, YamlMapping) else self.items(value, what)
                if (kept := normal_name(key.text)) in facts:
                    wrong = phrase(
                        "the value '{value}' stands there twice, but for blanks or what nobody sees", value=name
                    )
                    self.problems.add(key, "doubled-key", wrong, phrase("keep one"))
                facts[kept] = tuple(rule for item in items if (rule := self.fact(item, name, at)) is not None)
        elif values is not None:
            self.problems.add(
                values, "type", phrase("'values' must be a mapping"), phrase("write Won: [{outcome: won, at: column}]")
            )
        return facts

    def fact(self, tree: Tree, value: str, otherwise: When | None = None) -> FactRule | None:
        if isinstance(tree, YamlMapping) and "node" in tree.entries:
            self.problems.add(tree.entries["node"][0], "node", phrase("a node is never claimed"), _NEVER_CLAIMED)
            return None
        fact = phrase("a fact of '{value}'", value=value)
        entries = self.mapping(tree, fact, _FACT)
        kinds = [kind for kind in _KINDS if kind in entries]
        if len(kinds) != 1:
            if isinstance(tree, YamlMapping):
                wrong = (
                    phrase("one of the facts of '{value}' is {kinds} at once", value=value, kinds=kinds)
                    if kinds
                    else phrase("one of the facts of '{value}' is nothing", value=value)
                )
                self.problems.add(tree, "fact", wrong, one_of(_KINDS))
            return None
        kind = kinds[0]
        for key, goes_with in _GOES_WITH.items():
            if key in entries and kind not in goes_with:
                wrong = phrase("'{key}' does not go with {kind}", key=key, kind=kind)
                self.problems.add(entries[key], "fact", wrong, phrase("only with {goes_with}", goes_with=goes_with))
        at = entries.get("at")
        if at is None and otherwise is None:
            self.required(entries, "at", tree, fact)
        name = self.word(entries[kind], f"'{kind}'")
        self.known(kind, name, entries[kind])
        reason = self.word(entries.get("reason"), "'reason'")
        if reason and self.definition:
            reasons = [lost.id for lost in self.definition.lost_reasons]
            self.named(reason, reasons, entries["reason"], phrase("lost reason"))
        fields = self.filled(entries.get("fields"), kind, name, tree)
        return FactRule(
            kind=kind,  # type: ignore[arg-type]  # one of the five
            name=name,
            at=self.when(at, "'at'") if at else otherwise or When(),
            text=self.text(entries[kind], "'activity'") if kind == "activity" and "{" in name else (),
            amount=self.text(entries.get("amount"), "'amount'"),
            reason=reason,
            fields=fields,
        )

    def known(self, kind: str, name: str, tree: Tree) -> None:
        """Whether the process has what is claimed or recorded."""
        if kind == "outcome":
            self.choice(tree, phrase("an outcome"), _OUTCOMES, "won")
        if not name or self.definition is None:
            return
        if kind == "stage":
            self.named(name, self.definition.stage_index, tree, "stage")
        elif kind == "evidence":
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

    def filled(self, tree: Tree | None, kind: str, name: str, at: Tree) -> dict[str, Choices]:
        """The fields of evidence or of a milestone, each from columns; a required one must be among them."""
        if tree is not None and not isinstance(tree, YamlMapping):
            self.problems.add(tree, "type", phrase("'fields' must be a mapping"), phrase("write amount: column"))
        entries = tree.entries if isinstance(tree, YamlMapping) else {}
        spec = self.spec(kind, name)
        if spec is not None:
            for key, _ in entries.values():
                if key.text not in spec:
                    wrong = phrase("'{name}' has no field '{field}'", name=name[:60], field=key.text[:60])
                    self.problems.add(key, "unknown-field", wrong, near=(key.text, spec))
            for missing in (field for field, its in spec.items() if its.required and field not in entries):
                wrong = phrase("'{name}' needs the field '{missing}'", name=name[:60], missing=missing)
                self.problems.add(
                    tree or at, "missing", wrong, phrase("add {missing}: column under fields:", missing=missing)
                )
        return {key.text: self.text(value, f"field '{key.text[:60]}'") for key, value in entries.values()}

    def spec(self, kind: str, name: str) -> dict[str, Field] | None:
        if self.definition is None:
            return None
        if kind == "evidence" and name in self.definition.evidence:
            return self.definition.evidence[name].fields
        if kind == "milestone" and name in self.definition.milestones:
            return self.definition.milestones[name][1].fields
        return None
