"""Amounts in expressions: a type of their own for whoever writes a template, and the literals `money("5,000 CNY")`."""

import re
from collections.abc import Callable, Iterator, Mapping

from cel_expr_python import cel  # type: ignore[import-untyped]  # its stubs lack the py.typed marker

from dealflow.adapters.processes.cel_faults import DEAL_AMOUNT, LITERAL, ExpressionProblem
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.domain.values.written.amount import read_amount

MONEY = cel.Type.AbstractType("money", [])
_CALL = re.compile(r"(?<![\w.])money\s*\(")
_CLASH = re.compile(r"ERROR: <input>:(\d+):(\d+): found no matching overload for '_[<>=!+-]+_' applied to '\((.*)\)'")
_ZERO_AFTER = re.compile(r"[<>=!+-]+\s*(0)(?![\w.])")
_ZERO_BEFORE = re.compile(r"(?<![\w.])(0)\s*$")
# A literal 0 is an amount in every currency. This name stands for it while types are checked, in the same column.
_NOTHING = "_"
# One pass finds all zeros beside an amount; a sum of zeros beside one takes a pass for each, and nobody writes ten.
_PASSES = 10
# The operators and functions that know amounts, with the types of each overload: the last is the result's.
_NUMBERS = ("int", "uint", "double")
_ORDERED = (*_NUMBERS, "string", "bytes", "bool", "timestamp", "duration", "money")
_OPERATORS: dict[str, list[tuple[str, ...]]] = {
    **{name: [(kind, kind, "bool") for kind in _ORDERED] for name in ("_<_", "_<=_", "_>_", "_>=_")},
    "_+_": [
        *((kind, kind, kind) for kind in (*_NUMBERS, "string", "bytes", "duration", "list", "money")),
        ("timestamp", "duration", "timestamp"),
        ("duration", "timestamp", "timestamp"),
    ],
    "_-_": [
        *((kind, kind, kind) for kind in (*_NUMBERS, "duration", "money")),
        ("timestamp", "timestamp", "duration"),
        ("timestamp", "duration", "timestamp"),
    ],
    "_*_": [*((kind, kind, kind) for kind in _NUMBERS), ("money", "int", "money"), ("int", "money", "money")],
    "_/_": [*((kind, kind, kind) for kind in _NUMBERS), ("money", "int", "money")],
    "-_": [(kind, kind) for kind in ("int", "double", "money")],
}
_FUNCTIONS: dict[str, list[tuple[str, ...]]] = {
    "percent": [("money", "int", "money"), ("int", "int", "int")],
    "money": [("string", "money")],
}
# These give a value of any type, and so a way around the others.
_LEFT_OUT = ("dyn", "type")


def _spelt(kind: str) -> str:
    """A type as the library's configuration writes it; a list holds values of one type."""
    return (
        "{type_name: list, params: [{type_name: A, is_type_param: true}]}"
        if kind == "list"
        else f"{{type_name: {kind}}}"
    )


def _configuration() -> str:
    left_out = "".join(f'    - name: "{name}"\n' for name in (*_OPERATORS, *_LEFT_OUT))
    declared = ""
    for name, overloads in (_OPERATORS | _FUNCTIONS).items():
        declared += f'  - name: "{name}"\n    overloads:\n'
        for number, (*given, result) in enumerate(overloads):
            types = ", ".join(map(_spelt, given))
            declared += f'      - {{id: "{name}/{number}", args: [{types}], return: {_spelt(result)}}}\n'
    return f"name: amounts\nstdlib:\n  exclude_functions:\n{left_out}functions:\n{declared}"


def typed_environment(variables: Mapping[str, cel.Type]) -> cel.Env:
    """Compiles only expressions that never take a bare number for an amount; what it compiles is never evaluated."""
    config = cel.NewEnvConfigFromYaml(_configuration())
    return cel.NewEnv(config=config, variables={**variables, DEAL_AMOUNT: MONEY, _NOTHING: MONEY})


def compile_typed(environment: cel.Env, text: str) -> cel.Expression:
    """The expression, with each literal 0 beside an amount taken for an amount; RuntimeError as the compiler says it."""
    for _ in range(_PASSES):
        try:
            return environment.compile(text)
        except RuntimeError as error:
            replaced = _with_zeros_as_amounts(text, str(error))
            if replaced == text:
                raise
            text = replaced
    return environment.compile(text)


def _with_zeros_as_amounts(text: str, message: str) -> str:
    lines = text.split("\n")
    for clash in _CLASH.finditer(message):
        number, column = int(clash[1]) - 1, int(clash[2]) - 1
        if set(clash[3].split(", ")) != {"money", "int"} or number >= len(lines):
            continue
        line = lines[number]
        zero = _ZERO_AFTER.match(line, column) or _ZERO_BEFORE.search(line[:column])
        if zero:
            lines[number] = line[: zero.start(1)] + _NOTHING + line[zero.end(1) :]
    return "\n".join(lines)


def amount_literals(text: str) -> Iterator[tuple[int, str | None]]:
    """Where each `money(...)` of an expression stands and what it holds; None where that is no plain text in quotes."""
    quoted = [(match.start(), match.end()) for match in LITERAL.finditer(text)]
    for call in _CALL.finditer(text):
        if any(start < call.start() < end for start, end in quoted):
            continue
        literal = LITERAL.match(text, re.compile(r"\s*").match(text, call.end()).end())  # type: ignore[union-attr]  # it always matches
        closed = literal and re.compile(r"\s*\)").match(text, literal.end())
        yield (literal.start() if literal else call.start()), (literal[0][1:-1] if literal and closed else None)


def literal_faults(text: str, currency: str) -> list[ExpressionProblem]:
    """Amounts that cannot be read, and those in a currency that the template's amounts are never compared with."""
    faults = []
    for start, written in amount_literals(text):
        before = text[:start]
        at = (before.count("\n") + 1, start - before.rfind("\n"))
        if written is None:
            faults.append(
                ExpressionProblem(*at, phrase('money() takes an amount in quotes, such as money("5,000 CNY")'))
            )
            continue
        try:
            amount = read_amount(written, currency)
        except ValueError as error:
            faults.append(ExpressionProblem(*at, phrase_of(error)))
            continue
        if amount.currency != currency:
            wrong = phrase(
                "{amount} is not in {currency}, the currency of the template", amount=written, currency=currency
            )
            faults.append(ExpressionProblem(*at, wrong))
    return faults


def literal_currencies(text: str, currency: str) -> frozenset[str]:
    """The currencies of the amounts that an expression writes out."""
    amounts = (_read(written, currency) for _, written in amount_literals(text) if written is not None)
    return frozenset(amount.currency for amount in amounts if amount is not None)


def _read(written: str, currency: str) -> Money | None:
    try:
        return read_amount(written, currency)
    except ValueError:
        return None


def money_function(currency: str) -> Callable[[str], int]:
    """`money(...)` as rules evaluate it: minor units."""
    known: dict[str, int] = {}

    def minor_units(written: str) -> int:
        if written not in known:
            known[written] = read_amount(written, currency).minor
        return known[written]

    return minor_units
