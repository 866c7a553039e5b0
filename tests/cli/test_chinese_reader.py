"""A Chinese reader sees no English prose, whatever the command and whatever comes of it."""

import re
import shlex
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.cli.main import every_command, run
from tests.support.paths import PROCESS_DEFS
from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, FOR_BO, CommandLine

MAVEN = PROCESS_DEFS.parent / "examples" / "maven-crm"
# Names of people and deals, and what a calendar is made of.
NAMES = (
    "Anna Li 李安娜", "Bo Chen", "Deal d1", "Deal d2", "Mon,Tue,Wed,Thu,Fri,Sat,Sun", "Mon,Tue,Wed,Thu,Fri",
    "this is a test and no production",
)  # fmt: skip
HEADER = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
# What stays English: commands, options, quoted values, names of files, fields, ids and hosts.
_NO_PROSE = re.compile(
    r"`[^`]*`|'[^']*'|\"[^\"]*\"|“[^”]*”|\bdealflow [^\u4e00-\u9fff，。；：]*|--?[A-Za-z][\w-]*|\{[^}]*\}|\[[^\]]*\]|<[^>]*>"
    r"|\S*[\w)][/\\=.@:_#|-]\S*|[A-Z]{2,}\S*"
)
_PROSE = re.compile(r"[A-Za-z]+(?:[ ,]+[A-Za-z]+){2,}")


def english(text: str, *, names: Iterable[str] = ()) -> list[str]:
    """The lines that hold three English words in a row; names are data."""
    found = []
    for line in text.splitlines():
        rest = line
        for name in names:
            rest = rest.replace(name, "")
        if not line.startswith(("用法：", " ")) or not re.search("示例：|COMMAND", line):
            rest = _NO_PROSE.sub("·", rest)
            if _PROSE.search(rest):
                found.append(line)
    return found


