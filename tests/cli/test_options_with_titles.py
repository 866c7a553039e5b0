"""Options are recorded by their id and shown by their title: in the answer, in every reading, in refusals."""

import pytest

from tests.support.running.typed_commands import FOR_ANNA, CommandLine

SPOKE = ("--field", "held_on=2026-01-06", "--field", "summary=They decide in May, the budget is there.")


@pytest.fixture
def zh(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    cli.open("d1")
    return cli


def meeting(cli: CommandLine, whom: str, evidence: str = "e1") -> str:
    named = ("--id", evidence, "--field", f"with={whom}", *SPOKE)
    return cli.done("evidence", "record", "d1", "meeting_note", *named, *FOR_ANNA)


def fields(cli: CommandLine) -> list[str]:
    return [evidence["fields"]["with"] for evidence in cli.json("deal", "show", "d1")["evidence"]]


@pytest.mark.parametrize("given", ["decider", "决策人", " Decider ", "DECIDER"])
def test_a_title_in_any_language_is_understood_and_the_id_is_recorded(zh: CommandLine, given: str) -> None:
    meeting(zh, given)
    assert fields(zh) == ["decider"]


def test_a_reader_sees_the_title_in_their_language(zh: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting(zh, "non_decider")
    assert "with=非决策人" in zh.done("deal", "show", "d1")
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "en")
    assert "with=Non-decider" in zh.done("deal", "show", "d1")
    (evidence,) = zh.json("deal", "show", "d1")["evidence"]
    assert evidence["chosen"] == {"with": {"en": "Non-decider", "zh": "非决策人"}}


def test_what_a_rule_saw_is_told_by_its_title(zh: CommandLine) -> None:
    answer = meeting(zh, "non_decider")
    assert "with = 非决策人" in answer
    assert "with = 非决策人" in zh.done("deal", "show", "d1") + answer
    reasons = [
        reason
        for node in zh.json("deal", "show", "d1")["nodes"]
        for reason in node["reasons"]
        if reason["code"] == "rule_not_met"
    ]
    assert {reason["data"]["seen"]["with"] for reason in reasons} == {"non_decider"}


def test_a_word_that_is_no_option_is_refused_with_all_of_them(zh: CommandLine) -> None:
    named = ("--field", "with=决策者", *SPOKE, *FOR_ANNA)
    refused = zh("evidence", "record", "d1", "meeting_note", *named)
    assert refused.code == 1
    assert "决策人（decider）" in refused.err and "非决策人（non_decider）" in refused.err
    assert "决策人" in refused.err.split("（non_decider）")[1]
    document = zh("evidence", "record", "d1", "meeting_note", *named, "--json").json
    assert document["refused"][0]["suggestion"] == "决策人"


def test_a_template_shows_its_options_with_their_titles(zh: CommandLine) -> None:
    assert "面谈对象 (with)*：决策人 (decider)|非决策人 (non_decider)" in zh.done("process", "show", "standard-sale")
