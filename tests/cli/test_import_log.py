"""`dealflow import xes`: what it prints, and that a bad file is one message, exit 1, and nothing written."""

import gzip
from pathlib import Path

import pytest

from tests.support.typed_commands import CommandLine
from tests.support.xes_files import WON, event, log, trace


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "log.xes.gz"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_log_is_imported_and_again_nothing_changes(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    file = written(tmp_path, gzip.compress(log(WON).encode()))
    first = bare.json("import", "xes", file, "--mapping", mapping)
    assert (first["new"], first["won"], first["traces_read"], first["events_read"]) == (1, 1, 1, 5)
    assert first["never_occur"][0] == {"activity": "Decline", "suggestion": None}
    again = bare.json("import", "xes", file, "--mapping", mapping)
    assert (again["unchanged"], again["events"]) == (1, 0)
    assert bare.json("inventory", "--as-of", "2012-03-15")["ever_reached"]["offer_accepted"] == 1


def test_a_dry_run_writes_nothing_and_tells_what_never_occurs(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    said = bare.done("import", "xes", written(tmp_path, log(WON)), "--mapping", mapping, "--dry-run")
    assert "nothing was written" in said
    assert "Activities of the mapping that never occur" in said and "Call+complete" in said
    assert bare.json("inventory")["deals"] == 0


def test_bad_events_go_to_a_file_and_strict_stops(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    file = written(tmp_path, log(WON, trace("C2", event("Apply", "2012-01-02T09:00:00Z"), event("Send", None))))
    strict = bare("import", "xes", file, "--mapping", mapping, "--strict", "--json")
    assert (strict.code, strict.json["strict_stop"], bare.json("inventory")["deals"]) == (1, True, 0)
    rejects = tmp_path / "rejects.csv"
    assert "the event has no time" in bare.done("import", "xes", file, "--mapping", mapping, "--rejects", rejects)
    assert "trace 2, event 2" in rejects.read_text(encoding="utf-8-sig")
    assert bare.json("inventory")["deals"] == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(log(WON).encode())[:-9], "truncated"),
        (log(WON).replace("</event>", "", 1), "not-well-formed"),
        ("<!DOCTYPE log [<!ENTITY a 'x'>]><log/>", "refused"),
        (log(trace("C1", event("Aply", "2012-01-02T09:00:00Z"))), "never-occurs"),
    ],
)
def test_a_broken_log_is_refused_with_its_place(
    bare: CommandLine, mapping: Path, tmp_path: Path, content: str | bytes, code: str
) -> None:
    result = bare("import", "xes", written(tmp_path, content), "--mapping", mapping, "--json")
    assert (result.code, result.codes[0]) == (1, code)
    file = mapping if code == "never-occurs" else tmp_path / "log.xes.gz"
    assert result.json["refused"][0]["place"].startswith(f"{file}:")
    assert bare.json("inventory")["deals"] == 0
    assert not (bare.home / "imports").exists()
