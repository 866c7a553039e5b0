"""The glossary and the code agree: a word's module defines it, and a word that is not built yet has no name in the code."""

import ast
import re
from importlib import import_module

import pytest

from tests.support.paths import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("| ") and not line.startswith("| word ")
]
BUILT = [(row[0], row[3].strip("`"), row[4].strip("`")) for row in ROWS if row[3] != "not built yet"]
NOT_BUILT = [(row[0], row[4].strip("`")) for row in ROWS if row[3] == "not built yet"]


def test_every_word_stands_once_with_its_chinese_term_and_its_meaning() -> None:
    words = [word for row in ROWS for word in re.split(", ", row[0])]
    assert len(words) == len(set(words)) and len(ROWS) == 33
    for word, chinese, meaning, *_ in ROWS:
        assert re.search("[\u4e00-\u9fff]", chinese) and len(meaning.split()) >= 3, word


@pytest.mark.parametrize(("word", "module", "name"), BUILT)
def test_the_module_of_a_word_defines_it(word: str, module: str, name: str) -> None:
    defined = import_module(module)
    first, _, field = name.partition(".")
    assert first in _defined_in(module), f"{word}: {module} only imports {first}"
    if field:
        assert field in getattr(defined, first).__annotations__, f"{word}: {first} has no {field}"


@pytest.mark.parametrize(("word", "name"), NOT_BUILT)
def test_a_word_that_is_not_built_yet_has_no_name_in_domain_and_use_cases(word: str, name: str) -> None:
    wanted = _words(name)
    found = [
        defined
        for room in ("domain", "application")
        for path in (ROOT / "src" / "dealflow" / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and wanted in _words(defined := node.name)
    ]
    assert found == [], f"{word} has code now: give its module in docs/glossary.md"


def _defined_in(module: str) -> set[str]:
    """The names that the module itself gives a class or a union."""
    path = ROOT / "src" / f"{module.replace('.', '/')}.py"
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return found


def _words(name: str) -> str:
    """`ProofLostAgain` as ` proof lost again `, so that whole words are found in it."""
    return f" {' '.join(re.findall('[A-Z][a-z]*', name)).lower()} "
