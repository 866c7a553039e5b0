"""Rights and sight at the command line: who is not in the file reads nothing, and a deal is there for who may see it."""

import re
from pathlib import Path

import pytest

from dealflow.cli.user import os_user
from tests.cli.test_help import commands
from tests.support.paths import ROOT
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, FOR_BO, STANDARD, CommandLine

REASON = ("--reason", "r")
ASKED: dict[str, tuple[str, ...]] = {
    "customer rekey": ("c-1", "--reason", "lost"),
    "process publish": (str(STANDARD),),
    "process list": (),
    "process show": ("standard-sale",),
    "deal open": ("T", "--process", "standard-sale"),
    "deal amend": ("d1", "--title", "B", *REASON),
    "deal show": ("d1",),
    "deal next": ("d1",),
    "deal history": ("d1",),
    "deal list": (),
    "deal win": ("d1", *REASON),
    "deal lose": ("d1", *REASON),
    "deal cancel": ("d1", *REASON),
    "deal close": ("d1", *REASON),
    "deal waive": ("d1", "n", *REASON),
    "deal override": ("d1", *REASON),
    "deal back": ("d1", "--to", "s", *REASON),
    "deal reopen": ("d1", *REASON),
    "deal reassign": ("d1", "--to", "ben", *REASON),
    "evidence record": ("d1", "reply", "--field", "text=a"),
    "evidence withdraw": ("d1", "e", *REASON),
    "evidence dispute": ("d1", "e", *REASON),
    "evidence correct": ("d1", "e", *REASON),
    "evidence confirm": ("d1", "e", *REASON),
    "milestone record": ("d1", "quote_sent"),
    "milestone withdraw": ("d1", "quote_sent", *REASON),
    "step plan": ("d1", "call", "--by", "2036-01-01"),
    "step done": ("d1", "s"),
    "activity record": ("d1", "called"),
    "stall list": (),
    "escalation list": (),
    "escalation decide": ("d1", "extend", *REASON),
    "inventory": (),
    "customer add": ("C-1",),
    "customer link": ("C-1", "--name", "Li"),
    "customer merge": ("C-1", "--into", "C-2", *REASON),
    "customer erase": ("C-1", *REASON),
    "customer show": ("C-1",),
    "customer list": (),
    "customer history": ("C-1",),
    "audit exceptions": (),
    "import crm-csv": ("{folder}", "--mapping", "{folder}/map.yaml"),
    "import log-csv": ("{folder}/log.csv", "--mapping", "{folder}/map.yaml"),
    "import xes": ("{folder}/log.xes", "--mapping", "{folder}/map.yaml"),
    "import list": (),
    "import show": ("0f0f0f0f",),
    "import undo": ("0f0f0f0f", "--yes"),
    "notify test": ("bo",),
    "people show": (),
    "people load": (),
    "calendar load": (),
    "token create": (),
    "token revoke": ("7k2m9q4x", *REASON),
    "token list": (),
    "token whoami": (),
}
# Who can start these runs the system; they show no deal to anybody and decide nothing.
OF_THE_MACHINE = {
    "process check", "import schema", "import mapping", "import look",
    "people check", "calendar list", "calendar show", "demo", "up", "worker", "relay", "reconcile",
    "doctor", "store upgrade", "store reindex", "store seal",
}  # fmt: skip
STRANGERS = "people:\n  - {id: bo, name: Bo, role: director, users: [somebody-else]}\n"


def test_every_command_is_walked() -> None:
    assert {" ".join(words) for words in commands()} == {*ASKED, *OF_THE_MACHINE}


@pytest.mark.parametrize("name", ASKED)
def test_who_is_not_in_the_file_does_nothing_and_reads_nothing(cli: CommandLine, tmp_path: Path, name: str) -> None:
    (cli.home / "people.yaml").write_text(STRANGERS, encoding="utf-8")
    words = [word.format(folder=tmp_path) for word in ASKED[name]]
    done = cli(*name.split(), *words, "--json")
    if name.startswith("import"):
        assert done.code in (1, 2)  # the mapping is not there; whose it is, the next test says
        return
    assert done.code == 1 and done.codes == ["unknown_person"], done


