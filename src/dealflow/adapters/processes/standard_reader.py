"""What a node asks of evidence, as a template file writes it: kinds with conditions, sums, combinations."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlScalar
from dealflow.adapters.processes.field_reader import FieldReader
from dealflow.domain.process.definition import EvidenceKind, FieldType, Standard, Subtraction, Sum
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import phrase

_CONDITIONS = ("where", "count", "sum", "distinct", "not_older_than")
_STANDARD = ("evidence", "latest", *_CONDITIONS, "says", "all_of", "any_of")
# An amount as written; anything else is an expression.
_AMOUNT = re.compile(r"(?:[A-Za-z]{3}\s*|[^\w(*/%\[\"']*)\d[^()*/%+\[]*")

Model = TypeVar("Model", bound=Frozen)


def draft(model: type[Model], **values: Any) -> Model:
    """Not validated: a draft with faults is checked as a whole, so that one run of the checker shows them all."""
    made: Model = model.model_construct(**{key: value for key, value in values.items() if value is not None})  # type: ignore[assignment]
    return made


class StandardReader(FieldReader):
    """Reads standards; the kinds of evidence are read before."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.kinds: Mapping[str, EvidenceKind] = {}

    def standard(self, tree: Tree, what: str) -> Standard:
        if isinstance(tree, YamlScalar):
            return draft(Standard, evidence=self.word(tree, phrase("the standard of {what}", what=what)))
        entries = self.mapping(tree, phrase("the standard of {what}", what=what), _STANDARD)
        self._one_form(tree, entries, what)
        latest = tuple(
            self.word(item, phrase("'latest' of {what}", what=what)) for item in self._listed(entries, "latest", what)
        )
        kind = self._word(entries, "evidence", phrase("the evidence of {what}", what=what))
        return draft(
            Standard,
            evidence=kind,
            where=self._word(entries, "where", phrase("'where' of {what}", what=what)),
            count=self.integer(entries.get("count"), phrase("'count' of {what}", what=what), least=1, most=1000),
            sum=self.sum(entries.get("sum"), kind or next(iter(latest), ""), what),
            latest=latest,
            distinct=self._word(entries, "distinct", phrase("'distinct' of {what}", what=what)),
            not_older_than=self.duration(
                entries.get("not_older_than"), phrase("'not_older_than' of {what}", what=what)
            ),
            says=self.wording(entries.get("says"), phrase("'says' of {what}", what=what)),
            all_of=tuple(self.standard(item, what) for item in self._listed(entries, "all_of", what)),
            any_of=tuple(self.standard(item, what) for item in self._listed(entries, "any_of", what)),
        )

    def _one_form(self, tree: Tree, entries: dict[str, Tree], what: str) -> None:
        # `latest` alone says which kind is asked for: the first.
        kind = "evidence" if "evidence" in entries else "latest"
        forms = [key for key in (kind, "all_of", "any_of") if key in entries]
        if isinstance(tree, YamlMapping) and len(forms) != 1:
            wrong = (
                phrase("the standard of {what} asks for {forms}", what=what, forms=forms)
                if forms
                else phrase("the standard of {what} asks for nothing", what=what)
            )
            self.problems.add(tree, "standard", wrong, phrase("one of evidence, all_of, any_of"))
        for key in _CONDITIONS:
            if key in entries and forms and forms[0] in ("all_of", "any_of"):
                wrong = phrase("'{key}' does not go with {form}", key=key, form=forms[0])
                self.problems.add(entries[key], "standard", wrong, phrase("write it at each part"))

        for key in ("count", "sum", "distinct"):
            if key in entries and "latest" in entries:
                wrong = phrase("'{key}' does not go with {form}", key=key, form="latest")
                self.problems.add(entries[key], "standard", wrong, phrase("of these kinds one piece alone decides"))

    def _word(self, entries: dict[str, Tree], key: str, what: str) -> str | None:
        return self.word(entries[key], what) if key in entries else None

    def _listed(self, entries: dict[str, Tree], key: str, what: str) -> list[Tree]:
        items = self.items(entries.get(key), phrase("'{key}' of {what}", key=key, what=what))
        if key in entries and not items:
            right = phrase("list at least one kind") if key == "latest" else phrase("list at least one standard")
            self.problems.add(entries[key], "standard", phrase("'{key}' of {what} is empty", key=key, what=what), right)
        return items

    def sum(self, tree: Tree | None, kind: str, what: str) -> Sum | None:
        if tree is None:
            return None
        entries = self.mapping(tree, phrase("'sum' of {what}", what=what), ("field", "at_least", "subtract"))
        for key in ("field", "at_least"):
            self.required(entries, key, tree, phrase("'sum' of {what}", what=what))
        field = self.word(entries.get("field"), phrase("the sum's field of {what}", what=what))
        taken = entries.get("subtract")
        alone = [taken] if isinstance(taken, YamlMapping) else None
        items = alone or self.items(taken, phrase("'subtract' of {what}", what=what))
        return draft(
            Sum,
            field=field,
            at_least=self.threshold(entries.get("at_least"), kind, field, what),
            subtract=tuple(self.subtraction(item, what) for item in items),
        )

    def threshold(self, tree: Tree | None, kind: str, field: str, what: str) -> str:
        """An amount as people write it, else an expression."""
        what = phrase("the sum's threshold of {what}", what=what)
        text = self.word(tree, what).strip()
        known = self.kinds.get(kind)
        spec = known.fields.get(field) if known else None
        if spec is None or spec.type is not FieldType.MONEY or not _AMOUNT.fullmatch(text):
            return text
        amount = self.amount(tree, what)
        return "" if amount is None else str(amount) if amount == 0 else f'money("{amount}")'

    def subtraction(self, tree: Tree, what: str) -> Subtraction:
        what = phrase("'subtract' of {what}", what=what)
        entries = self.mapping(tree, what, ("evidence", "field", "names"))
        for key in ("evidence", "field"):
            self.required(entries, key, tree, what)
        return draft(
            Subtraction,
            evidence=self._word(entries, "evidence", phrase("'{key}' of {what}", key="evidence", what=what)) or "",
            field=self._word(entries, "field", phrase("'{key}' of {what}", key="field", what=what)) or "",
            names=self._word(entries, "names", phrase("'{key}' of {what}", key="names", what=what)),
        )
