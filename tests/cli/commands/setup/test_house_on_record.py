"""On a shared store those people count who were loaded into it: a file that somebody names gives no rights."""

from pathlib import Path

import pytest

from dealflow.bootstrap import open_system
from dealflow.cli.user import os_user
from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, PEOPLE, CommandLine

MINE = "people:\n  - {id: me, name: Me, role: %s, users: [%s]}\n  - {id: anna, name: Anna}\n"


@pytest.fixture
def shared(bare: CommandLine, postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A home whose store is on PostgreSQL, with the cast in its people.yaml."""
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", postgres_database)
    bare.write_people()
    return bare


def own_file(cli: CommandLine, role: str) -> Path:
    file = cli.home / f"own-{role}.yaml"
    file.write_text(MINE % (role, os_user()), encoding="utf-8")
    return file


def test_a_callers_own_file_gives_no_rights(shared: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    shared.publish()
    shared.open("d1")
    done = shared.json("people", "load")
    assert (done["version"], done["new"], done["entries"]) == (1, True, 4)
    monkeypatch.setenv("DEALFLOW_PEOPLE", str(own_file(shared, "director")))
    waive = ("deal", "waive", "d1", "messenger_contact", "--reason", "because")
    refused = shared(*waive, "--json")
    assert refused.code == 1 and refused.codes == ["not_permitted"]
    assert "is not what counts in the store" in refused.err and refused.err.count("own-director.yaml") == 1
    loaded = shared("people", "load", "--on-behalf-of", "anna", "--json")
    assert loaded.code == 1 and loaded.codes == ["not_permitted"]
    assert shared.json("people", "show")["loaded_by"] == "me"
    # Who notifies others is asked of the store as well, and so is the language of what is read.
    assert shared("notify", "test", "anna").code == 0
    for line in (("deal", "list"), ("deal", "show", "d1"), ("people", "show")):
        assert shared(*line, *FOR_BO).code == 0


def test_loading_again_refused_and_as_it_was(shared: CommandLine) -> None:
    shared.publish()
    assert shared("people", "show", "--json").json["version"] is None
    first = shared.json("people", "load")
    again = shared.json("people", "load")
    assert (again["version"], again["new"], again["digest"]) == (1, False, first["digest"])
    assert "Version 1 counts already" in shared.done("people", "load")
    before = shared.json("people", "show")
    locked = shared("people", "load", own_file(shared, "seller"), "--json")
    assert locked.code == 1 and locked.codes == ["nobody_loads"]
    changed = (PEOPLE % os_user()).replace("name: Bo Chen", "name: Bo")
    (shared.home / "people.yaml").write_text(changed, encoding="utf-8")
    told = shared("people", "load", *("--command-id", "load-2"))
    assert told.code == 0 and "From now on version 2 counts: 4 people" in told.out
    assert shared.json("people", "load", "--command-id", "load-2")["new"]
    assert shared("people", "load", "--command-id", "load-2", *FOR_ANNA).code == 1
    after = shared.json("people", "show")
    assert (before["version"], after["version"]) == (1, 2) and after["people"] != before["people"]
    assert shared.json("people", "show", "--as-of", before["since"])["digest"] == before["digest"]
    assert "url" not in str(after)
    past = shared.done("people", "show", "--as-of", "2020-01-01T00:00:00Z")
    assert past == "No people were on record in the store at that time.\n"


def test_calendars_are_loaded_by_a_right_of_their_own(shared: CommandLine) -> None:
    shared.publish()
    shared.done("people", "load")
    (shared.home / "calendars.yaml").write_text("calendars: [{name: berlin, zone: Europe/Berlin}]\n", encoding="utf-8")
    assert shared("calendar", "load", *FOR_ANNA).code == 1
    assert shared.json("calendar", "load")["entries"] == 1
    assert "counts already" in shared.done("calendar", "load")
    (shared.home / "calendars.yaml").write_text("calendars: [{name: munich, zone: Europe/Berlin}]\n", encoding="utf-8")
    names = {one["name"] for one in shared.json("calendar", "list")["calendars"]}
    assert names == {"plain", "china-office", "berlin"}
    assert "calendars.yaml" in shared("deal", "list").err


def test_a_second_host_with_another_file_is_not_started(shared: CommandLine, tmp_path: Path) -> None:
    shared.publish()
    digest = shared.json("people", "load")["digest"]
    (shared.home / "people.yaml").write_text((PEOPLE % os_user()).replace("Bo Chen", "Bo"), encoding="utf-8")
    for part in ("worker", "relay"):
        refused = shared(part)
        assert refused.code == 3 and digest[:12] in refused.err and "dealflow people load" in refused.err
    shared.done("people", "load")
    with open_system(shared.settings()) as system:
        system.must_agree()


def test_in_a_home_the_own_file_counts_and_each_version_is_on_record(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.publish()
    assert bare.json("people", "show")["version"] is None
    bare.write_people()
    bare.open("d1")
    assert bare.json("people", "show")["version"] == 1
    file = bare.home / "people.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("Bo Chen", "Bo"), encoding="utf-8")
    bare.open("d2")
    shown = bare.json("people", "show")
    assert (shown["version"], shown["loaded_by"]) == (2, "dealflow") and shown["cause"].endswith("people.yaml")
    other = bare("people", "load", own_file(bare, "operations"))
    assert other.code == 2 and "people.yaml counts" in other.err
    # What a variable names is the caller's word, here as well; what the home's settings name is the home's.
    monkeypatch.setenv("DEALFLOW_PEOPLE", str(own_file(bare, "auditor")))
    assert bare("deal", "open", "D", "--process", "standard-sale", "--owner", "anna", *FOR_ANNA, "--id", "d3").code == 0
    monkeypatch.delenv("DEALFLOW_PEOPLE")
    (bare.home / "settings.toml").write_text(f"people = '{own_file(bare, 'operations')}'\n", encoding="utf-8")
    assert bare("deal", "show", "d1").code == 0 and bare("deal", "show", "d1", *FOR_ANNA).code == 1
    file.unlink()
    (bare.home / "settings.toml").unlink()
    gone = bare("deal", "list")
    assert gone.code == 0 and "is gone" in gone.err


def test_a_broken_calendar_file_is_said_by_what_goes_by_the_shipped_one(bare: CommandLine) -> None:
    bare.publish()
    (bare.home / "calendars.yaml").write_text("calendars: [{name: plain}]\n", encoding="utf-8")
    done = bare("deal", "open", "D", "--process", "standard-sale", "--id", "d1")
    assert done.code == 0 and "calendars.yaml" in done.err and "already" in done.err
    assert bare("calendar", "show", "plain").code == 1
