"""Which language a command line speaks, and that help and usage errors speak it too."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup

from dealflow import __version__
from dealflow.cli.language import at_first, begin
from dealflow.cli.main import every_command, run
from dealflow.cli.parser.help import filled, texts, translated, width_of
from dealflow.cli.parser.lazy import PARTS
from dealflow.cli.user import os_user
from dealflow.wording.catalogue import catalogue

COMMANDS = list(every_command())


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LANGUAGE", "HOME", "PEOPLE"):
        monkeypatch.delenv(f"DEALFLOW_{name}", raising=False)
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> None:
    Path(".dealflow").mkdir(exist_ok=True)
    (Path(".dealflow") / name).write_text(text, encoding="utf-8")


def test_without_anything_it_is_english() -> None:
    assert at_first(["deal", "list"]) == "en"


def test_each_place_goes_before_those_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    write("people.yaml", f"people:\n  - id: me\n    language: zh\n    users: [{os_user()}]\n")
    assert at_first([]) == "zh"
    write("settings.toml", 'language = "en"\n')
    assert at_first([]) == "en"
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    assert at_first([]) == "zh"
    assert at_first(["deal", "list", "--lang", "en"]) == "en"
    assert at_first(["deal", "list", "--lang=en"]) == "en"


@pytest.mark.parametrize(
    "entry",
    [
        "- {{id: me, users: [other, {user}], language: zh}}",
        "- id: me\n  users:\n    - {user}\n  channels:\n    - id: a\n      url: 'file:'\n  language: 'zh'",
        "- id: me\n  language: zh\n  users: {user}",
    ],
)
def test_the_person_of_this_user_is_found_in_each_layout(entry: str) -> None:
    others = "- {id: a, users: [somebody], language: en}\n- id: b\n  language: en\n  users:\n  - nobody-else\n"
    write("people.yaml", f"people:\n{others}{entry.format(user=os_user())}\n")
    assert at_first([]) == "zh"


def test_the_language_of_another_person_does_not_count() -> None:
    write("people.yaml", "people:\n- {id: a, users: [somebody], language: zh}\n- {id: b, language: zh}\n")
    assert at_first([]) == "en"


def test_a_broken_settings_file_does_not_keep_the_help_away(capsys: pytest.CaptureFixture[str]) -> None:
    write("settings.toml", "language = \n")
    assert run(["--help"]) == 0
    assert "Usage: " in capsys.readouterr().out


@pytest.mark.parametrize("line", ["--version", "--lang zh --version", "--version --lang zh"])
def test_the_version_is_told_in_any_language(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 0
    assert capsys.readouterr().out == f"dealflow {__version__}\n"


@pytest.mark.parametrize(
    "line", ["--lang zh deal open --help", "deal --lang=zh open --help", "deal open --help --lang zh"]
)
def test_the_language_may_be_chosen_anywhere(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 0
    assert capsys.readouterr().out.startswith("用法：dealflow deal open [OPTIONS] {TITLE}\n")


@pytest.mark.parametrize("words", [["deal", "list", "--lang", "fr"], ["--lang", "fr", "--help"]])
def test_an_unknown_language_is_wrong_usage_and_names_those_there_are(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert capsys.readouterr().err == "--lang 'fr' is not known; one of en, zh\n"


def test_an_unknown_language_in_the_environment_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "fr")
    assert run(["deal", "list"]) == 2
    assert capsys.readouterr().err == "DEALFLOW_LANGUAGE input should be one of 'en', 'zh'\n"


@pytest.mark.parametrize("words", [words for words, _ in COMMANDS], ids=" ".join)
def test_every_text_of_a_help_is_chinese(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    begin(["--lang", "zh"])
    command = dict(COMMANDS)[words]
    zh = catalogue("zh")
    assert [text for text in texts(command) if not re.search("[\u4e00-\u9fff]", zh.text(text))] == []
    assert run([*words, "--help", "--lang", "zh"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if width_of(line) > 80] == []
    assert "--lang en|zh" in " ".join(lines)


@pytest.mark.parametrize("name", PARTS)
def test_every_line_of_the_first_help_is_chinese(name: str) -> None:
    assert re.search("[\u4e00-\u9fff]", catalogue("zh").text(PARTS[name].help))


def test_every_command_is_walked() -> None:
    assert sum(not isinstance(command, TyperGroup) for _, command in COMMANDS) > 35


def test_marks_behind_an_option_are_translated() -> None:
    begin(["--lang", "zh"])
    assert translated("At most so many.  [default: 5; x>=1; required]") == "最多显示的条数。  [缺省：5; x>=1; 必填]"


def test_chinese_is_filled_by_its_width() -> None:
    text = "商机停滞时，通知总监（附上原因）并说明 DEALFLOW_HOME 的位置。"
    lines = filled(text, 20).splitlines()
    assert all(width_of(line) <= 22 for line in lines) and "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("，", "。", "）")) or line.endswith("（") for line in lines)


WRONG = {
    "deal list --limit x": "'--limit' 的值无效：应为整数",
    "deal list --limit 0": "'--limit' 的值无效：不得小于 1",
    "deal list a b": "参数多于此命令所需；含空格的内容请加引号。",
    "deal list --owner": "选项 '--owner' 需要一个值。",
    "deal list --json=1": "选项 '--json' 不带值。",
    "deal open x": "缺少选项 '--process'。",
    "deal open": "缺少参数 'TITLE'。",
    "deal lst": "没有命令 'lst'。是否指 'list'？",
    "qqq": "没有命令 'qqq'。",
    "deal list --ovner": "没有选项 --ovner；是否指 --owner？",
    "step plan d1 call --due 2026-12-01": "没有选项 --due",
    "deal list --qqq": "没有选项 --qqq",
    "deal list --lang": "选项 '--lang' 需要一个值。",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_usage_is_told_in_chinese(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    assert run(line.split()) == 2
    first, *others = capsys.readouterr().err.splitlines()
    assert first == WRONG[line]
    assert not others or (others[0].startswith("用法：dealflow") and others[-1].startswith("参见：dealflow"))


def test_json_stays_english(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    assert run(["deal", "open", "--json"]) == 2
    assert "Missing argument 'TITLE'." in capsys.readouterr().out
