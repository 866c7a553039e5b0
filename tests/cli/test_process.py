"""`dealflow process`: templates are checked with their places, published once, and shown."""

from pathlib import Path

import pytest

from tests.support.typed_commands import PROCESS_DEFS, STANDARD, CommandLine


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
    assert "standard-sale is in order (9 stages, 10 nodes, 10 kinds of evidence)" in said
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
    assert bare.json("process", "list") == {"processes": []}


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
    assert "标准销售流程" in said and "决策人面谈 (decider_met)" in said and "amount*: money" in said