@pytest.mark.parametrize("words", [("look", "{folder}"), ("mapping", "hubspot")])
def test_who_is_not_in_the_file_reads_no_process_beside_the_files_of_their_own(
    cli: CommandLine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (cli.home / "people.yaml").write_text(STRANGERS, encoding="utf-8")
    (tmp_path / "deals.csv").write_text("id,stage\nA,Won\n", encoding="utf-8")
    asked = ("import", *(word.format(folder=tmp_path / "deals.csv") for word in words))
    assert cli(*asked).code == 0
    refused = cli(*asked, "--process", "standard-sale", "--json")
    assert (refused.code, refused.codes) == (1, ["unknown_person"])


def test_no_edge_reads_with_the_systems_own_eyes() -> None:
    own = re.compile(r"system\.(reading|board)\b(?!_for)(?!\.seen_by)")
    found = [
        f"{path.name}:{number}"
        for path in (ROOT / "src" / "dealflow" / "cli").rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if own.search(line)
    ]
    assert found == []


def without_id(message: str) -> str:
    return message.replace("d2", "").replace("d9", "")


def test_a_seller_sees_their_own_deals_and_any_other_is_not_there(cli: CommandLine) -> None:
    cli.open("d1", "anna")
    cli.open("d2", "ben")
    for who, ids in (("anna", ["d1"]), ("ben", ["d2"]), ("bo", ["d1", "d2"])):
        listed = cli.json("deal", "list", "--on-behalf-of", who)
        assert ([deal["deal_id"] for deal in listed["deals"]], listed["total"]) == (ids, len(ids))
        assert cli.json("inventory", "--on-behalf-of", who)["deals"] == len(ids)
    for words in (("deal", "show"), ("deal", "next"), ("deal", "history")):
        there, nowhere = (cli(*words, deal, *FOR_ANNA) for deal in ("d2", "d9"))
        assert (there.code, without_id(there.err)) == (nowhere.code, without_id(nowhere.err)) and there.code == 1
    lost = [cli("deal", "lose", deal, "--reason", "price", *FOR_ANNA) for deal in ("d2", "d9")]
    assert [done.code for done in lost] == [1, 1] and without_id(lost[0].err) == without_id(lost[1].err)


def test_the_list_says_who_published_and_for_whom(bare: CommandLine) -> None:
    people = f"people:\n  - {{id: ops, role: operations}}\n  - {{id: me, users: [{os_user()}], acts_for: [ops]}}\n"
    (bare.home / "people.yaml").write_text(people, encoding="utf-8")
    refused = bare("process", "publish", STANDARD)
    assert refused.code == 1 and "Who may: ops" in refused.err
    bare.done("process", "publish", STANDARD, "--on-behalf-of", "ops")
    [version] = bare.json("process", "list")["processes"]
    assert (version["published_by"], version["published_for"]) == ("me", "ops")


MAPPING = """\
source: crm
process: standard-sale
zone: UTC
dates: [iso]
tables: {deals: deals.csv, team: team.csv}
rows: deals
deal: {id: id, title: '{title}', opened: created, owner: owner}
facts: {by: state, values: {New: []}}
people: {table: team, person: name, manager: boss, manager_role: director}
"""
DEALS = "id,title,owner,created,state\nD1,a,No Boss,2026-01-05,New\nD2,b,Carl,2026-01-05,New\nD3,c,Bo,2026-01-05,New\n"


@pytest.fixture
def crm(bare: CommandLine, tmp_path: Path) -> tuple[str | Path, ...]:
    """Sellers with and without a manager, and the director's own deal; the words that import them with their people."""
    bare.publish()
    me = f"people:\n  - {{id: cleo, role: operations, users: [{os_user()}], acts_for: ['*']}}\n"
    (bare.home / "people.yaml").write_text(me, encoding="utf-8")
    for name, text in (("map.yaml", MAPPING), ("deals.csv", DEALS), ("team.csv", "name,boss\nNo Boss,\nCarl,Bo\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return (
        "import",
        "crm-csv",
        tmp_path / "deals.csv",
        tmp_path / "team.csv",
        "--mapping",
        tmp_path / "map.yaml",
        "--people",
    )


@pytest.mark.parametrize("role", ["auditor", "seller", "director"])
def test_only_operations_import_and_nothing_is_written_for_others(
    bare: CommandLine, crm: tuple[str | Path, ...], role: str
) -> None:
    file = bare.home / "people.yaml"
    file.write_text(file.read_text().replace("role: operations", f"role: {role}") + "  - {id: ops, role: operations}\n")
    before = file.read_text()
    refused = bare(*crm, "--json")
    assert (refused.codes, file.read_text()) == (["not_permitted"], before)
    assert bare.json("deal", "list", "--on-behalf-of", "ops")["total"] == 0


def test_an_owner_with_nobody_above_is_looked_after_by_other_directors(
    bare: CommandLine, crm: tuple[str | Path, ...]
) -> None:
    report = bare.json(*crm)
    assert report["nobody_above"] == {"No Boss": 1, "Bo": 1}
    warnings = bare.json("people", "check")["warnings"]
    assert "No Boss has nobody above: of deals of theirs hear and decide Bo" in warnings
    for deal, told in (("D1", ["No Boss", "Bo"]), ("D2", ["Carl", "Bo"]), ("D3", ["Bo"])):
        [row] = bare.json("escalation", "list", "--deal", deal)["escalations"]
        assert row["told"] == told
    answer = ("extend", "--for", "5 days", *REASON)
    for who in ("No Boss", "cleo"):
        assert bare("escalation", "decide", "D1", *answer, "--on-behalf-of", who).code == 1
    bare.done("escalation", "decide", "D1", *answer, "--on-behalf-of", "Bo")
    said = bare.done("escalation", "decide", "D3", *answer, "--on-behalf-of", "Bo")
    assert "Alone: nobody else was left who could." in said
    assert bare("escalation", "decide", "D2", *answer, *FOR_ANNA).code == 1
    decided = bare.json("deal", "history", "D3", "--kind", "escalation_decided")["entries"][0]
    assert decided["data"]["alone"] is True


def test_a_director_gains_nothing_by_lending_a_deal(cli: CommandLine) -> None:
    cli.open("d1", "bo")
    cli.done("activity", "record", "d1", "called", *FOR_BO)
    cli.done("deal", "reassign", "d1", "--to", "anna", *REASON, *FOR_BO)
    waived = cli.json("deal", "waive", "d1", "contact_added", *REASON, *FOR_BO)
    assert waived["facts"][0] == "deal.node_waived.v1"
    history = cli.json("deal", "history", "d1", "--kind", "node_waived")["entries"][0]
    assert history["data"]["alone"] is True, "bo is the only director: it is done, and on record as alone"


def test_who_may_record_and_does_not_see_reads_what_they_gave(cli: CommandLine) -> None:
    file = cli.home / "people.yaml"
    pay = "  - {id: pay, role: integrator, kinds: [messenger_contact]}\n"
    file.write_text(
        file.read_text(encoding="utf-8").replace("[anna, ben, bo]", "[anna, ben, bo, pay]") + pay, encoding="utf-8"
    )
    cli.open("d1", "anna")
    record = ("evidence", "record", "d1", "messenger_contact", *CONTACT, "--on-behalf-of", "pay")
    assert cli.done(*record, "--id", "e-1") == "d1: recorded.\nevidence: e-1\n"
    answer = cli.json(*record, "--id", "e-2")
    assert set(answer) == {"command_id", "deal_id", "ids", "respelled", "read_as", "repeated"}
    again = cli(*record, "--id", "e-1", "--json").json["refused"][0]
    assert again["code"] == "already_so" and again["suggestion"] is None
    for words in (("deal", "show", "d1"), ("evidence", "record", "d1", "reply", "--field", "text=a")):
        assert cli(*words, "--on-behalf-of", "pay", "--json").codes == ["unknown_deal"]
    assert cli.json("deal", "show", "d1", *FOR_ANNA)["evidence"][0]["author"] == "pay"
