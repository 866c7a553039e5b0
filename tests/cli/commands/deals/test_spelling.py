"""Names in any spelling on the command line: found, kept in one form, and said what was changed; nothing is no text."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from tests.support.running.typed_commands import FOR_ANNA, FOR_BO, CommandLine
from tests.support.unseen import UNSEEN

# An argument of the operating system cannot hold every character; a test of the domain has them all.
NOTHING = ("\u200b", "\u3164", "\u00ad", "\ufeff", "\u2060", "\u034f", "\u115f", "\u2800", "\u00a0", "\u0301")


@pytest.mark.parametrize("owner", [" anna ", "an\u00adna", "anna\u200b", "\u3000anna"])
def test_a_list_finds_an_owner_in_every_spelling_and_says_so(cli: CommandLine, owner: str) -> None:
    cli.open("d1")
    found = cli("deal", "list", "--owner", owner, "--json")
    assert [row["deal_id"] for row in found.json["deals"]] == ["d1"]
    assert "is taken as 'anna'" in found.err and "U+" in found.err
    assert cli("deal", "list", "--owner", "anna").err == ""


def test_names_of_two_words_are_found_whatever_stands_between_them(bare: CommandLine, cli: CommandLine) -> None:
    people = (bare.home / "people.yaml").read_text(encoding="utf-8").replace("id: anna", "id: Anna Lee")
    (bare.home / "people.yaml").write_text(people.replace("acts_for: [anna,", "acts_for: [Anna Lee,"), encoding="utf-8")
    words = ("--process", "standard-sale", "--id", "d1", "--on-behalf-of", "Anna Lee")
    answer = cli.json("deal", "open", "A sale", "--owner", "Anna  Lee", *words)
    assert [(each["place"], each["kept"]) for each in answer["respelled"]] == [("owner", "Anna Lee")]
    assert [row["owner"] for row in cli.json("deal", "list", "--owner", " Anna  Lee ")["deals"]] == ["Anna Lee"]
    assert cli.json("stall", "list", "--owner", "Anna\u00a0Lee")["stalls"] == []


def test_a_deal_is_found_in_every_spelling(cli: CommandLine) -> None:
    cli.open("d1")
    shown = cli("deal", "show", " d1\u200b")
    assert shown.code == 0
    assert shown.err == (
        "deal: '\\x20d1\\u200b' is taken as 'd1'; taken out or written otherwise: "
        "U+0020 SPACE, U+200B ZERO WIDTH SPACE\n"
    )
    for words in (("deal", "next", "d1\ufeff"), ("deal", "history", " d1"), ("stall", "list", "--deal", "d1\u00ad")):
        found = cli(*words)
        assert found.code == 0 and "is taken as 'd1'" in found.err, words


def test_the_answer_of_an_act_says_what_was_changed_to_people_and_to_programs(cli: CommandLine) -> None:
    words = ("--process", "standard-sale", "--owner", "anna\u200b", "--customer", "ACME  Ltd", *FOR_ANNA)
    said = cli.done("deal", "open", " 40  seats", "--id", " d1 ", *words)
    assert "deal: '\\x20d1\\x20' is taken as 'd1'" in said
    assert "title: '\\x2040 \\x20seats' is taken as '40 seats'" in said
    assert "owner: 'anna\\u200b' is taken as 'anna'" in said
    assert "customer: 'ACME \\x20Ltd' is taken as 'ACME Ltd'" in said
    shown = cli.json("deal", "show", "d1")
    assert (shown["title"], shown["owner"]["id"], shown["customer"]["id"]) == ("40 seats", "anna", "ACME Ltd")
    answer = cli.json("evidence", "record", "d1\u200b", "reply", "--id", "e1\u00ad", "--field", "text=hi", *FOR_ANNA)
    assert answer["ids"] == {"evidence_id": "e1"}
    assert [(each["place"], each["given"], each["kept"], each["characters"]) for each in answer["respelled"]] == [
        ("deal", "d1\u200b", "d1", ["U+200B ZERO WIDTH SPACE"]),
        ("evidence", "e1\u00ad", "e1", ["U+00AD SOFT HYPHEN"]),
    ]
    assert answer["respelled"][1]["message"] == (
        "evidence: 'e1\\xad' is taken as 'e1'; taken out or written otherwise: U+00AD SOFT HYPHEN"
    )
    assert cli.json("evidence", "withdraw", "d1", "e1\ufeff", "--reason", "twice", *FOR_ANNA)["deal_id"] == "d1"


def test_it_is_said_in_the_readers_language(cli: CommandLine) -> None:
    cli.open("d1")
    assert (
        "按“d1”处理；去掉或改写的字符：U+200B ZERO WIDTH SPACE" in cli("deal", "show", "d1\u200b", "--lang", "zh").err
    )


def test_a_customers_name_is_kept_in_form_but_neither_spelling_stands_in_the_stored_answer(cli: CommandLine) -> None:
    words = ("--process", "standard-sale", "--owner", "anna", "--id", "d1", *FOR_ANNA)
    answer = cli.json("deal", "open", "A sale", "--customer", "Li  Na", "--customer-id", "c1", *words)
    assert cli.json("deal", "show", "d1")["customer"] == {"id": "c1", "name": "Li Na"}
    assert "Li" not in json.dumps(answer["respelled"])
    assert answer["respelled"][0]["characters"] == ["U+0020 SPACE"]


@pytest.mark.parametrize("nothing", NOTHING)
def test_nothing_is_no_reason_no_field_no_id_and_no_title(cli: CommandLine, nothing: str) -> None:
    assert nothing in (*UNSEEN,)
    cli.open("d1")
    waived = cli("deal", "waive", "d1", "non_decider_met", "--reason", nothing * 4, "--json", *FOR_BO)
    assert (waived.code, waived.codes) == (1, ["reason_needed"])
    recorded = cli("evidence", "record", "d1", "reply", "--field", f"text={nothing * 30}", "--json", *FOR_ANNA)
    assert (recorded.code, recorded.codes) == (1, ["field_missing"])
    named = ("--process", "standard-sale", "--owner", "anna", "--json", *FOR_ANNA)
    assert cli("deal", "open", nothing * 2, *named).code == 1
    assert cli("deal", "open", "A sale", "--id", nothing, *named).code == 1
    assert [row["deal_id"] for row in cli.json("deal", "list")["deals"]] == ["d1"]


@pytest.mark.parametrize(
    "words",
    [
        ("deal", "amend", "d1", "--amount", "5"),
        ("deal", "override", "d1"),
        ("deal", "back", "d1", "--to", "first_contact"),
        ("deal", "win", "d1"),
        ("deal", "cancel", "d1"),
        ("evidence", "withdraw", "d1", "e1"),
        ("evidence", "dispute", "d1", "e1"),
        ("evidence", "correct", "d1", "e1", "--field", "text=ho"),
        ("milestone", "withdraw", "d1", "quote_sent"),
    ],
)
def test_nothing_is_no_reason_whatever_it_is_given_for(cli: CommandLine, words: tuple[str, ...]) -> None:
    cli.open("d1")
    cli.done("evidence", "record", "d1", "reply", "--id", "e1", "--field", "text=hi", *FOR_ANNA)
    cli.done(
        "milestone", "record", "d1", "quote_sent", "--field", "amount=5 CNY", "--field", "on=2026-01-05", *FOR_ANNA
    )
    for nothing in ("\u200b", " \u3164\u00ad "):
        refused = cli(*words, "--reason", nothing, "--json", *FOR_BO)
        assert (refused.code, refused.codes) == (1, ["reason_needed"]), words


def test_a_text_is_as_long_as_what_can_be_seen_of_it(cli: CommandLine) -> None:
    cli.open("d1")
    fields = ("--field", "with=decider", "--field", "held_on=2026-01-05", "--field")
    padded = cli(
        "evidence", "record", "d1", "meeting_note", *fields, f"summary=ok{chr(0x200B) * 40}", "--json", *FOR_ANNA
    )
    assert (padded.code, padded.codes) == (1, ["field_invalid"])


def test_many_deals_are_given_to_an_owner_in_every_spelling(cli: CommandLine) -> None:
    cli.open("d1")
    cli.open("d2")
    done = cli.json("deal", "reassign", "--from", " anna", "--to", "ben\u200b", "--yes", "--reason", "r", *FOR_BO)
    assert [answer["deal_id"] for answer in done["answers"]] == ["d1", "d2"]
    assert {row["owner"] for row in cli.json("deal", "list")["deals"]} == {"ben"}


def test_deals_that_are_named_are_found_in_every_spelling_one_or_many(cli: CommandLine) -> None:
    cli.open("d1")
    cli.open("d2")
    done = cli("deal", "reassign", "d1\u200b", " d2", "--to", "ben", "--reason", "r", "--yes", "--json", *FOR_BO)
    assert [answer["deal_id"] for answer in done.json["answers"]] == ["d1", "d2"]
    assert "is taken as 'd1'" in done.err and "is taken as 'd2'" in done.err


def test_escalations_are_named_by_their_deals_in_every_spelling(cli: CommandLine, tmp_path: Path) -> None:
    for deal in ("d1", "d2", "d3"):
        cli.open(deal)
        cli.look(deal, SystemClock().now() + timedelta(days=60))
    answer = ("extend", "--for", "5 days", "--reason", "soon", "--json", *FOR_BO)
    one = cli("escalation", "decide", "d1\u200b", *answer)
    assert one.json["deal_id"] == "d1" and "escalation: 'd1\\u200b' is taken as 'd1'" in one.err
    file = tmp_path / "ids.txt"
    file.write_text("\ufeffd2\u00ad\n d3\u00a0\n", encoding="utf-8")
    many = cli("escalation", "decide", *answer[:1], "--file", file, "--yes", *answer[1:])
    assert [each["deal_id"] for each in many.json["answers"]] == ["d2", "d3"]
    assert "is taken as 'd2'" in many.err


def test_a_people_file_that_a_setting_names_has_to_be_there(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.open("d1")
    monkeypatch.setenv("DEALFLOW_PEOPLE", str(tmp_path / "none.yaml"))
    for words in (
        ("deal", "list"),
        ("people", "check"),
        ("deal", "win", "d1", "--reason", "x"),
        ("notify", "test", "bo"),
        ("worker",),
        ("relay",),
    ):
        refused = cli(*words)
        assert refused.code == 1 and "none.yaml:1:1" in refused.err, words
