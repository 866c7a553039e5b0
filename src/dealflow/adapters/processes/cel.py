"""Standards' rules in CEL: compiled once per definition, bounded, exact in minor units."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Literal

from cel_expr_python import cel  # type: ignore[import-untyped]  # its stubs lack the py.typed marker

from dealflow.adapters.processes.cel_amounts import (
    MONEY,
    compile_typed,
    literal_currencies,
    literal_faults,
    money_function,
    typed_environment,
)
from dealflow.adapters.processes.cel_faults import (
    DEAL_AMOUNT,
    Around,
    ExpressionProblem,
    explain,
    failure,
    impossible_options,
    type_named,
    written_amount,
)
from dealflow.adapters.processes.cel_tree import first_of_any_type
from dealflow.domain.process.definition import Field, FieldType, ProcessDefinition, reads_deal_amount
from dealflow.domain.process.rules import FieldValue, RuleFailed
from dealflow.domain.values.money import MAX_MINOR, Money
from dealflow.domain.values.phrase import Phrase, as_phrase, phrase
from dealflow.domain.values.suggest import Suggestions

MAX_EXPRESSION = 2_000
# Names that the language keeps for itself: a field of this name could not be written in a rule (measured, 0.1.3).
RESERVED = frozenset(
    re.findall(
        r"\w+",
        (
            "type int uint double string bool bytes list map dyn null_type in as break const continue "
            "else for function if import let loop package namespace return var void while true false "
            "null deal"
        ),
    )
)
_TYPES: dict[FieldType, cel.Type] = {
    FieldType.MONEY: cel.Type.INT,
    FieldType.INTEGER: cel.Type.INT,
    FieldType.NUMBER: cel.Type.DOUBLE,
    FieldType.DATE: cel.Type.TIMESTAMP,
    FieldType.INSTANT: cel.Type.TIMESTAMP,
    FieldType.BOOLEAN: cel.Type.BOOL,
}
# What an expression must give: a rule true or false, a threshold a whole number or an amount.
Expected = Literal["bool", "int", "money"]
_RESULTS: dict[Expected, cel.Type] = {"bool": cel.Type.BOOL, "int": cel.Type.INT, "money": MONEY}
_RIGHT: dict[Expected, Phrase] = {
    "bool": phrase("true or false"),
    "int": phrase("a whole number"),
    "money": phrase("an amount such as {example}", example='percent(deal.amount, 30) or money("5,000 CNY")'),
}
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class _CannotCompile(RuleFailed):
    def __init__(self, problems: list[ExpressionProblem]) -> None:
        self.problems = problems
        super().__init__(as_phrase("".join(problem.message for problem in problems)))


@dataclass(frozen=True)
class _Compiled:
    expression: cel.Expression
    names: tuple[str, ...]
    amount_used: bool
    currencies: frozenset[str]


class CelRules:
    """The rules of one process definition; safe to share between threads (compiling is locked, evaluating is not)."""

    def __init__(self, definition: ProcessDefinition) -> None:
        self._kinds = definition.evidence
        self._currency = definition.currency
        self._money = money_function(definition.currency)
        self._environments: dict[str, cel.Env] = {}
        self._typed: dict[str, cel.Env] = {}
        self._compiled: dict[tuple[str, str, Expected], _Compiled] = {}
        self._suggestions = Suggestions()
        self._lock = Lock()

    def holds(self, kind: str, where: str, fields: Mapping[str, FieldValue], deal_amount: Money | None) -> bool:
        """Whether `where` is true of these fields; RuleFailed with a plain sentence when it cannot be said."""
        compiled = self._ready(kind, where, "bool")
        return self._value(compiled, kind, fields, deal_amount) is True

    def threshold(self, kind: str, expression: str, deal_amount: Money | None) -> Money | int:
        """The value of a sum's `at_least`; RuleFailed with a plain sentence when it cannot be said."""
        compiled = self._ready(kind, expression, "int")
        value = self._value(compiled, kind, {}, deal_amount)
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuleFailed(phrase("the threshold is {value}, not a whole number", value=repr(value)))
        written = deal_amount.currency if compiled.amount_used and deal_amount else min(compiled.currencies, default="")
        if not written:
            return value
        if abs(value) > MAX_MINOR:
            raise RuleFailed(phrase("the rule computes a number that is too large"))
        return Money(minor=value, currency=written)

    def check_expression(self, kind: str, text: str, expected: Expected) -> list[ExpressionProblem]:
        """Everything that is wrong with an expression, for whoever writes the template."""
        problems: list[ExpressionProblem] = []
        if len(text) <= MAX_EXPRESSION:
            problems += impossible_options(text, self._fields(kind, expected), self._suggestions)
            problems += literal_faults(text, self._currency)
            problems += self._type_faults(kind, text, expected)
        if not problems:
            try:
                self._ready(kind, text, "bool" if expected == "bool" else "int")
            except _CannotCompile as bad:
                problems += bad.problems
        return sorted(problems, key=lambda problem: (problem.line, problem.column))

    def _type_faults(self, kind: str, text: str, expected: Expected) -> list[ExpressionProblem]:
        """Where a bare number is taken for an amount, and every other clash of types."""
        fields = self._fields(kind, expected)
        variables = {
            name: MONEY if field.type is FieldType.MONEY else _TYPES.get(field.type, cel.Type.STRING)
            for name, field in fields.items()
        }
        key = kind if expected == "bool" else ""
        if key not in self._typed:
            self._typed[key] = typed_environment(variables)
        try:
            typed = compile_typed(self._typed[key], text)
        except (RuntimeError, TypeError, ValueError) as error:
            return self._explained(str(error), kind, text, expected)
        amounts = {"deal", "money", *(name for name, field in fields.items() if field.type is FieldType.MONEY)}
        if amounts & set(_WORD.findall(text)) and (unlike := first_of_any_type(typed)) is not None:
            before = text[:unlike]
            at = (before.count("\n") + 1, unlike - before.rfind("\n"))
            return [ExpressionProblem(*at, phrase("values of unlike types stand together beside an amount"))]
        result = typed.return_type()
        if result == _RESULTS[expected] or (expected == "money" and text.strip() == "0"):
            return []
        message = phrase(
            "the expression gives {given}, but {right} is needed",
            given=type_named(result.name()),
            right=_RIGHT[expected],
        )
        if expected == "money" and text.strip().isdecimal():
            message = phrase("{wrong}; {right}", wrong=message, right=written_amount(text.strip(), self._currency))
        return [ExpressionProblem(1, 1, message)]

    def _explained(self, error: str, kind: str, text: str, expected: Expected) -> list[ExpressionProblem]:
        hidden = self._fields(kind, "bool") if expected != "bool" else {}
        around = Around(self._fields(kind, expected), hidden, self._suggestions, self._currency)
        return explain(error, text, around)

    def _ready(self, kind: str, text: str, expected: Expected) -> _Compiled:
        key = (kind, text, expected)
        found = self._compiled.get(key)
        if found is None:
            with self._lock:
                found = self._compiled.get(key)
                if found is None:
                    found = self._compiled[key] = self._compile(*key)
        return found

    def _compile(self, kind: str, text: str, expected: Expected) -> _Compiled:
        if len(text) > MAX_EXPRESSION:
            raise _CannotCompile(
                [ExpressionProblem(1, 1, phrase("longer than {most} characters", most=MAX_EXPRESSION))]
            )
        fields = self._fields(kind, expected)
        try:
            expression = self._environment(kind, expected).compile(text)
        except (RuntimeError, TypeError, ValueError) as error:
            raise _CannotCompile(self._explained(str(error), kind, text, expected)) from error
        result = expression.return_type()
        wanted = cel.Type.BOOL if expected == "bool" else cel.Type.INT
        if result != wanted:
            message = phrase(
                "the expression gives {given}, but {right} is needed",
                given=type_named(result.name()),
                right=_RIGHT[expected],
            )
            raise _CannotCompile([ExpressionProblem(1, 1, message)])
        # A name inside a literal costs a needless conversion; parsing literals here could miss a name that is needed.
        words = set(_WORD.findall(text))
        return _Compiled(
            expression,
            tuple(name for name in fields if name in words),
            reads_deal_amount(text),
            literal_currencies(text, self._currency) if "money" in words else frozenset(),
        )

    def _fields(self, kind: str, expected: Expected) -> dict[str, Field]:
        # A threshold is asked before any evidence is looked at, so it has no fields to read.
        if expected != "bool" or kind not in self._kinds:
            return {}
        return {name: field for name, field in self._kinds[kind].fields.items() if name not in RESERVED}

    def _environment(self, kind: str, expected: Expected) -> cel.Env:
        key = kind if expected == "bool" else ""
        if key not in self._environments:
            variables = {
                name: _TYPES.get(field.type, cel.Type.STRING) for name, field in self._fields(key, "bool").items()
            }
            overload = cel.Overload("percent_int_int", cel.Type.INT, [cel.Type.INT, cel.Type.INT], False, percent)  # noqa: FBT003  is_member, by its place
            literal = cel.Overload("money_string", cel.Type.INT, [cel.Type.STRING], False, self._money)  # noqa: FBT003  is_member, by its place
            self._environments[key] = cel.NewEnv(
                variables={**variables, DEAL_AMOUNT: cel.Type.INT},
                functions=[cel.FunctionDecl("percent", [overload]), cel.FunctionDecl("money", [literal])],
            )
        return self._environments[key]

    def _value(
        self, compiled: _Compiled, kind: str, fields: Mapping[str, FieldValue], deal_amount: Money | None
    ) -> object:
        data: dict[str, object] = {}
        currencies = set(compiled.currencies)
        for name in compiled.names:
            if (value := fields.get(name)) is not None:
                data[name] = _converted(value, self._kinds[kind].fields[name].type, name)
                if isinstance(value, Money):
                    currencies.add(value.currency)
        if compiled.amount_used and deal_amount is not None:
            data[DEAL_AMOUNT] = deal_amount.minor
            currencies.add(deal_amount.currency)
        if len(currencies) > 1:
            first, second, *_ = sorted(currencies)
            raise RuleFailed(phrase("amounts in {first} and {second} cannot be compared", first=first, second=second))
        try:
            result = compiled.expression.eval(data=data)
            is_error, value = result.type() == cel.Type.ERROR, result.value()
        except (AssertionError, RuntimeError, TypeError, ValueError) as error:
            raise RuleFailed(failure(str(error))) from error
        if is_error:
            raise RuleFailed(failure(str(value)))
        return value


def percent(amount: int, per_cent: int) -> int:
    """The smallest whole number of minor units that is at least `per_cent` per cent of `amount`."""
    return -(-amount * per_cent // 100)


def _converted(value: FieldValue, field_type: FieldType, name: str) -> object:
    try:
        if isinstance(value, Money):
            return value.minor
        if isinstance(value, str):
            if field_type is FieldType.NUMBER:
                return float(value)
            if field_type in (FieldType.DATE, FieldType.INSTANT):
                instant = datetime.fromisoformat(value)
                return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    except ValueError as error:
        problem = phrase("the value of '{field}' is not a {type}", field=name, type=field_type.value)
        raise RuleFailed(problem) from error
    return value
