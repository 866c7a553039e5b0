"""`dealflow people`, `calendar`, `notify`: the files of a house, checked and shown without a store."""

import pytest

from dealflow.cli.user import os_user
from tests.support.running.typed_commands import CommandLine


def test_people_check_shows_everybody_with_their_director(bare: CommandLine) -> None:
    bare.write_people()
    said = bare.done("people", "check")
    assert "Anna Li 李安娜" in said and "\u2068בן כהן\u2069" in said
    alone, passed_on = bare.json("people", "check")["warnings"]
    assert passed_on == "nobody has a role that may audit: these are for bo"
    assert alone == "bo has nobody above, and there is no other director: bo hears of it and decides alone, on record"


def test_people_check_warns_of_what_will_not_work(bare: CommandLine) -> None:
    (bare.home / "people.yaml").write_text(
        "people:\n  - {id: anna, name: Anna}\n  - {id: bo, name: Bo, role: director, channels: [{id: x, url: 'nosuch://y'}]}\n"
    )
    warnings = bare.json("people", "check")["warnings"]
    assert len(warnings) == 5
    assert f"users: [{os_user()}]" in warnings[0]
    assert warnings[1] == "anna has nobody above: of deals of theirs hear and decide bo"
    assert warnings[2].startswith("bo has nobody above") and warnings[3].startswith("bo: ")
    assert warnings[4].startswith("nobody has a role that may ") and warnings[4].endswith("these are for bo")


def test_a_broken_people_file_is_told_with_every_problem(bare: CommandLine) -> None:
    (bare.home / "people.yaml").write_text("people:\n  - {id: anna, name: Anna, manager: boo}\n  - {id: bo, nme: Bo}\n")
    told = bare("people", "check")
    assert told.code == 1
    assert "people.yaml:2:" in told.err and "people.yaml:3:" in told.err
    assert "did you mean 'name'?" in told.err


def test_without_a_people_file_people_check_says_what_that_means(bare: CommandLine) -> None:
    assert "nobody is told of a stall" in bare.done("people", "check")
    assert bare.json("people", "check")["declared"] is False


def test_calendars_are_listed_and_shown_by_year(bare: CommandLine) -> None:
    assert [one["name"] for one in bare.json("calendar", "list")["calendars"]] == ["china-office", "plain"]
    year = bare.json("calendar", "show", "china-office", "--year", "2026")
    assert (year["working_days"], year["provisional"]) == (248, False)
    assert "2026-02-14" in year["days_made_up"] and "2026-02-17" in year["days_off"]
    assert bare.json("calendar", "show", "china-office", "--year", "2040")["provisional"] is True
    assert "did you mean 'china-office'?" in bare("calendar", "show", "china-ofice").err


def test_a_calendar_of_the_house_is_known_and_its_faults_are_told(bare: CommandLine) -> None:
    file = bare.home / "calendars.yaml"
    file.write_text("calendars:\n  - {name: paris, country: FR, zone: Europe/Paris}\n")
    assert "paris" in bare.done("calendar", "list")
    file.write_text("calendars:\n  - {name: paris, country: FR, zone: Europe/Pariss}\n")
    result = bare("calendar", "list", "--json")
    assert result.code == 1
    assert result.json["refused"][0]["place"] == f"{file}:2:38"


def test_a_test_message_is_sent_by_each_channel(bare: CommandLine) -> None:
    bare.write_people()
    assert bare.json("notify", "test", "bo")["channels"] == [
        {"channel": "file", "delivered": True, "error": None, "permanent": None}
    ]
    [file] = (bare.home / "outbox" / "bo").glob("*.txt")
    assert "a test message" in file.read_text(encoding="utf-8")


def test_a_channel_that_takes_nothing_ends_with_3(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_DEFAULT_CHANNELS", "json://127.0.0.1:1/hook")
    bare.write_people()
    result = bare("notify", "test", "bo")
    assert result.code == 3
    assert result.out.startswith("json: not delivered: ")


def test_a_person_or_channel_that_is_not_there_gets_the_nearest(bare: CommandLine) -> None:
    bare.write_people()
    assert bare("notify", "test", "ana", "--json").json["refused"][0]["suggestion"] == "anna"
    assert bare("notify", "test", "bo", "--channel", "fil").code == 2
