"""People, or calendars, on record that cannot be read: doctor names the event and checks all else, and no door opens."""

from typing import Any

import pytest

from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import CommandLine
from tests.support.stores.databases import on_each_database
from tests.support.stores.raw_rows import run

pytestmark = on_each_database


@pytest.fixture
def damaged(database: str, bare: CommandLine, prepared: PreparedHomes) -> CommandLine:
    """A home with a deal, people and a calendar on record, whose rows of these two say another version."""
    if database:
        bare.publish()
    else:
        prepared.with_process("standard-sale", bare.home)
    bare.write_people()
    file = bare.home / "calendars.yaml"
    file.write_text("calendars:\n  - {name: paris, country: FR, zone: Europe/Paris}\n", encoding="utf-8")
    bare.done("people", "load", str(bare.home / "people.yaml"))
    bare.done("calendar", "load", str(file))
    bare.open("d-1", "anna", "--customer", "acme", "--amount", "1000 CNY")
    assert {row[0] for row in run(database, bare.home, _HOUSE)} == {"house/calendars", "house/people"}
    run(
        database,
        bare.home,
        "UPDATE stored_events SET originator_version = originator_version + 1 WHERE originator_id LIKE 'house/%'",
    )
    return bare


_HOUSE = "SELECT originator_id FROM stored_events WHERE originator_id LIKE 'house/%'"


def _problems(cli: CommandLine) -> dict[str, Any]:
    found = cli("doctor", "--deep", "--json")
    assert found.code == 1
    document: dict[str, Any] = found.json
    return document


def test_each_is_a_finding_and_everything_else_is_checked(damaged: CommandLine) -> None:
    document = _problems(damaged)
    named = {(one["stream"], one["version"]) for one in document["deep"]["findings"] if one["check"] == "chain"}
    assert named >= {("house/people", 2), ("house/calendars", 2)}
    assert {one["stream"] for one in document["deep"]["findings"]} == {"house/people", "house/calendars"}
    assert document["deep"]["counted"]["events"] > 3
    assert "no command is taken" in str([one["says"] for one in document["problems"] if one["part"] == "people"])


@pytest.mark.parametrize("file", ["there", "gone"])
def test_nobody_is_told_that_the_home_belongs_to_whoever_works_in_it(damaged: CommandLine, file: str) -> None:
    if file == "gone":
        (damaged.home / "people.yaml").unlink()
    said = damaged("doctor", "--deep").out
    assert "belongs to whoever" not in said and "process publish" not in said
    assert "event 2 of house/people cannot be read" in said


@pytest.mark.parametrize("file", ["there", "gone"])
def test_no_command_is_taken_while_it_is_not_known_who_may(damaged: CommandLine, file: str) -> None:
    if file == "gone":
        (damaged.home / "people.yaml").unlink()
    stopped = damaged("customer", "add", "acme-2", "--name", "Acme")
    assert (stopped.code, stopped.out) == (3, "")
    assert "event 2 of house/people cannot be read" in stopped.err
