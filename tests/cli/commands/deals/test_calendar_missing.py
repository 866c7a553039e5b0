"""A deal whose calendar is missing, renamed or broken stays in every list and reading, and says what is wrong."""

from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.domain.values.refusal import CommandRefused
from tests.support.running.typed_commands import FOR_ANNA, CommandLine, HomeOf

CALENDARS = "calendars:\n  - {name: %s, zone: Europe/Berlin, country: DE, hours: ['08:00-18:00']}\n"
PROCESS = """\
process: calp
title: {en: Calp, zh: 历}
calendar: berlin
evidence:
  reply: {title: {en: Reply, zh: 回复}, fields: {said: {type: text, title: {en: Said, zh: 内容}}}}
stages:
  - id: talk
    title: {en: Talk, zh: 谈}
    nodes: [{id: need_confirmed, title: {en: Need confirmed, zh: 需求}, standard: reply}]
    clocks: {stage_age: {limit: 2 working days}}
  - id: sign
    title: {en: Sign, zh: 签}
    wins: true
    clocks: {stage_age: {limit: 2 working days}}
    nodes: [{id: signed, title: {en: Signed, zh: 签}, standard: {evidence: reply, count: 2}}]
lost_reasons: [{id: no_answer, title: {en: No answer, zh: 无回应}}]
"""
BROKEN = {"missing": None, "renamed": CALENDARS % "munich", "broken": "calendars: [", "empty": ""}


def with_two_deals(cli: CommandLine) -> None:
    (cli.home / "calendars.yaml").write_text(CALENDARS % "berlin", encoding="utf-8")
    path = cli.home.parent / "calp.yaml"
    path.write_text(PROCESS, encoding="utf-8")
    cli.done("process", "publish", path)
    cli.done("deal", "open", "c", "--id", "C1", "--process", "calp", "--owner", "anna", *FOR_ANNA)
    cli.open("S1")


@pytest.fixture
def told(home_of: HomeOf) -> CommandLine:
    return home_of(with_two_deals)


def spoil(cli: CommandLine, how: str) -> None:
    file, content = cli.home / "calendars.yaml", BROKEN[how]
    if content is None:
        file.unlink()
    else:
        file.write_text(content, encoding="utf-8")


@pytest.mark.parametrize("how", BROKEN)
def test_every_reading_has_the_deal_and_says_what_is_wrong(told: CommandLine, how: str) -> None:
    before = told.json("inventory")
    spoil(told, how)
    rows = {row["deal_id"]: row["wrong"] for row in told.json("deal", "list")["deals"]}
    assert rows.keys() == {"C1", "S1"} and not rows["S1"]
    assert rows["C1"].startswith("no calendar 'berlin': there are china-office, ")
    after = told.json("inventory")
    assert after | {"as_of": 0} == before | {"as_of": 0}
    for reading in (("deal", "show", "C1"), ("deal", "next", "C1"), ("deal", "history", "C1")):
        assert told.json(*reading)["wrong"] == rows["C1"]
        assert "This deal cannot be judged now: no calendar 'berlin'" in told.done(*reading)
    assert "C1: This deal cannot be judged now" in told.done("deal", "list")


@pytest.mark.parametrize("how", BROKEN)
def test_evidence_is_kept_what_needs_a_deadline_is_refused_whole_and_all_goes_on_when_it_is_back(
    told: CommandLine, how: str
) -> None:
    spoil(told, how)
    told.done("evidence", "record", "C1", "reply", "--field", "said=yes", *FOR_ANNA)
    with pytest.raises(CommandRefused):
        told.look("C1", SystemClock().now())
    opens = ("deal", "open", "c", "--id", "C2", "--process", "calp", "--owner", "anna", *FOR_ANNA)
    refused = told(*opens)
    assert refused.code == 1 and str(told.home / "calendars.yaml") in refused.err
    assert "no calendar 'berlin'" in refused.err and "Nothing was changed" in refused.err
    told.open("S2")
    (told.home / "calendars.yaml").write_text(CALENDARS % "berlin", encoding="utf-8")
    assert told("deal", "show", "C2").code == 1
    told.done(*opens)
    told.look("C1", SystemClock().now())
    moved = told.json("deal", "show", "C1")
    assert (moved["stage"]["id"], moved["wrong"]) == ("sign", "")


@pytest.mark.parametrize("how", BROKEN)
def test_doctor_says_what_to_do(told: CommandLine, how: str) -> None:
    spoil(told, how)
    problems = [one for one in told("doctor", "--json").json["problems"] if one["part"] == "calendars"]
    assert any("calp@1 cannot be judged without it" in one["says"] for one in problems)
    assert any("put a calendar of that name into" in one["do"] and "calendars.yaml" in one["do"] for one in problems)
    assert len(problems) == (2 if how in ("broken", "empty") else 1)
    for words in (("calendar", "list"), ("process", "check", told.home.parent / "calp.yaml")):
        assert told(*words).code == (0 if (how, words[0]) in (("missing", "calendar"), ("renamed", "calendar")) else 1)


def test_an_import_rejects_that_deal_and_takes_the_others(told: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    lines = ["id,title,owner,created,stage", "I1,first,anna,2026-01-05,Lead", "I2,second,anna,2026-01-05,Lead"]
    (folder / "deals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "source: crm\nprocess: calp\nzone: UTC\ndates: [iso]\ntables: {deals: deals.csv}\nrows: deals\n"
        "deal: {id: id, title: '{title}', opened: created, owner: owner}\n"
        "facts: {by: stage, values: {Lead: []}}\n",
        encoding="utf-8",
    )
    spoil(told, "missing")
    done = told("import", "crm-csv", folder, "--mapping", mapping, "--json")
    assert done.json.get("rejected") == 2, (done.out, done.err)