@pytest.fixture
def zh(
    bare: CommandLine, prepared: PreparedHomes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    """A home with a deal in its first stage that has stalled, and one that is won."""

    def tell(home: Path) -> None:
        prepared.with_process("standard-sale", home)
        told = CommandLine(home, capsys)
        told.write_people()
        told.open("d1", "anna", "--customer", "华鑫", "--amount", "50,000 CNY")
        told.open("d2", "ben")
        told.look("d1", SystemClock().now() + timedelta(days=60))
        told.done("deal", "win", "d2", "--reason", "已付现金", *FOR_BO)

    prepared.copy("a deal that stalled and one that is won", tell, bare.home)
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    return bare


def test_a_line_of_english_is_found() -> None:
    assert english("没有商机\nThere is no deal of that name.\n") == ["There is no deal of that name."]
    assert english("请用 dealflow deal list --owner anna 查看；见 people.yaml，键 back_to") == []


@pytest.mark.parametrize("words", [words for words, _ in every_command()], ids=" ".join)
def test_help(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    assert run([*words, "--help"]) == 0
    help_, _, _ = capsys.readouterr().out.partition("示例：")
    assert english(help_) == []


DONE = [
    "deal list",
    "deal list --all",
    "deal list --owner ben --stalled",
    "deal show d1",
    "deal show d2",
    "deal next d1",
    "deal next d2",
    "deal history d1",
    "deal history d2",
    "stall list",
    "stall list --all",
    "escalation list",
    "inventory",
    "inventory --by-customer",
    "customer list",
    "customer show 华鑫",
    "customer add 客一 --name 张伟 --wecom 张",
    "customer link 华鑫 --openid 鑫 --name 华鑫公司",
    f"deal open 续约 --process standard-sale --owner anna --customer-id 华鑫 --id d8 {shlex.join(FOR_ANNA)}",
    f"evidence record reply --customer 华鑫 --field text=好 {shlex.join(FOR_ANNA)}",
    "customer erase 华鑫 --reason 本人要求",
    "process list",
    "process show standard-sale",
    "people check",
    "calendar list",
    "calendar show china-office --year 2026",
    "notify test bo",
    f"process check {PROCESS_DEFS / 'standard-sale.yaml'}",
    f"evidence record d1 messenger_contact {shlex.join(CONTACT)} {shlex.join(FOR_ANNA)}",
    f"evidence record d1 messenger_contact {shlex.join(CONTACT)} {shlex.join(FOR_ANNA)} --command-id again",
    f"step plan d1 打电话 --by 2099-01-05 {shlex.join(FOR_ANNA)}",
    f"activity record d1 寄送资料 {shlex.join(FOR_ANNA)}",
    f"deal reassign --from anna --to ben --reason 休假 {shlex.join(FOR_BO)}",
    f"deal reassign --from anna --to ben --reason 休假 --yes {shlex.join(FOR_BO)}",
    f"escalation decide d1 extend --for '5 working days' --reason 周五见面 {shlex.join(FOR_BO)}",
    f"deal back d2 --to sign --reason 需求有变 {shlex.join(FOR_BO)}",
    f"deal lose d1 --reason price {shlex.join(FOR_ANNA)}",
]
REFUSED = [
    "deal show d9",
    "deal show d1 --as-of 2001-01-01",
    "deal show d1 --as-of 2099-01-01",
    "deal show d1 --as-of 2026-01-01T10:00",
    "deal list --stage meetng",
    "deal list --owner ana",
    "deal list --outcome wonn",
    "deal list --process nosuch",
    "deal history d1 --kind evidense",
    "evidence record d1 contact --on-behalf-of anna",
    "evidence record d1 messenger_contact --field chanel=x --on-behalf-of anna",
    "evidence record d1 messenger_contact --fields-json '{' --on-behalf-of anna",
    "evidence record d1 messenger_contact --fields-json @nofile --on-behalf-of anna",
    "evidence record d1 messenger_contact --field x --on-behalf-of anna",
    "evidence withdraw d1 e-none --reason x --on-behalf-of anna",
    "deal open 商机 --process standard-sale --owner nobody --on-behalf-of anna",
    "deal open 商机 --process standard-sale --id a/b --on-behalf-of anna",
    "deal open 商机 --process standard-sale --id d1 --on-behalf-of anna",
    "deal open 商机 --process standard-sale --amount '5 XYZQ' --on-behalf-of anna",
    "deal waive d1 contact_added --reason x --on-behalf-of anna",
    "deal back d1 --to after_sale --reason x --on-behalf-of bo",
    "deal reopen d1 --reason x --on-behalf-of bo",
    "deal amend d1 --reason r --on-behalf-of anna",
    "deal lose d1 --reason nosuch --on-behalf-of anna",
    "deal reassign --to ben --reason x",
    "deal win d1 --reason x --on-behalf-of stranger",
    "escalation decide d1 postpone --reason x",
    "escalation decide d9/1 extend --reason x --on-behalf-of bo",
    "escalation decide d1 extend --for soon --reason x --on-behalf-of bo",
    "escalation decide --older-than '5 working days' extend --reason x",
    "step done d1 s-none --on-behalf-of anna",
    "step plan d1 x --by yesterday --on-behalf-of anna",
    "milestone record d1 nosuch --on-behalf-of anna",
    "customer show 华欣",
    "customer show wecom:无",
    "customer link 华鑫 --on-behalf-of anna",
    "customer merge 华鑫 --into 华鑫 --reason 同",
    "customer erase 华鑫 --reason x --on-behalf-of anna",
    "evidence record reply --customer 无 --field text=好 --on-behalf-of anna",
    "calendar show chinaoffice",
    "notify test nobody",
    "notify test bo --channel nosuch",
    "process show nosuch",
    "process check nosuch.yaml",
    "process publish nosuch.yaml",
    "deal lst",
    "deal list --limit x",
    "deal list --ovner x",
    "deal open",
    "deal list --lang fr",
    "import crm-csv nosuch --mapping nosuch.yaml",
    "import xes nosuch --mapping nosuch.yaml",
    "doctor",
]


@pytest.mark.parametrize("line", DONE)
def test_what_is_done(line: str, zh: CommandLine) -> None:
    done = zh(*shlex.split(line))
    assert done.code == 0, done
    assert english(done.out + done.err, names=NAMES) == []


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused(line: str, zh: CommandLine) -> None:
    done = zh(*shlex.split(line))
    assert done.code in (1, 2, 3), done
    assert english(done.out + done.err, names=NAMES) == []


def test_the_option_does_as_much_as_the_variable(zh: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "en")
    for line in ("deal show d1 --lang zh", "--lang zh deal show d9", "deal next d1 --lang=zh", "deal lst --lang zh"):
        done = zh(*shlex.split(line))
        assert english(done.out + done.err, names=NAMES) == []
        assert re.search("[\u4e00-\u9fff]", done.out + done.err)


def test_the_person_s_language_is_enough(cli: CommandLine) -> None:
    people = cli.home / "people.yaml"
    people.write_text(
        people.read_text(encoding="utf-8").replace("name: Me,", "name: Me, language: zh,"), encoding="utf-8"
    )
    for line in ("deal list", "deal show d9", "deal lst", "--help", "people check"):
        done = cli(*shlex.split(line))
        assert english((done.out + done.err).partition("示例：")[0], names=NAMES) == []
        assert re.search("[\u4e00-\u9fff]", done.out + done.err)


def test_a_broken_template(bare: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    text = (PROCESS_DEFS / "standard-sale.yaml").read_text(encoding="utf-8")
    broken = {
        "key": text.replace("stages:", "stagess:", 1),
        "duration": re.sub(r"limit: \d+ working days", "limit: soon", text, count=1),
        "yaml": text + "\n  - [",
        "tab": text + "\n\t- x",
        "gate": text.replace("wins: true", "gate: milestones", 1),
        "rule": re.sub(r"where: .*", "where: amont > 5", text, count=1),
        "calendar": re.sub(r"calendar: .*", "calendar: china-ofice", text, count=1),
        "empty": "",
        "alias": "process: &a x\nstages: *a\n",
        "back": re.sub(r"back_to: \[.*?\]", "back_to: [serve]", text, count=1),
    }
    for name, content in broken.items():
        file = tmp_path / f"{name}.yaml"
        file.write_text(content, encoding="utf-8")
        done = bare("process", "check", file, "--strict")
        assert done.code == 1, (name, done)
        assert english(done.out + done.err) == [], name


def test_broken_files_of_people_calendars_and_settings(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    (bare.home / "people.yaml").write_text(
        "people:\n  - {id: a, manager: nobody, role: boss}\n  - {nam: x}\n  - {id: a}\n  - {id: b, users: [x], manager: b}\n"
    )
    done = bare("people", "check")
    assert done.code == 1 and english(done.out + done.err) == []
    (bare.home / "people.yaml").unlink()
    (bare.home / "calendars.yaml").write_text("calendars:\n  - {name: x, country: QQ, zone: Mars}\n  - 5\n")
    done = bare("calendar", "list")
    assert done.code == 1 and english(done.out + done.err) == []
    (bare.home / "calendars.yaml").unlink()
    (bare.home / "settings.toml").write_text('log_fromat = "x"\nhome = "y"\n')
    done = bare("deal", "list")
    assert done.code == 2 and english(done.out + done.err) == []
    (bare.home / "settings.toml").write_text(
        'worker_threads = 0\ndatabase_url = "mysql:"\nzone = "Mars"\nlog_format = "x"\n'
    )
    done = bare("deal", "list")
    assert done.code == 2 and english(done.out + done.err) == []
    (bare.home / "settings.toml").unlink()
    done = bare("deal", "list")
    assert done.code == 3 and english(done.out + done.err) == []


def test_imports_with_rejects(
    bare: CommandLine, prepared: PreparedHomes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared.with_process("maven-crm", bare.home)
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    for file in MAVEN.glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "sales_pipeline.csv").write_text(
        HEADER
        + "A1,Moses Frase,GTX Basic,Cancity,Won,2017-01-02,2017-03-01,550\n"
        + "A2,Moses Frase,GTX Basic,Cancity,Wonn,2017-01-02,2017-03-01,550\n"
        + "A3,Moses Frase,GTX Basic,Cancity,Won,2017-13-02,2017-03-01,550\n"
        + "A4,Moses Frase,GTX Basic,Cancity,Won,2017-01-02,2017-03-01,five\n"
        + "A1,Moses Frase,GTX Basik,Cancity,Won,,2017-03-01,550,7\n"
        + ",Nobody Known,GTX Basic,Nowhere,Won,2017-01-02,2016-03-01,550\n"
    )
    names = ("Moses Frase", "GTX Basic", "GTX Basik", "Nobody Known")
    rejects = tmp_path / "rejects.csv"
    line = ("import", "crm-csv", tmp_path, "--mapping", MAVEN / "mapping.yaml")
    for more in (("--dry-run",), ("--strict",), ("--rejects", rejects, "--people")):
        done = bare(*line, *more)
        assert english(done.out + done.err, names=names) == []
    heading, *rows = rejects.read_text(encoding="utf-8-sig").splitlines()
    assert heading == "file,row,field,reason,value,suggestion,deal,place,costs"
    assert len(rows) >= 4 and all(re.search("[\u4e00-\u9fff]", row) for row in rows)
    mapping = tmp_path / "mapping.yaml"
    text = (MAVEN / "mapping.yaml").read_text(encoding="utf-8")
    for wrong in (
        text.replace("owner: sales_agent", "owner: sales_agnet"),
        text.replace("zone:", "zoen:"),
        text + "facts: 5\n",
    ):
        mapping.write_text(wrong, encoding="utf-8")
        done = bare("import", "crm-csv", tmp_path, "--mapping", mapping)
        assert done.code == 1 and english(done.out + done.err, names=names) == []


def test_an_empty_home(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    for line in ("people check", "process list", "deal list", "inventory", "doctor", "calendar list"):
        done = bare(*line.split())
        assert english(done.out + done.err, names=NAMES) == [], line


def test_a_home_that_is_a_file_and_a_store_that_is_none(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    (bare.home / "store.sqlite").write_bytes(b"no database at all, but a text of some length" * 30)
    done = bare("deal", "list")
    assert done.code == 3 and english(done.out + done.err) == []
    (bare.home / "store.sqlite").write_bytes(b"")
    done = bare("deal", "list")
    assert done.code == 3 and english(done.out + done.err) == []
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", "postgresql://u@127.0.0.1:1/none")
    done = bare("deal", "list")
    assert done.code == 3 and english(done.out + done.err) == []
