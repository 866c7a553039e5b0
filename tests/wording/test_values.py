"""Every message gets the values that it names, and no other: a missing one would fail only when somebody reads it."""

import ast
from collections.abc import Iterator
from string import Formatter

import pytest

from tests.support.paths import ROOT

# A call's name -> where its messages stand.
_MESSAGES = {"phrase": (0,), "t": (0,), "counted": (0, 1), "phrase_in": (1,)}
FILES = sorted((ROOT / "src").rglob("*.py"))


def messages(argument: ast.expr) -> Iterator[str]:
    match argument:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp():
            yield from (*messages(argument.body), *messages(argument.orelse))


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, tuple[int, ...]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            # Without values a message is no template: its braces stand for themselves.
            if name in _MESSAGES and (node.keywords or name == "counted"):
                yield node, _MESSAGES[name]


def faults(source: str) -> Iterator[str]:
    for call, places in calls(ast.parse(source)):
        if any(keyword.arg is None for keyword in call.keywords):
            continue
        given = {keyword.arg for keyword in call.keywords} | ({"n"} if len(places) > 1 else set())
        for text in (text for place in places if place < len(call.args) for text in messages(call.args[place])):
            named = {name for _, name, _, _ in Formatter().parse(text) if name}
            if (named ^ given) - {"n"}:
                yield f"line {call.lineno}: {text!r}"


def test_a_message_gets_the_values_that_it_names() -> None:
    found = {str(file): list(faults(file.read_text(encoding="utf-8"))) for file in FILES}
    assert {file: wrong for file, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("source", "is_right"),
    [
        ("phrase('{a} is {b}', a=1, b=2)", True),
        ("phrase('{a} is {b}', a=1)", False),
        ("t('{a}' if x else '{b}', a=1)", False),
        ("t('{a}', a=1, b=2)", False),
        ("counted('{n} day of {a}', '{n} days', 2, a=1)", False),
        ("counted('one day', '{n} days', 2)", True),
        ("phrase('write {a: b}')", True),
    ],
)
def test_a_missing_value_and_one_too_many_are_found(source: str, is_right: bool) -> None:
    assert (list(faults(source)) == []) is is_right
