"""What is done to the store as a whole: who may, in a firm without operations too, and whoever holds the home upgrades it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dealflow.cli.user import os_user
from tests.support.paths import GOLDEN
from tests.support.running.typed_commands import STANDARD, CommandLine

WITHOUT_OPERATIONS = """\
people:
  - {id: dora, role: director, users: [%s], acts_for: ['*']}
  - {id: anna, manager: dora}
"""
FOR_ANNA = ("--on-behalf-of", "anna")
CHANGING = [("store", "seal", "--rotate"), ("store", "seal", "--anew", "--reason", "r"), ("store", "reindex")]


def written_by_the_first(home: Path) -> None:
    with closing(sqlite3.connect(home / "store.sqlite")) as store:
        store.executescript((GOLDEN / "store-version-1.sql").read_text(encoding="utf-8"))


@pytest.fixture
def small_firm(bare: CommandLine) -> CommandLine:
    """A director and a seller."""
    (bare.home / "people.yaml").write_text(WITHOUT_OPERATIONS % os_user(), encoding="utf-8")
    return bare


def test_without_operations_the_director_publishes_and_erases_and_a_refusal_names_them(small_firm: CommandLine) -> None:
    refused = small_firm("process", "publish", STANDARD, *FOR_ANNA)
    assert refused.code == 1 and "Who may: dora" in refused.err
    small_firm.done("process", "publish", STANDARD)
    small_firm.done("customer", "add", "C-1", "--name", "Hua")
    refused = small_firm("customer", "erase", "C-1", "--reason", "asked for", *FOR_ANNA)
    assert refused.code == 1 and "Who may: dora" in refused.err
    small_firm.done("customer", "erase", "C-1", "--reason", "asked for")


def test_the_check_of_people_says_for_whom_it_is(small_firm: CommandLine) -> None:
    warnings = small_firm.json("people", "check")["warnings"]
    [said] = [warning for warning in warnings if "nobody has a role" in warning]
    assert "publish" in said and "store" in said and said.endswith("these are for dora")


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
def test_the_stores_seal_and_index_are_for_whoever_looks_after_it(
    small_firm: CommandLine, words: tuple[str, ...]
) -> None:
    small_firm.done("process", "publish", STANDARD)
    refused = small_firm(*words, *FOR_ANNA, "--json")
    assert refused.codes == ["not_permitted"] and refused.json["refused"][0]["data"]["who_may"] == ["dora"]
    assert small_firm(*words, "--json").code == (1 if "--anew" in words else 0), "anew is refused where the key is here"
    assert small_firm("store", "seal", *FOR_ANNA).code == 0, "to say how it stands asks nothing"


def test_a_missing_right_to_import_is_named_before_a_missing_process(small_firm: CommandLine, tmp_path: Path) -> None:
    small_firm.done("process", "publish", STANDARD)
    mapping = tmp_path / "map.yaml"
    mapping.write_text("source: crm\nprocess: nowhere\n", encoding="utf-8")
    words = (("import", "crm-csv", tmp_path), ("import", "xes", tmp_path / "a.xes"), ("import", "log-csv", tmp_path))
    for word in words:
        refused = small_firm(*word, "--mapping", mapping, *FOR_ANNA, "--json")
        assert refused.codes == ["not_permitted"], refused


def test_whoever_holds_the_home_upgrades_whatever_people_say(bare: CommandLine) -> None:
    written_by_the_first(bare.home)
    (bare.home / "people.yaml").write_text("people: {broken", encoding="utf-8")
    assert bare("store", "upgrade", "--json").json["schema_before"] == 1


def test_somebody_else_who_can_write_the_home_needs_the_right(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_by_the_first(bare.home)
    (bare.home / "people.yaml").write_text(WITHOUT_OPERATIONS % os_user(), encoding="utf-8")
    monkeypatch.setattr(os, "geteuid", lambda: bare.home.stat().st_uid + 1)
    assert bare("store", "upgrade", *FOR_ANNA, "--json").codes == ["not_permitted"]
    assert bare.json("store", "upgrade")["schema_before"] == 1
