"""`dealflow audit exceptions`: what an auditor asks about, from the record; everybody else reads of the deals that they see."""

import pytest

from dealflow.cli.user import os_user
from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine
from tests.support.stores.databases import on_each_database

REASON = ("--reason", "the boss was there")
AUDITOR = ("--on-behalf-of", "aud")


@pytest.fixture
def home(home: CommandLine) -> CommandLine:
    """A house with an auditor, and three deals on which somebody did what is asked about."""
    cli = home
    file = cli.home / "people.yaml"
    people = file.read_text(encoding="utf-8").replace("[anna, ben, bo]", "['*']")
    file.write_text(people + "  - {id: aud, role: auditor}\n", encoding="utf-8")
    cli.open("d1", "anna")
    cli.open("d2", "ben")
    cli.open("d3", "bo")
    cli.done("deal", "waive", "d1", "contact_added", *REASON, *FOR_BO)
    cli.done("deal", "win", "d2", *REASON, *FOR_BO)
    cli.done("deal", "waive", "d3", "contact_added", *REASON, *FOR_BO)
    cli.done("customer", "add", "C-1", "--name", "Hua")
    cli.done("customer", "erase", "C-1", "--reason", "asked for")
    return cli


@on_each_database
def test_an_auditor_reads_every_exception_with_whose_deal_by_whom_for_whom_and_why(home: CommandLine) -> None:
    found = home.json("audit", "exceptions", *AUDITOR)
    told = [
        (act["kinds"], act["deal"] or act["about"], act["owner"], act["by"], act["on_behalf_of"])
        for act in found["acts"]
    ]
    assert told == [
        (["waiver"], "d1", "anna", "me", "bo"),
        (["win", "win_unproven"], "d2", "ben", "me", "bo"),
        (["alone", "waiver"], "d3", "bo", "me", "bo"),
        (["erasure"], "C-1", None, "me", None),
    ]
    assert found["counts"] == {"alone": 1, "waiver": 2, "win": 1, "win_unproven": 1, "erasure": 1}
    assert found["whole"] is True and {act["reason"] for act in found["acts"]} == {REASON[1], "asked for"}
    text = home.done("audit", "exceptions", *AUDITOR)
    assert "done alone" in text and "on a deal of bo" in text and max(map(len, text.splitlines())) <= 80
    assert "无" not in text and "独自" in home.done("audit", "exceptions", *AUDITOR, "--lang", "zh")


@on_each_database
def test_they_are_asked_for_by_kind_person_and_time(home: CommandLine) -> None:
    def deals(*words: str) -> list[str]:
        return [act["deal"] for act in home.json("audit", "exceptions", *AUDITOR, *words)["acts"]]

    assert deals("--kind", "alone") == ["d3"] and deals("--kind", "win", "--kind", "alone") == ["d2", "d3"]
    assert deals("--owner", "anna") == ["d1"] and deals("--by", "bo") == ["d1", "d2", "d3"]
    assert deals("--since", "today", "--kind", "waiver") == ["d1", "d3"] and deals("--until", "2026-01-01") == []
    assert deals("--as-of", "2026-01-01") == [] and deals("--as-known-at", "2026-01-01") == []
    first = home.json("audit", "exceptions", *AUDITOR, "--limit", "1")
    assert (first["total"], len(first["acts"])) == (4, 1)
    assert deals("--after", str(first["acts"][0]["position"]), "--limit", "1") == ["d2"]
    unknown = home("audit", "exceptions", *AUDITOR, "--by", "annna", "--json")
    assert unknown.codes == ["unknown_person"]
    wrong = home("audit", "exceptions", *AUDITOR, "--kind", "alon")
    assert wrong.code == 2 and "'alone'" in wrong.err


def test_another_key_of_the_seal_is_listed_with_who_made_it(cli: CommandLine) -> None:
    cli.done("store", "seal", "--rotate", *REASON)
    file = cli.home / "people.yaml"
    text = file.read_text(encoding="utf-8").replace("[anna, ben, bo]", "['*']")
    file.write_text(text + "  - {id: aud, role: auditor}\n", encoding="utf-8")
    [act] = cli.json("audit", "exceptions", *AUDITOR)["acts"]
    assert (act["kinds"], act["by"], act["reason"]) == (["seal"], "me", REASON[1])


@on_each_database
def test_everybody_else_reads_of_the_deals_that_they_see(home: CommandLine) -> None:
    for words, deals in ((FOR_ANNA, ["d1"]), (FOR_BO, ["d1", "d2", "d3"]), ((), ["d1", "d2", "d3"])):
        found = home.json("audit", "exceptions", *words)
        assert (found["whole"], [act["deal"] for act in found["acts"]]) == (False, deals), words
    assert "Of the deals that you see" in home("audit", "exceptions", *FOR_ANNA).err


@on_each_database
def test_what_one_person_published_where_two_are_asked_is_listed(home: CommandLine) -> None:
    file = home.home / "people.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "second_person: [publish]\n", encoding="utf-8")
    acts = home.json("audit", "exceptions", *AUDITOR, "--kind", "one_person")["acts"]
    assert [act["about"] for act in acts] == ["standard-sale@1"]


def test_in_a_home_of_ones_own_all_is_told(bare: CommandLine) -> None:
    bare.publish()
    bare.done("deal", "open", "A", "--id", "d1", "--process", "standard-sale", "--owner", os_user())
    bare.done("deal", "waive", "d1", "contact_added", *REASON)
    found = bare.json("audit", "exceptions")
    assert (found["whole"], [act["kinds"] for act in found["acts"]]) == (True, [["alone", "waiver"]])
