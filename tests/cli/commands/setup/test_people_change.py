"""Other people are loaded into a shared store: whose deals, tokens and superiors that leaves, and what is said of the file."""

import json
from pathlib import Path

import pytest

from dealflow.cli.user import os_user
from tests.support.running.typed_commands import PEOPLE, CommandLine


@pytest.fixture
def shared(bare: CommandLine, postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A home whose store is on PostgreSQL, with the cast loaded and two deals of Anna's."""
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", postgres_database)
    bare.write_people()
    bare.publish()
    bare.done("people", "load")
    bare.open("d1", "anna")
    bare.open("d2", "anna")
    return bare


def write(cli: CommandLine, text: str) -> Path:
    """The people file, with this user as one of them."""
    file = cli.home / "people.yaml"
    file.write_text(text % os_user(), encoding="utf-8")
    return file


def test_owners_who_are_gone_are_named_and_the_file_that_was_loaded_is_not_called_other(shared: CommandLine) -> None:
    write(shared, PEOPLE.replace("anna", "anna2"))
    loaded = shared("people", "load")
    assert loaded.code == 0 and "is not what counts" not in loaded.err
    assert "anna is not among the people, and owns 2 deals in progress: d1, d2" in loaded.out
    again = shared.json("people", "load")
    assert again["owners_gone"] == [{"owner": "anna", "deals": 2, "first": ["d1", "d2"]}]
    assert (again["left_alone"], again["tokens_again"]) == ([], [])


def test_whoever_is_left_without_anybody_above_is_named(shared: CommandLine) -> None:
    write(shared, PEOPLE.replace(", manager: bo}\n  - {id: ben", "}\n  - {id: ben"))
    assert "had somebody above, and have nobody any more: anna" in shared.done("people", "load")


def test_a_token_of_who_is_gone_is_marked_and_said_to_be_good_again(
    shared: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = shared.json("token", "create", "anna", "--label", "laptop")["token_id"]
    good = shared.json("people", "load")
    assert good["tokens_again"] == []
    write(shared, PEOPLE.replace("anna", "anna2"))
    shared.done("people", "load")
    [row] = shared.json("token", "list")["tokens"]
    assert row["state"] == "person_gone" and "person gone" in shared.done("token", "list")
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    assert "人员已不在" in shared.done("token", "list")
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "en")
    write(shared, PEOPLE)
    assert f"anna is back: token {token} is good again" in shared.done("people", "load")
    back = shared.json("people", "load")
    assert back["tokens_again"] == [{"token_id": token, "person": "anna", "label": "laptop"}]
    assert back["owners_gone"] == []


def test_a_check_says_that_others_count_and_that_a_load_would_be_refused(shared: CommandLine) -> None:
    assert not any("counts" in each for each in shared.json("people", "check")["warnings"])
    write(shared, PEOPLE.replace("role: operations", "role: seller"))
    warnings = shared.json("people", "check")["warnings"]
    assert any("the store's count, and the file does not" in each for each in warnings)
    assert any(
        each.startswith("`dealflow people load` would be refused: Nobody could load people") for each in warnings
    )
    assert json.loads(shared("people", "load", "--json").out)["refused"][0]["code"] == "nobody_loads"


def test_a_check_beside_a_store_that_is_away_says_so(shared: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    checked = shared("people", "check")
    assert checked.code == 0 and "which people count in the store is not known" in checked.out
