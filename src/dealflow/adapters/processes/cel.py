"""Standards' rules in CEL: compiled once per definition, bounded, exact in minor units."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from threading import Lock
from typing import Literal

from cel_expr_python import cel  # type: ignore[import-untyped]  # its stubs lack the py.typed marker

from dealflow.domain.process.definition import Field, FieldType, ProcessDefinition
from dealflow.domain.process.rules import FieldValue, RuleFailed
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import Phrase, as_phrase, phrase
from dealflow.domain.values.suggest import Suggestions

MAX_EXPRESSION = 2_000
DEAL_AMOUNT = "deal.amount"
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
_FUNCTIONS = ("percent", "size", "timestamp", "duration", "matches", "startsWith", "endsWith", "contains", "int")
_TYPES: dict[FieldType, cel.Type] = {
    FieldType.MONEY: cel.Type.INT,
    FieldType.INTEGER: cel.Type.INT,
    FieldType.NUMBER: cel.Type.DOUBLE,
    FieldType.DATE: cel.Type.TIMESTAMP,
    FieldType.INSTANT: cel.Type.TIMESTAMP,
    FieldType.BOOLEAN: cel.Type.BOOL,
}
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\((.*)\)'")
_ABSENT = re.compile(r'No value with name "([^"]+)"')
_SHARE = r"(?:{amount}\s*\*\s*(?P<after>\d*\.\d+)|(?P<before>\d*\.\d+)\s*\*\s*{amount})"
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_AMOUNT_USED = re.compile(r"\bdeal\s*\.\s*amount\b")
_COMPARED = re.compile(r"(?<![\w.])([a-z]\w*)\s*(?:[=!]=\s*|in\s*\[([^\]]*)\])", re.ASCII)

Expected = Literal["bool", "int"]


@dataclass(frozen=True)
class ExpressionProblem:
    """A fault of an expression; `line` and `column` count from one inside the expression."""

    line: int
    column: int
    message: Phrase
    suggestion: str | None = None


class _CannotCompile(RuleFailed):
    def __init__(self, problems: list[ExpressionProblem]) -> None:
        self.problems = problems
        super().__init__(as_phrase("".join(problem.message for problem in problems)))


@dataclass(frozen=True)
class _Compiled:
    expression: cel.Expression
    names: tuple[str, ...]
    amount_used: bool


class CelRules:
    """The rules of one process definition; safe to share between threads (compiling is locked, evaluating is not)."""

    def __init__(self, definition: ProcessDefinition) -> None:
        self._kinds = definition.evidence
        self._environments: dict[str, cel.Env] = {}
        self._compiled: dict[tuple[str, str, Expected], _Compiled] = {}
        self._suggestions = Suggestions()
        self._lock = Lock()

    def holds(self, kind: str, where: str, fields: Mapping[str, FieldValue], deal_amount: Money | None) -> bool:
        """Whether `where` is true of these fields; RuleFailed with a plain sentence when it cannot be said."""
        compiled = self._ready(kind, where, "bool")
        return self._value(compiled, kind, fields, deal_amount) is True

    def threshold(self, kind: str, expression: str, deal_amount: Money | None) -> int:
        """The value of a sum's `at_least`; RuleFailed with a plain sentence when it cannot be said."""
        value = self._value(self._ready(kind, expression, "int"), kind, {}, deal_amount)
        if isinstance(value, bool) or not isinstance(value, int):
            raise RuleFailed(phrase("the threshold is {value}, not a whole number", value=repr(value)))
        return value

    def check_expression(self, kind: str, text: str, expected: Expected) -> list[ExpressionProblem]:
        """Everything that is wrong with an expression, for whoever writes the template."""
        problems: list[ExpressionProblem] = []
        if len(text) <= MAX_EXPRESSION:
            problems += _impossible_options(text, self._fields(kind, expected), self._suggestions)
        try:
            self._ready(kind, text, expected)
        except _CannotCompile as bad:
            problems += bad.problems
        return sorted(problems, key=lambda problem: (problem.line, problem.column))

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
            hidden = self._fields(kind, "bool") if expected == "int" else {}
            raise _CannotCompile(_explain(str(error), text, fields, hidden, self._suggestions)) from error
        result = expression.return_type()
        wanted = cel.Type.BOOL if expected == "bool" else cel.Type.INT
        if result != wanted:
            right = phrase("true or false") if expected == "bool" else phrase("a whole number (minor units for money)")
            message = phrase(
                "the expression gives {lower}, but {right} is needed", lower=result.name().lower(), right=right
            )
            raise _CannotCompile([ExpressionProblem(1, 1, message)])
        # A name inside a literal costs a needless conversion; parsing literals here could miss a name that is needed.
        words = set(_WORD.findall(text))
        return _Compiled(expression, tuple(name for name in fields if name in words), bool(_AMOUNT_USED.search(text)))

    def _fields(self, kind: str, expected: Expected) -> dict[str, Field]:
        # A threshold is asked before any evidence is looked at, so it has no fields to read.
        if expected == "int" or kind not in self._kinds:
            return {}
        return {name: field for name, field in self._kinds[kind].fields.items() if name not in RESERVED}

    def _environment(self, kind: str, expected: Expected) -> cel.Env:
        key = kind if expected == "bool" else ""
        if key not in self._environments:
            variables = {
                name: _TYPES.get(field.type, cel.Type.STRING) for name, field in self._fields(key, "bool").items()
            }
            overload = cel.Overload("percent_int_int", cel.Type.INT, [cel.Type.INT, cel.Type.INT], False, percent)  # noqa: FBT003  is_member, by its place
            self._environments[key] = cel.NewEnv(
                variables={**variables, DEAL_AMOUNT: cel.Type.INT}, functions=[cel.FunctionDecl("percent", [overload])]
            )
        return self._environments[key]

    def _value(
        self, compiled: _Compiled, kind: str, fields: Mapping[str, FieldValue], deal_amount: Money | None
    ) -> object:
        data: dict[str, object] = {}
        currencies: set[str] = set()
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
        except (RuntimeError, TypeError, ValueError) as error:
            raise RuleFailed(_plain(str(error))) from error
        if result.type() == cel.Type.ERROR:
            raise RuleFailed(_plain(str(result.value())))
        return result.value()


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


