"""Two people publish and erase where people.yaml asks for it, at the command line and on both databases."""

from pathlib import Path

import pytest

from dealflow.cli.user import os_user
from tests.support.paths import PROCESS_DEFS
from tests.support.running.typed_commands import STANDARD, CommandLine
from tests.support.stores.databases import on_each_database

PEOPLE = """\
people:
  - {id: ops, name: Ops, role: operations}
  - {id: opa, name: Opa, role: operations, language: zh}
  - {id: dora, name: Dora, role: director, channels: [{id: file, url: 'file:'}]}
  - {id: lin, name: Lin, role: director, language: zh, channels: [{id: file, url: 'file:'}]}
  - {id: anna, name: Anna, manager: dora}
  - {id: me, users: [%s], acts_for: ['*']}
second_person: [publish, erase]
"""
ONE = PEOPLE.replace("second_person: [publish, erase]\n", "")


def of(person: str) -> tuple[str, str]:
    return ("--on-behalf-of", person)


@pytest.fixture
def house(bare: CommandLine) -> CommandLine:
    """A house in which everybody sits at this computer under `me`, so that actors are told apart by two users."""
    settled(bare, PEOPLE)
    return bare


def settled(cli: CommandLine, people: str) -> None:
    (cli.home / "people.yaml").write_text(people % os_user(), encoding="utf-8")


def as_user(cli: CommandLine, person: str, people: str = PEOPLE) -> CommandLine:
    """The same home, worked in by this person themselves."""
    text = (people % "nobody-here").replace(f"{{id: {person},", f"{{id: {person}, users: [{os_user()}],")
    (cli.home / "people.yaml").write_text(text, encoding="utf-8")
    return cli


def test_one_proposes_and_a_second_one_publishes(bare: CommandLine) -> None:
    said = as_user(bare, "ops").done("process", "publish", STANDARD)
    [waiting] = bare.json("process", "list")["proposed"]
    assert "proposed, not published: standard-sale" in said and waiting["digest"] in said
    assert (waiting["proposed_by"], waiting["latest"]) == ("ops", 0)
    assert bare("process", "show", "standard-sale").code == 1
    assert "Stages and decision nodes" in bare.done("process", "show", waiting["digest"], "--proposed")
    assert "proposed before" in as_user(bare, "opa").done("process", "publish", STANDARD, "--lang", "en")
    own = as_user(bare, "ops")("process", "publish", "--confirm", waiting["digest"], "--json")
    assert own.codes == ["second_person"] and own.json["refused"][0]["data"]["who_may"] == ["opa", "dora", "lin"]
    short = as_user(bare, "dora")("process", "publish", "--confirm", waiting["digest"][:12])
    assert short.code == 1 and waiting["digest"] in short.err
    done = bare.done("process", "publish", "--confirm", waiting["digest"].upper())
    assert "standard-sale@1 is published" in done and "Told lin." in done
    [version] = bare.json("process", "list")["processes"]
    assert (version["proposed_by"], version["published_by"]) == ("ops", "dora")
    listed = bare.done("process", "list")
    assert "Confirmed by a second person" in listed and max(map(len, listed.splitlines())) <= 80


def test_for_another_is_no_way_round(house: CommandLine) -> None:
    house.done("process", "publish", STANDARD, *of("ops"))
    [waiting] = house.json("process", "list")["proposed"]
    assert (waiting["proposed_by"], waiting["proposed_for"]) == ("me", "ops")
    for person in ("ops", "opa", "dora"):
        refused = house("process", "publish", "--confirm", waiting["digest"], *of(person), "--json")
        assert refused.codes == ["second_person"], person
    house.done("process", "publish", "--reject", waiting["digest"], "--reason", "too strict", *of("dora"))
    assert house.json("process", "list") == {"processes": [], "proposed": []}


