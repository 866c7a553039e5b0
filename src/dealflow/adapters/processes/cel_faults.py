"""What is wrong with an expression, in plain words: the rule library's messages explained, with their columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dealflow.domain.process.definition import Field, FieldType
from dealflow.domain.values.money import MAX_MINOR, Money
from dealflow.domain.values.phrase import Phrase, as_phrase, phrase
from dealflow.domain.values.suggest import Suggestions

DEAL_AMOUNT = "deal.amount"
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'')
_FUNCTIONS = (
    "percent",
    "money",
    "size",
    "timestamp",
    "duration",
    "matches",
    "startsWith",
    "endsWith",
    "contains",
    "int",
)
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\((.*)\)'")
_ABSENT = re.compile(r'No value with name "([^"]+)"')
# What people call the types of the rule library.
_TYPES = {
    "money": phrase("an amount"),
    "int": phrase("a whole number"),
    "double": phrase("a number"),
    "string": phrase("a text"),
    "bool": phrase("true or false"),
    "timestamp": phrase("a day or an instant"),
    "duration": phrase("a length of time"),
}
# What the library says of values that an expression cannot be evaluated with, by its first words.
_FAILURES = (
    (
        re.compile(r"^\W*(?:\w+: )?(?:Key not found|no such key)", re.IGNORECASE),
        phrase("the rule asks a map for a key that it does not have"),
    ),
    (
        re.compile(r"^\W*(?:\w+: )?Index", re.IGNORECASE),
        phrase("the rule asks a list for a place that it does not have"),
    ),
    (re.compile(r"convert|conversion", re.IGNORECASE), phrase("a value is not of the form that the rule converts")),
    (
        re.compile(r"invalid regular expression", re.IGNORECASE),
        phrase("what the rule matches with is no regular expression"),
    ),
)
_SHARE = r"(?:{amount}\s*\*\s*(?P<after>\d*\.\d+)|(?P<before>\d*\.\d+)\s*\*\s*{amount})"
_COMPARED = re.compile(r"(?<![\w.])([a-z]\w*)\s*(?:[=!]=\s*|in\s*\[([^\]]*)\])", re.ASCII)


@dataclass(frozen=True)
class ExpressionProblem:
    """A fault of an expression; `line` and `column` count from one inside the expression."""

    line: int
    column: int
    message: Phrase
    suggestion: str | None = None


@dataclass(frozen=True)
class Around:
    """What an expression may name, for advice: its fields, those that exist but may not be used here, the currency."""

    fields: Mapping[str, Field]
    hidden: Mapping[str, Field]
    suggestions: Suggestions
    currency: str


def explain(message: str, text: str, around: Around) -> list[ExpressionProblem]:
    """Every error of a message of the compiler, in plain words."""
    found = [_explain_one(int(m[1]), int(m[2]), m[3], text, around) for m in _ERROR.finditer(message)]
    return found or [ExpressionProblem(1, 1, plain(message.splitlines()[0]) if message else phrase("cannot be read"))]


def _explain_one(line: int, column: int, wrong: str, text: str, around: Around) -> ExpressionProblem:
    wrong = re.sub(r"\s*\[[A-Z_]+\]$", "", wrong)
    if undeclared := _UNDECLARED.search(wrong):
        name = undeclared[1]
        lines = text.splitlines() or [""]
        # For calls and dotted names the library points behind the name's first part; people look for its start.
        start = lines[min(line, len(lines)) - 1].rfind(name, 0, column - 1 + len(name))
        column = start + 1 if start >= 0 else column
        if name in around.hidden:
            return ExpressionProblem(
                line,
                column,
                phrase(
                    "a threshold may use {amount}, money() and percent(), not the field '{name}'",
                    amount=DEAL_AMOUNT,
                    name=name,
                ),
            )
        near = around.suggestions.nearest(name, [*around.fields, DEAL_AMOUNT, *_FUNCTIONS])
        return ExpressionProblem(line, column, phrase("'{name}' is not a field or a function", name=name), near)
    if overload := _OVERLOAD.search(wrong):
        operator, types = overload[1].replace("_", " ").strip(), overload[2]
        said = (text.splitlines() or [""])[line - 1 : line]
        met = set(re.findall(r"\w+", types))
        clashes = {"double", "int"} <= met or "money" in met
        hint = _hint(operator, met, "".join(said), column, around) if clashes else ""
        named = [type_named(each) for each in types.split(", ")]
        clash = phrase("'{operator}' does not go with {types}", operator=operator, types=named)
        return ExpressionProblem(line, column, phrase("{wrong}; {right}", wrong=clash, right=hint) if hint else clash)
    if "mismatched input '<EOF>'" in wrong:
        return ExpressionProblem(line, column, phrase("the expression ends too early"))
    return ExpressionProblem(line, column, as_phrase(wrong.split(" expecting {")[0]))


def type_named(name: str) -> Phrase:
    """A type of the rule library as people call it."""
    return _TYPES.get(name.lower(), as_phrase(name.lower()))


def _hint(operator: str, types: set[str], text: str, column: int, around: Around) -> str:
    """What to write where an amount meets a bare number, or a whole number one with decimals."""
    if operator == "percent":
        return phrase("percent() takes whole numbers, such as percent(deal.amount, 10)")
    amounts = [DEAL_AMOUNT, *(name for name, field in around.fields.items() if field.type is FieldType.MONEY)]
    used = [name for name in amounts if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)]
    if not used:
        return phrase("write whole numbers as 1.0 beside a number") if "double" in types else ""
    if operator not in ("*", "/"):
        return written_amount(_number_at(text, column), around.currency)
    if "double" not in types:
        return ""
    for name in used:
        for match in re.finditer(_SHARE.format(amount=rf"(?<![\w.]){re.escape(name)}(?!\w)"), text):
            per_cent = Decimal(match["after"] or match["before"]) * 100
            if match.start() < column <= match.end() and per_cent == int(per_cent):
                return phrase("write percent({name}, {per_cent})", name=name, per_cent=int(per_cent))
    return phrase("write a share of an amount as percent({used}, 10), which is 10 % of it", used=used[0])


def written_amount(number: str, currency: str, form: str = 'money("{}")') -> Phrase:
    """How an amount is written instead of a bare number, which templates of before read as minor units."""
    if not number.isdecimal() or Decimal(number) > MAX_MINOR:
        return phrase("write an amount with its currency, such as {amount}", amount=form.format(f"1,000.50 {currency}"))
    return phrase(
        "write {amount}, or {minor} where minor units were meant",
        amount=form.format(f"{int(number):,} {currency}"),
        minor=form.format(Money(minor=int(number), currency=currency)),
    )


def _number_at(text: str, column: int) -> str:
    """The number beside the operator in this column, "" where there is none."""
    after = re.match(r"[<>=!+\-]*\s*(\d[\d.]*)", text[column - 1 :])
    before = re.search(r"(?<![\w.])(\d[\d.]*)\s*$", text[: column - 1])
    found = after or before
    return found[1] if found else ""


def impossible_options(text: str, fields: Mapping[str, Field], suggestions: Suggestions) -> list[ExpressionProblem]:
    """Comparisons of a one_of field with a word that is none of its options: never true, always a slip."""
    problems: list[ExpressionProblem] = []
    for match in _COMPARED.finditer(text):
        field = fields.get(match[1])
        if field is None or field.type is not FieldType.ONE_OF:
            continue
        if match[2] is not None:
            literals = list(LITERAL.finditer(text, match.start(2), match.end(2)))
        else:
            literal = LITERAL.match(text, match.end())
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
                        _meant(word, field) or suggestions.nearest(word, field.option_ids),
                    )
                )
    return problems


def _meant(word: str, field: Field) -> str | None:
    """The id of the option whose title was written instead of it."""
    return next((option.id for option in field.options if word in option.title.values()), None)


def plain(message: str) -> Phrase:
    """What the library says of a text that it cannot read; all that it can repeat is the template's."""
    return _known(message) or as_phrase(re.sub(r"^[A-Z_]+: |\s*\[[A-Z_]+\]$", "", message))


def failure(message: str) -> Phrase:
    """Why an expression could not be evaluated. The library repeats values, which may be personal: no word of it is said."""
    if known := _known(message):
        return known
    for words, said in _FAILURES:
        if words.search(message):
            return said
    return phrase("the rule cannot be computed with the values that it was given")


def _known(message: str) -> Phrase | None:
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
    return None