def _plain(message: str) -> Phrase:
    if absent := _ABSENT.search(message):
        name = absent[1]
        return (
            phrase("the deal has no amount, which the rule needs")
            if name == DEAL_AMOUNT
            else phrase("the evidence has no value for '{field}', which the rule needs", field=name)
        )
    if "budget exceeded" in message:
        return phrase("the rule takes too many steps")
    if "recursion limit" in message or "nested too deep" in message:
        return phrase("the rule is nested too deep")
    if "too big" in message or "overflow" in message:
        return phrase("the rule computes a number that is too large")
    if "divide by zero" in message or "modulus by zero" in message:
        return phrase("the rule divides by zero")
    return as_phrase(re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$", "", message))


def _explain(
    message: str, text: str, fields: Mapping[str, Field], hidden: Mapping[str, Field], suggestions: Suggestions
) -> list[ExpressionProblem]:
    found = [
        _explain_one(int(m[1]), int(m[2]), m[3], text, fields, hidden, suggestions) for m in _ERROR.finditer(message)
    ]
    return found or [ExpressionProblem(1, 1, _plain(message.splitlines()[0]) if message else phrase("cannot be read"))]


def _explain_one(
    line: int,
    column: int,
    wrong: str,
    text: str,
    fields: Mapping[str, Field],
    hidden: Mapping[str, Field],
    suggestions: Suggestions,
) -> ExpressionProblem:
    wrong = re.sub(r"\s*\[[A-Z_]+\]$", "", wrong)
    if undeclared := _UNDECLARED.search(wrong):
        name = undeclared[1]
        lines = text.splitlines() or [""]
        # For calls and dotted names the library points behind the name's first part; people look for its start.
        start = lines[min(line, len(lines)) - 1].rfind(name, 0, column - 1 + len(name))
        column = start + 1 if start >= 0 else column
        if name in hidden:
            return ExpressionProblem(
                line,
                column,
                phrase(
                    "a threshold may use {amount} and percent(), not the field '{name}'", amount=DEAL_AMOUNT, name=name
                ),
            )
        near = suggestions.nearest(name, [*fields, DEAL_AMOUNT, *_FUNCTIONS])
        return ExpressionProblem(line, column, phrase("'{name}' is not a field or a function", name=name), near)
    if overload := _OVERLOAD.search(wrong):
        operator, types = overload[1].replace("_", " ").strip(), overload[2]
        said = (text.splitlines() or [""])[line - 1 : line]
        hint = _hint(operator, "".join(said), column, fields) if {"double", "int"} <= set(types.split(", ")) else ""
        clash = phrase("'{operator}' does not go with ({types})", operator=operator, types=types)
        return ExpressionProblem(line, column, phrase("{wrong}; {right}", wrong=clash, right=hint) if hint else clash)
    if "mismatched input '<EOF>'" in wrong:
        return ExpressionProblem(line, column, phrase("the expression ends too early"))
    return ExpressionProblem(line, column, as_phrase(wrong.split(" expecting {")[0]))


def _hint(operator: str, text: str, column: int, fields: Mapping[str, Field]) -> str:
    """What to write where a whole number meets one with decimals; an amount is whole, and a share of it is `percent`."""
    if operator == "percent":
        return phrase("percent() takes whole numbers, such as percent(deal.amount, 10)")
    amounts = [DEAL_AMOUNT, *(name for name, field in fields.items() if field.type is FieldType.MONEY)]
    used = [name for name in amounts if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)]
    if not used:
        return phrase("write whole numbers as 1.0 beside a number")
    if operator not in ("*", "/"):
        return phrase("an amount is a whole number of minor units: 100050 for 1,000.50")
    for name in used:
        for match in re.finditer(_SHARE.format(amount=rf"(?<![\w.]){re.escape(name)}(?!\w)"), text):
            per_cent = Decimal(match["after"] or match["before"]) * 100
            if match.start() < column <= match.end() and per_cent == int(per_cent):
                return phrase("write percent({name}, {per_cent})", name=name, per_cent=int(per_cent))
    return phrase("write a share of an amount as percent({used}, 10), which is 10 % of it", used=used[0])


def _impossible_options(text: str, fields: Mapping[str, Field], suggestions: Suggestions) -> list[ExpressionProblem]:
    """Comparisons of a one_of field with a word that is none of its options: never true, always a slip."""
    problems: list[ExpressionProblem] = []
    for match in _COMPARED.finditer(text):
        field = fields.get(match[1])
        if field is None or field.type is not FieldType.ONE_OF:
            continue
        if match[2] is not None:
            literals = list(_LITERAL.finditer(text, match.start(2), match.end(2)))
        else:
            literal = _LITERAL.match(text, match.end())
            literals = [literal] if literal else []
        for literal in literals:
            word = literal[0][1:-1]
            if word not in field.option_ids:
                before = text[: literal.start()]
                problems.append(
                    ExpressionProblem(
                        before.count("\n") + 1,
                        literal.start() - before.rfind("\n"),
                        phrase(
                            "'{word}' is not an option of '{match}' ({options})",
                            word=word,
                            match=match[1],
                            options=field.option_ids,
                        ),
                        suggestions.nearest(word, field.option_ids),
                    )
                )
    return problems
