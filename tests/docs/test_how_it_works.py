"""The walk through the code names each module once, and every path that a page of the docs names is there."""

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PAGES = sorted((ROOT / "docs").glob("*.md"))
PAGE = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
WALK = PAGE.split("## One piece of evidence")[1].split("\n## ")[0]
STEPS = re.findall(r"^(\d+)\. `([^`]+)`", WALK, flags=re.MULTILINE)
# Where the pages begin a path.
BEGINNINGS = ("", "src/dealflow", "workflows")
PATH = re.compile(r"`((?:[\w.-]+/)+(?:[\w-]+\.(?:py|yaml|yml|sh|sql|md|env|json))?)`")
# A reader's own folder, and what is read in it.
READERS = (".dealflow", "outbox", "rejects", "logs", "imports", "notices")


def is_there(path: str) -> bool:
    return any((ROOT / beginning / path).exists() for beginning in BEGINNINGS)


def test_the_walk_numbers_its_steps_and_names_each_module_once() -> None:
    assert [int(number) for number, _ in STEPS] == list(range(1, len(STEPS) + 1))
    modules = [path for _, path in STEPS]
    assert len(modules) == len(set(modules)) > 30
    assert modules[0].startswith("cli/") and modules[-1].startswith("adapters/notices/")
    assert [path for path in modules if not is_there(path)] == []


def test_the_walk_passes_through_every_layer() -> None:
    layers = {path.partition("/")[0] for _, path in STEPS}
    assert {"cli", "bootstrap.py", "application", "domain", "adapters", "dealflow_workflows"} == layers


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.stem))
def test_what_a_page_names_is_there(page: Path) -> None:
    named = PATH.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not path.startswith(READERS) and not is_there(path)] == []