@pytest.mark.parametrize(
    "words",
    [(), (STANDARD, "--confirm", "0f"), ("--confirm", "0f", "--reject", "0f"), ("--confirm", "0f", "--reason", "r")],
    ids=str,
)
def test_what_says_nothing_or_two_things_is_wrong_usage(house: CommandLine, words: tuple[str | Path, ...]) -> None:
    assert house("process", "publish", *words, *of("ops")).code == 2


def test_directors_concerned_are_told_in_their_language(bare: CommandLine) -> None:
    settled(bare, ONE)
    first = bare.done("process", "publish", STANDARD, *of("ops"))
    assert "Told dora, lin." in first
    bare.done("deal", "open", "A", "--id", "d1", "--process", "standard-sale", "--owner", "anna", *of("anna"))
    again = bare.json("process", "publish", PROCESS_DEFS / "standard-sale.yaml", *of("ops"))
    assert (again["published"][0]["new"], again["published"][0]["told"]) == (False, [])
    changed = bare.home / "changed.yaml"
    changed.write_text(STANDARD.read_text(encoding="utf-8").replace("12 working days", "13 working days"), "utf-8")
    second = bare.json("process", "publish", changed, *of("ops"), "--command-id", "p2")
    assert second["published"][0]["told"] == ["dora"], "anna's deal is in progress, and dora is above her"
    assert bare.json("process", "publish", changed, *of("ops"), "--command-id", "p2") == second


@on_each_database
def test_to_publish_and_to_erase_takes_two(database: str, bare: CommandLine) -> None:
    cli = as_user(bare, "ops")
    cli.done("process", "publish", STANDARD)
    digest = cli.json("process", "list")["proposed"][0]["digest"]
    as_user(cli, "dora").done("process", "publish", "--confirm", digest)
    as_user(cli, "ops")
    cli.done("customer", "add", "C-1", "--name", "Hua Xin")
    said = cli.done("customer", "erase", "C-1", "--reason", "asked for")
    assert "nothing is erased" in said and cli.json("customer", "show", "C-1")["name"] == "Hua Xin"
    assert cli.json("customer", "show", "C-1")["erasure"]["by"] == "ops"
    assert cli("customer", "erase", "C-1", "--reason", "again", "--json").codes == ["already_so"]
    own = cli("customer", "erase", "C-1", "--confirm", "--json")
    assert own.codes == ["second_person"] and own.json["refused"][0]["data"]["who_may"] == ["opa", "dora", "lin"]
    assert as_user(cli, "anna")("customer", "erase", "C-1", "--confirm", "--json").codes == ["not_permitted"]
    confirm = ("customer", "erase", "C-1", "--confirm", "--command-id", "e1", "--json")
    done = as_user(cli, "dora").json(*confirm[:-1])
    assert done["erased"] == ["C-1"] and cli.json(*confirm[:-1])["repeated"] is True
    assert cli.json("customer", "show", "C-1")["name"] in (None, "(erased)")
    assert cli("customer", "erase", "C-1", "--confirm", "--json").codes == ["already_so"]
    assert cli("doctor", "--deep", "--json").json["deep"]["findings"] == []


def test_who_is_merged_into_the_customer_meanwhile_is_not_erased_with_them(bare: CommandLine) -> None:
    as_user(bare, "ops", ONE).done("process", "publish", STANDARD)
    as_user(bare, "ops")
    for customer in ("C-1", "C-2"):
        bare.done("customer", "add", customer, "--name", customer)
    bare.done("customer", "erase", "C-1", "--reason", "asked for")
    bare.done("customer", "merge", "C-2", "--into", "C-1", "--reason", "the same", "--yes")
    assert as_user(bare, "dora")("customer", "erase", "C-1", "--confirm", "--json").codes == ["unknown_proposal"]
    as_user(bare, "ops").done("customer", "erase", "C-1", "--reason", "asked for")
    bare.done("customer", "erase", "C-1", "--reject", "--reason", "not by them")
    assert as_user(bare, "dora")("customer", "erase", "C-1", "--confirm", "--json").codes == ["unknown_proposal"]
