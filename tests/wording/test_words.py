"""Every word of the program that a person reads has its Chinese."""

import ast
from collections.abc import Iterator

from dealflow.wording.words import translated
from tests.support.paths import ROOT

SOURCE = ROOT / "src" / "dealflow" / "cli"
# Names that are the same in both languages.
_NAMES = {"", "Temporal", "dealflow"}


def strings(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp():
            yield from (*strings(node.body), *strings(node.orelse))
        case ast.Tuple() | ast.List():
            for element in node.elts:
                yield from strings(element.elts[0] if isinstance(element, ast.Tuple) else element)


def said(tree: ast.AST) -> Iterator[str]:
    """The words that go through the reader: those of t(), headings, columns, names of pairs, and `text` kept for them."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="t") | ast.Name(id="print_heading" | "print_table" | "print_pairs"),
                args=[first, *_],
            ):
                yield from strings(first)
            case ast.Assign(targets=[ast.Name(id="text")], value=value):
                yield from strings(value)
            case ast.Yield(value=ast.Tuple(elts=[ast.Constant(value=str() as name), _])):
                yield name


def test_every_word_has_its_chinese() -> None:
    missing = {
        word
        for file in SOURCE.glob("*.py")
        for word in said(ast.parse(file.read_text(encoding="utf-8")))
        if word not in _NAMES and translated(word.removeprefix(">"), "zh") == word.removeprefix(">")
    }
    assert missing == set()


def test_a_translation_has_the_same_places_as_its_original() -> None:
    from string import Formatter

    from dealflow.wording.words import _CHINESE

    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert {text for text, chinese in _CHINESE.items() if places(text) != places(chinese)} == set()
