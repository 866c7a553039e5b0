"""`dealflow process`: templates are checked with their places, published once, and shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import PROCESS_DEFS
from tests.support.running.typed_commands import STANDARD, CommandLine


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.yaml"
    text = STANDARD.read_text(encoding="utf-8")
    file.write_text(
        text.replace("calendar: china-office ", "calendar: china-ofice ").replace('"non_decider"', '"nobody"'), "utf-8"
    )
    return file


def test_the_shipped_templates_are_in_order(bare: CommandLine) -> None:
    said = bare.done("process", "check", *sorted(PROCESS_DEFS.glob("*.yaml")))
    assert "standard-sale is in order (9 stages, 10 nodes, 11 kinds of evidence)" in said
    assert not (bare.home / "store.sqlite").exists()


def test_every_problem_has_file_line_and_column(bare: CommandLine, broken: Path) -> None:
    told = bare("process", "check", broken, STANDARD)
    assert told.code == 1
    assert f"{broken}:5:11: error: " in told.out and "did you mean 'china-office'?" in told.out
    document = bare("process", "check", broken, STANDARD, "--json").json
    assert [(file["file"], file["ok"]) for file in document["files"]] == [(str(broken), False), (str(STANDARD), True)]
    assert document["files"][0]["problems"][0]["line"] == 5


def test_strict_takes_warnings_for_errors(bare: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "half.yaml"
    file.write_text(STANDARD.read_text(encoding="utf-8").replace(", zh: 渠道", ""), encoding="utf-8")
    assert bare("process", "check", file).code == 0
    assert bare("process", "check", file, "--strict").code == 1


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"", "empty"), ("流程".encode("gb18030"), "encoding"), (b"a: [\n", "yaml"), (b"x" * 2_000_000, "too-large")],
)
def test_a_file_that_is_no_template_says_why(bare: CommandLine, tmp_path: Path, content: bytes, rule: str) -> None:
    file = tmp_path / "no.yaml"
    file.write_bytes(content)
    result = bare("process", "check", file, "--json")
    assert result.code == 1
    [problem, *_] = result.json["files"][0]["problems"]
    assert (problem["rule"], problem["file"]) == (rule, str(file))


def test_a_template_that_is_not_there_gets_the_nearest_file(bare: CommandLine) -> None:
    result = bare("process", "check", PROCESS_DEFS / "standard-sail.yaml", "--json")
    [problem] = result.json["files"][0]["problems"]
    assert (problem["rule"], problem["suggestion"]) == ("unreadable", str(STANDARD))


def test_publishing_twice_makes_one_version(bare: CommandLine) -> None:
    first, again = (bare.json("process", "publish", STANDARD)["published"][0] for _ in range(2))
    assert (first["version"], first["new"]) == (1, True)
    assert again == {**first, "new": False}


def test_a_fault_in_one_file_publishes_none(bare: CommandLine, broken: Path) -> None:
    result = bare("process", "publish", PROCESS_DEFS / "maven-crm.yaml", broken, "--json")
    assert result.code == 1
    assert result.json["refused"][0]["place"] == f"{broken}:5:11"
    assert bare.json("process", "list") == {"processes": [], "proposed": []}


def test_two_files_of_one_name_are_refused(bare: CommandLine, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_bytes(STANDARD.read_bytes())
    assert bare("process", "publish", STANDARD, other, "--json").codes == ["name-twice"]


def test_list_and_show_of_versions(bare: CommandLine, tmp_path: Path) -> None:
    bare.publish()
    later = tmp_path / "later.yaml"
    later.write_text(
        STANDARD.read_text(encoding="utf-8").replace("5 working days", "6 working days", 1), encoding="utf-8"
    )
    bare.done("process", "publish", later)
    assert [one["version"] for one in bare.json("process", "list")["processes"]] == [1, 2]
    assert bare.json("process", "show", "standard-sale")["process"] == "standard-sale@2"
    said = bare.done("process", "show", "standard-sale@1", "--lang", "zh")
    assert "标准销售流程" in said and "决策人面谈 (decider_met)" in said and "amount*：money" in said


EVERYTHING = """\
process: whole
title: {en: The whole, zh: 全部}
calendar: china-office
currency: USD
evidence:
  note:
    title: {en: A note, zh: 记录}
    side: third
    fields:
      summary: {text: {min_length: 21, max_length: 321, title: {en: What was said, zh: 内容}}}
      worth: {money: {at_least: $123.45, at_most: "999,999.99", required: false}}
      pieces: {integer: {at_most: 77}}
      whom: {one_of: [decider, helper]}
      who: {person: personal}
stages:
  - id: first
    title: {en: First, zh: 一}
    gate: both
    milestones: [{id: called, title: {en: Called, zh: 致电}, fields: {on: date}}]
    nodes:
      - id: seen
        title: {en: Seen, zh: 已见}
        optional: true
        met_by: sure
        standard: {evidence: note, where: whom == "helper"}
      - id: sure
        title: {en: Sure, zh: 确定}
        playbook: {en: Ask, zh: 问}
        opens: {deal: referred, process: whole, customer_field: who}
        standard:
          says: {en: Be sure, zh: 确定}
          any_of:
            - {evidence: note, count: 4, not_older_than: 91 days, says: {en: Often, zh: 多次}}
            - {evidence: note, sum: {field: pieces, at_least: '44'}}
    clocks: {stage_age: {limit: 13 working days, warn: 11 working days}}
  - id: last
    title: {en: Last, zh: 末}
    wins: true
    back_to: [first]
    milestones: [{id: thanked, title: {en: Thanked, zh: 致谢}, leaves: true}]
    clocks: {stage_age: {limit: 35 days}}
  - id: after
    title: {en: After, zh: 后}
    closes_after: 181 days
ladder:
  warning: [director]
  rungs: [{after: 3 working days, to: [owner]}, {after: 6 working days, to: [superior], high_risk: true}]
decisions: {next_deadline: 7 working days, cap: 61 working days}
lost_reasons: [{id: price, title: {en: The price, zh: 价格}}]
"""


def leaves(document: Any) -> Iterator[str]:
    """Every name and value that an English reader has to see."""
    match document:
        case {"en": str() as english}:
            yield english
        case dict():
            for key, value in document.items():
                if not isinstance(value, bool) and key not in ("at_least", "at_most", "gate", "type"):
                    yield from leaves(value)
        case list():
            for value in document:
                yield from leaves(value)
        case _:
            yield str(document)


def test_show_tells_all_that_a_template_says(bare: CommandLine, tmp_path: Path) -> None:
    template = tmp_path / "whole.yaml"
    template.write_text(EVERYTHING, encoding="utf-8")
    for file, name in ((STANDARD, "standard-sale"), (template, "whole")):
        bare.done("process", "publish", file)
        said = bare.done("process", "show", name)
        assert [leaf for leaf in leaves(bare.json("process", "show", name)["definition"]) if leaf not in said] == []
    for text in ("at least 123.45 USD", "at most 77", "at most 321 characters", "personal", "leaves the stage",
                 "[optional, met by sure]", "Gate: nodes and milestones", "sum(pieces) >= 44", "high risk",
                 "Last (last) [wins]", "(4 × note, at most 91 days old when recorded) [Often]"):  # fmt: skip
        assert text in said
