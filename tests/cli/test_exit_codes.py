"""Exit codes and JSON: 0 done, 1 refused, 2 wrong usage, 3 a part is not there; with --json exactly one document."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dealflow.cli.main import run
from tests.support.running.typed_commands import FOR_ANNA, STANDARD, CommandLine
from tests.support.waiting import LONGEST_SECONDS


def test_without_a_store_a_question_ends_with_3_and_makes_none(bare: CommandLine) -> None:
    result = bare("deal", "list")
    assert result.code == 3
    assert str(bare.home) in result.err and not result.out
    assert list(bare.home.iterdir()) == []


def test_without_a_store_json_says_so_on_standard_output(bare: CommandLine) -> None:
    result = bare("inventory", "--json")
    assert result.code == 3
    assert result.json["error"]["code"] == "store_unreachable"


def test_a_home_that_is_a_file_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "home"
    file.write_text("")
    assert run(["process", "publish", str(STANDARD), "--home", str(file)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_database_that_is_away_ends_with_3(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    result = bare("deal", "list", "--json")
    assert result.code == 3
    assert result.json["error"]["code"] == "store_unreachable"
    assert "secret" not in result.out + result.err


def test_without_temporal_reconcile_ends_with_3(cli: CommandLine) -> None:
    result = cli("reconcile", "--json")
    assert result.code == 3
    assert result.json["error"]["code"] == "temporal_unreachable"


def test_without_temporal_a_command_is_done(cli: CommandLine) -> None:
    cli.open("d1")
    assert cli.json("deal", "show", "d1")["stage"]["id"] == "first_contact"


@pytest.mark.parametrize(
    "words",
    [
        ["deal", "show"],
        ["deal", "show", "d1", "d2"],
        ["deal", "frob"],
        ["deal", "list", "--limit", "none"],
        ["deal", "list", "--limit", "0"],
        ["deal", "list", "--outcome", "wun"],
        ["calendar", "show", "chine-office"],
        ["deal", "history", "d1", "--lang", "fr"],
        ["escalation", "decide", "d1", "postpone", "--reason", "x"],
        ["escalation", "decide", "extend", "--reason", "x"],
        ["deal", "reassign", "--to", "ben", "--reason", "x"],
        ["deal", "reassign", "d1", "--to", "ben"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_one_document(cli: CommandLine, words: list[str]) -> None:
    told = cli(*words)
    assert told.code == 2
    assert told.err and not told.out
    document = cli(*words, "--json")
    assert document.code == 2
    assert document.json["error"]["code"] == "wrong_usage"


def test_a_refusal_has_code_place_message_and_suggestion(cli: CommandLine) -> None:
    cli.open("d-first")
    told = cli("deal", "show", "d-frist")
    assert (told.code, told.out) == (1, "")
    assert told.err == "There is no deal 'd-frist'. Did you mean 'd-first'?\n"
    document = cli("deal", "show", "d-frist", "--json")
    assert document.code == 1
    assert document.json == {
        "refused": [
            {
                "code": "unknown_deal",
                "place": "d-frist",
                "message": "There is no deal 'd-frist'. Did you mean 'd-first'?",
                "suggestion": "d-first",
                "data": {"given": "d-frist"},
            }
        ]
    }


def test_settings_that_cannot_be_used_end_with_2(cli: CommandLine) -> None:
    (cli.home / "settings.toml").write_text("zome = 'UTC'\n")
    result = cli("deal", "list", "--json")
    assert result.code == 2
    assert result.json["error"]["code"] == "settings_invalid"
    assert "settings.toml:1" in result.out and "zone" in result.out


def test_a_broken_people_file_is_refused_with_its_place(cli: CommandLine) -> None:
    (cli.home / "people.yaml").write_text("people:\n  - {id: bo, name: Bo, role: directr}\n")
    result = cli("deal", "list", "--json")
    assert result.code == 1
    assert result.json["refused"][0]["place"].endswith("people.yaml:2:30")
    assert result.json["refused"][0]["suggestion"] == "director"


def test_logs_never_reach_standard_output(cli: CommandLine) -> None:
    cli.open("d1")
    done = cli.apart(
        "deal",
        "amend",
        "d1",
        "--title",
        "New",
        "--reason",
        "r",
        *FOR_ANNA,
        "--json",
        DEALFLOW_LOG_LEVEL="debug",
        DEALFLOW_LOG_FORMAT="json",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["facts"] == ["deal.amended.v1"]
    logged = [json.loads(line)["event"] for line in done.stderr.splitlines() if line.startswith("{")]
    assert "command.accepted" in logged


def test_nothing_is_logged_unless_asked_for(cli: CommandLine) -> None:
    cli.open("d1")
    assert cli.apart("deal", "amend", "d1", "--title", "New", "--reason", "r", *FOR_ANNA).stderr == ""


def test_no_traceback_but_for_who_debugs(cli: CommandLine) -> None:
    (cli.home / "store.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    plain = cli.apart("deal", "list")
    assert plain.returncode == 3
    assert "Traceback" not in plain.stderr and plain.stderr.strip()
    assert "Traceback" in cli.apart("deal", "list", DEALFLOW_LOG_LEVEL="debug").stderr


def test_a_reader_who_leaves_is_no_error(cli: CommandLine) -> None:
    for number in range(3):
        cli.open(f"d{number}")
    command = [sys.executable, "-m", "dealflow", "deal", "list", "--home", str(cli.home)]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=LONGEST_SECONDS, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_says_nothing(cli: CommandLine) -> None:
    code = (
        "import os, signal, sys; from dealflow.cli import errors, session\n"
        "session.load_settings = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT)\n"
        # A shell's background jobs begin with the signal ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from dealflow.cli.main import run; sys.exit(run(['people', 'check']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")


def test_an_argument_that_is_no_text_is_refused(cli: CommandLine) -> None:
    done = cli("deal", "show", os.fsdecode(b"d\xff1"), "--json")
    assert done.code == 2
    assert done.json["error"]["message"] == "word 3 of the command line is not text in the encoding of this system"


def test_json_is_utf_8_whatever_the_terminal_says(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", "华鑫 🚀")
    done = subprocess.run(
        [sys.executable, "-m", "dealflow", "deal", "show", "d1", "--home", str(cli.home), "--json"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        timeout=LONGEST_SECONDS,
        check=True,
    )
    assert json.loads(done.stdout.decode("utf-8"))["customer"]["name"] == "华鑫 🚀"


def test_a_terminal_that_cannot_show_a_name_gets_its_code(cli: CommandLine) -> None:
    cli.open("d1", "anna", "--customer", "华鑫")
    done = cli.apart("deal", "show", "d1", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "\\u534e\\u946b" in done.stdout
