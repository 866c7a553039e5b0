"""The fields of evidence and milestones in a template file: types, bounds, options; each fault with its place."""

import re
from typing import Literal

from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlScalar, YamlSequence, one_of
from dealflow.adapters.files.values import Values
from dealflow.adapters.processes.cel_faults import written_amount
from dealflow.domain.process.definition import Field, FieldType, Option
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.domain.values.written.amount import read_amount

_TYPES = [member.value for member in FieldType]
_FLAGS = ("required", "optional", "personal", "unique")
_FIELD_KEYS = ("required", "personal", "min_length", "max_length", "at_least", "at_most", "options", "unique", "title")
_SIZED = (FieldType.TEXT, FieldType.URL)
_BOUNDED = (FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY)
_PERSONAL = (FieldType.PHONE, FieldType.EMAIL)
_BARE = re.compile(r"[+-]?\d+", re.ASCII)
_Unique = Literal["customer", "everywhere"]
_UNIQUE = ("customer", "everywhere", "true")


class FieldReader(Values):
    """Reads fields; amounts that name no currency are in the template's."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.template_currency = "CNY"

    def fields(self, tree: Tree | None, what: str) -> dict[str, Field]:
        if tree is None:
            return {}
        if not isinstance(tree, YamlMapping):
            self.problems.add(
                tree,
                "type",
                phrase("{what} must be a mapping", what=what),
                phrase("write {amount: money, paid_on: date}"),
            )
            return {}
        return {
            self.identifier(key, "field"): self.field(value, phrase("field '{field}'", field=key.text[:60]))
            for key, value in tree.entries.values()
        }

    def amount(self, tree: Tree | None, what: str) -> int | Money | None:
        """An amount as people write it; 0 needs no currency, any other bare number is refused."""
        text = self.word(tree, what).strip() if tree is not None else ""
        if tree is None or not text:
            return None
        if _BARE.fullmatch(text):
            if int(text) == 0:
                return 0
            wrong = phrase("{what} is {number}, which is no amount", what=what, number=text[:60])
            right = written_amount(text.lstrip("+"), self.template_currency, "{}")
            self.problems.add(tree, "amount", wrong, right)
            return None
        try:
            amount = read_amount(text, self.template_currency)
        except ValueError as error:
            self.problems.add(tree, "amount", phrase("{what}: {value}", what=what, value=phrase_of(error)))
            return None
        if amount.currency == self.template_currency:
            return amount
        wrong = phrase(
            "{amount} is not in {currency}, the currency of the template",
            amount=text[:60],
            currency=self.template_currency,
        )
        self.problems.add(tree, "amount", wrong)
        return None

    def unique(self, tree: Tree | None, kind: FieldType, what: str, *, personal: bool) -> _Unique | None:
        """`true` is the same as `customer`: two customers may have a receipt of one number."""
        if tree is None or (isinstance(tree, YamlScalar) and tree.plain and tree.text == "false"):
            return None
        if personal or kind in (FieldType.BOOLEAN, FieldType.ONE_OF):
            wrong = (
                phrase("{what} is personal, and what is unique must be readable", what=what)
                if personal
                else phrase(
                    "'{key}' does not go with the type {type} of {what}", key="unique", type=kind.value, what=what
                )
            )
            self.problems.add(tree, "field", wrong, phrase("remove unique"))
            return None
        word = self.choice(tree, phrase("'{key}' of {what}", key="unique", what=what), _UNIQUE, "customer")
        return "everywhere" if word == "everywhere" else "customer"

    def field(self, tree: Tree, what: str) -> Field:
        """A field in its short forms (`money`, `{one_of: [a, b]}`, `{person: personal}`) or long (`{type: ...}`)."""
        if isinstance(tree, YamlScalar):
            kind = self._field_type(tree, what)
            return Field(type=kind, personal=kind in _PERSONAL)
        if not isinstance(tree, YamlMapping):
            self.problems.add(tree, "type", phrase("{what} must be a type", what=what), one_of(_TYPES))
            return Field(type=FieldType.TEXT)
        entries = self.mapping(tree, what, ("type", *_TYPES, *_FIELD_KEYS))
        named = [key for key in entries if key == "type" or key in _TYPES]
        if len(named) != 1:
            wrong = (
                phrase("{what} has no type", what=what)
                if not named
                else phrase("{what} has {n} types", what=what, n=len(named))
            )
            self.problems.add(tree, "type", wrong, one_of(_TYPES))
            return Field(type=FieldType.TEXT)
        given = entries.pop(named[0])
        if named[0] == "type":
            kind = self._field_type(given, what)
        else:
            kind = FieldType(named[0])
            for key, (key_tree, value) in self._details(kind, given, what).items():
                if key in entries:
                    self.problems.add(
                        key_tree,
                        "doubled-key",
                        phrase("'{key}' is given twice for {what}", key=key, what=what),
                        phrase("keep one"),
                    )
                entries[key] = value
        return self._field(kind, entries, tree, what)

    def _field_type(self, tree: Tree, what: str) -> FieldType:
        return FieldType(
            self.choice(tree, phrase("the type of {what}", what=what), tuple(_TYPES), FieldType.TEXT.value)
        )

    def _details(self, kind: FieldType, tree: Tree, what: str) -> dict[str, tuple[Tree, Tree]]:
        """What stands behind a type's name: a flag, a list of flags or options, or a mapping of details."""
        if isinstance(tree, YamlMapping):
            entries = self.mapping(tree, what, _FIELD_KEYS)
            return {key: (tree.entries[key][0], value) for key, value in entries.items()}
        if kind is FieldType.ONE_OF:
            return {"options": (tree, tree)}
        if isinstance(tree, YamlScalar) and tree.is_null:
            return {}
        details: dict[str, tuple[Tree, Tree]] = {}
        for item in tree.items if isinstance(tree, YamlSequence) else [tree]:
            flag = self.choice(item, phrase("a flag of {what}", what=what), _FLAGS, "required")
            key, value = ("required", "false") if flag == "optional" else (flag, "true")
            details[key] = (item, YamlScalar(item.line, item.column, value, plain=True))
        return details

    def options(self, tree: Tree | None, what: str) -> tuple[Option, ...]:
        """Words alone, or ids with titles: `[{id: decider, title: {...}}, other]`; no word may mean two of them."""
        options: list[Option] = []
        meant: dict[str, str] = {}
        for item in self.items(tree, phrase("the options of {what}", what=what)):
            option = self._option(item, what)
            if found := next(((key, name) for key, name in option.names.items() if key in meant), None):
                key, twice = found
                same = meant[key] == option.id
                wrong = (
                    phrase("option '{option}' of {what} stands twice", option=twice[:60], what=what)
                    if same
                    else phrase("'{option}' means two options of {what}", option=twice[:60], what=what)
                )
                right = phrase("keep one") if same else phrase("write another id or title")
                self.problems.add(item, "duplicate-id", wrong, right)
            meant.update(dict.fromkeys(option.names, option.id))
            options.append(option)
        return tuple(options)

    def _option(self, tree: Tree, what: str) -> Option:
        what = phrase("an option of {what}", what=what)
        if isinstance(tree, YamlScalar):
            return Option(id=self.word(tree, what))
        entries = self.mapping(tree, what, ("id", "title"))
        given = self.required(entries, "id", tree, what)
        return Option(
            id=self.word(given, what),
            title=self.wording(entries.get("title"), phrase("the title of {what}", what=what)),
        )

    def _field(self, kind: FieldType, entries: dict[str, Tree], tree: Tree, what: str) -> Field:
        for keys, kinds in (
            (("min_length", "max_length"), _SIZED),
            (("at_least", "at_most"), _BOUNDED),
            (("options",), (FieldType.ONE_OF,)),
        ):
            for key in keys:
                if key in entries and kind not in kinds:
                    wrong = phrase(
                        "'{key}' does not go with the type {type} of {what}", key=key, type=kind.value, what=what
                    )
                    self.problems.add(
                        entries[key], "field", wrong, phrase("only with {types}", types=[k.value for k in kinds])
                    )
        options = self.options(entries.get("options"), what)
        if kind is FieldType.ONE_OF and not options:
            self.problems.add(
                tree, "field", phrase("{what} has no options", what=what), phrase("write {one_of: [a, b]}")
            )
        least, most = (
            self.integer(entries.get(key), phrase("'{key}' of {what}", key=key, what=what), least=0)
            for key in ("min_length", "max_length")
        )
        bound = self.amount if kind is FieldType.MONEY else self.integer
        lower, upper = (
            bound(entries.get(key), phrase("'{key}' of {what}", key=key, what=what)) for key in ("at_least", "at_most")
        )
        for low, high, key in ((least, most, "max_length"), (lower, upper, "at_most")):
            if low is not None and high is not None and _size(low) > _size(high):
                self.problems.add(
                    entries[key],
                    "threshold",
                    phrase("{what}: {low} to {high} leaves nothing", what=what, low=str(low), high=str(high)),
                    phrase("at least {least}", least=str(low)),
                )
        if kind is FieldType.MONEY and lower is None and upper is not None and _size(upper) <= 0:
            # An amount is more than nothing where its field allows no less.
            wrong = phrase("{what}: {low} to {high} leaves nothing", what=what, low="0", high=str(upper))
            self.problems.add(entries["at_most"], "threshold", wrong, phrase("add at_least"))
        personal = self.boolean(
            entries.get("personal"), phrase("'{key}' of {what}", key="personal", what=what), default=kind in _PERSONAL
        )
        return Field(
            type=kind,
            required=self.boolean(
                entries.get("required"), phrase("'{key}' of {what}", key="required", what=what), default=True
            ),
            personal=personal,
            min_length=least,
            max_length=most,
            at_least=lower,
            at_most=upper,
            options=options,
            unique=self.unique(entries.get("unique"), kind, what, personal=personal),
            title=self.wording(entries.get("title"), phrase("the title of {what}", what=what)),
        )


def _size(bound: int | Money) -> int:
    return bound.minor if isinstance(bound, Money) else bound
