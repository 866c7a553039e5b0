"""`dealflow import xes --live`: what it prints and its exit codes; here no worker runs, so facts are recorded and wait."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import eventually
from tests.support.typed_commands import CommandLine
from tests.support.xes_files import SMALL, WON, event, log, trace

NO_CLAIM = SMALL.replace("Pay: [{milestone: activated}, {outcome: won}]", "Pay: [{milestone: activated}]")
GOES_ON = WON.replace("</trace>", event("Call", "2012-01-20T09:00:00Z") + "</trace>")


def written(folder: Path, content: str) -> Path:
    path = folder / "log.xes"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_feed_records_every_fact_now_and_says_what_waits_for_a_worker(
    bare: CommandLine, mapping: Path, tmp_path: Path
) -> None:
    said = bare.done("import", "xes", written(tmp_path, log(WON)), "--mapping", mapping, "--live")
    for line in ("Commands given 4 of 4", "Facts told 7", "Won 1", "1 deals have a wake"):
        assert line in " ".join(said.split())
    deal = bare.json("deal", "show", "C1")
    assert (deal["outcome"], deal["in_progress"]) == ("won", False)
    history = bare.json("deal", "history", "C1")["entries"]
    assert all(entry["effective_at"] > "2026" for entry in history)
    assert {entry["cause"] for entry in history} == {"feed"}


def test_fed_again_nothing_changes(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    words = ("import", "xes", written(tmp_path, log(WON)), "--mapping", mapping, "--live")
    first = bare.json(*words)
    assert (first["new"], first["won"], first["commands"], first["told"], first["waiting"]) == (1, 1, 4, 7, 1)
    assert (first["traces_read"], first["events_read"], first["never_occur"][0]["activity"]) == (1, 5, "Decline")
    again = bare.json(*words)
    assert (again["unchanged"], again["commands"], again["events"]) == (1, 0, 0)
    assert bare.json(*words[:-1])["unchanged"] == 1  # imported after it was fed


def test_rejects_have_their_place_and_strict_stops(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    file, rejects = written(tmp_path, log(WON, trace(None))), tmp_path / "rejects.csv"
    words = ("import", "xes", file, "--mapping", mapping, "--live", "--rejects", rejects)
    strict = bare(*words, "--strict", "--json")
    assert (strict.code, strict.json["strict_stop"], bare.json("inventory")["deals"]) == (1, True, 0)
    assert "the deal has no id" in bare.done(*words)
    assert "trace 2" in rejects.read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_what_must_come_after_a_transition_is_left_and_the_exit_code_is_3(
    bare: CommandLine, mapping: Path, tmp_path: Path
) -> None:
    mapping.write_text(NO_CLAIM, encoding="utf-8")
    left = bare("import", "xes", written(tmp_path, log(GOES_ON)), "--mapping", mapping, "--live", "--json")
    assert (left.code, left.json["left"], left.json["commands_left"]) == (3, 1, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--rate", "5"), "--live"),
        (("--live", "--rate", "0"), "above 0"),
        (("--live", "--rate", "nan"), "above 0"),
        (("--live", "--rate", "quick"), "--rate"),
        (("--live", "--dry-run"), "--dry-run"),
        (("--live", "--shift-to-today"), "--shift-to-today"),
    ],
)
def test_options_that_make_no_sense_together_are_wrong_usage(
    bare: CommandLine, mapping: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    result = bare("import", "xes", written(tmp_path, log(WON)), "--mapping", mapping, *words)
    assert result.code == 2 and said in result.err
    assert bare.json("inventory")["deals"] == 0


def test_tables_are_not_fed_live(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    result = bare("import", "crm-csv", tmp_path, "--mapping", mapping, "--live")
    assert result.code == 2 and "--live" in result.err


def test_a_log_that_is_broken_anywhere_is_not_begun(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    file = written(tmp_path, log(WON).replace("</log>", "<trace>"))
    result = bare("import", "xes", file, "--mapping", mapping, "--live", "--json")
    assert (result.code, result.codes) == (1, ["not-well-formed"])
    assert bare.json("inventory")["deals"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_between_two_commands_and_the_same_words_go_on(
    bare: CommandLine, mapping: Path, tmp_path: Path, sign: signal.Signals
) -> None:
    traces = [WON.replace('"C1"', f'"C{number}"') for number in range(1, 21)]
    words = ["import", "xes", str(written(tmp_path, log(*traces))), "--mapping", str(mapping), "--live"]
    command = [sys.executable, "-m", "dealflow", *words, "--home", str(bare.home), "--rate", "20"]
    feeding = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    assert eventually(lambda: bare.json("inventory")["deals"] > 3)
    feeding.send_signal(sign)
    out, err = feeding.communicate(timeout=30)
    assert feeding.returncode == 130, out + err
    assert "The same command line goes on from here" in out and "Traceback" not in out + err
    again = bare.json(*words)
    assert (again["deals"], again["won"], again["rejected"], again["repeated"]) == (20, 20, 0, 0)
    assert again["commands_in_all"] == again["commands"] < 80
