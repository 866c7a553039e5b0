"""`dealflow import xes`: what it prints, and that a bad file is one message, exit 1, and nothing written."""

import csv
import gzip
import os
from pathlib import Path

import pytest

from tests.support.files.xes_files import WON, event, log, trace
from tests.support.running.typed_commands import CommandLine

ANY = ("import", "xes", "--most-rejects", "99%")


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
    assert "Of the mapping, what never occurs in the log" in said and "Call+complete" in said
    assert bare.json("inventory")["deals"] == 0


def test_bad_events_go_to_a_file_and_strict_stops(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    file = written(tmp_path, log(WON, trace("C2", event("Apply", "2012-01-02T09:00:00Z"), event("Send", None))))
    strict = bare("import", "xes", file, "--mapping", mapping, "--strict", "--json")
    assert (strict.code, strict.json["strict_stop"], bare.json("inventory")["deals"]) == (1, True, 0)
    rejects = tmp_path / "rejects.csv"
    assert "the event has no time" in bare.done(*ANY, file, "--mapping", mapping, "--rejects", rejects)
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


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
@pytest.mark.parametrize("way", ["itself", "symlink", "hard link", "mapping"])
def test_rejects_never_replace_the_log_or_its_mapping(
    bare: CommandLine, mapping: Path, tmp_path: Path, more: tuple[str, ...], way: str
) -> None:
    file, other = written(tmp_path, log(WON, trace(None))), tmp_path / "other.csv"
    before = file.read_bytes(), mapping.read_bytes()
    if way == "symlink":
        other.symlink_to(file)
    elif way == "hard link":
        os.link(file, other)
    rejects = {"itself": file, "mapping": mapping}.get(way, other)
    result = bare("import", "xes", file, "--mapping", mapping, "--rejects", rejects, *more)
    assert (
        result.code == 2
        and f"--rejects {rejects}: this is the {'mapping' if way == 'mapping' else 'log'}" in result.err
    )
    assert (file.read_bytes(), mapping.read_bytes()) == before
    assert bare.json("inventory")["deals"] == 0
    assert not (bare.home / "imports").exists()


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_rejects_replace_a_file_of_rejects_and_no_other(
    bare: CommandLine, mapping: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    file, rejects = written(tmp_path, log(WON, trace(None))), tmp_path / "rejects.csv"
    words = (*ANY, file, "--mapping", mapping, "--rejects", rejects)
    for text in ("", "file,row\n", "my notes\n"):
        rejects.write_text(text)
        result = bare(*words, *more)
        assert result.code == 2 and f"--rejects {rejects}: it is there already and is no file of rejects" in result.err
        assert rejects.read_text() == text
    assert bare.json("inventory")["deals"] == 0
    rejects.unlink()
    for _ in range(2):
        bare.done(*words)
    bare.done(*words, *more)
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        assert [row["place"] for row in csv.DictReader(stream)] == ["trace 2"]


def test_rejects_never_replace_what_the_home_keeps(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    file = written(tmp_path, log(WON, trace(None)))
    bare.write_people()
    words = (*ANY, file, "--mapping", mapping, "--rejects")
    kept = {path: path.read_bytes() for path in bare.home.iterdir() if path.is_file()}
    assert bare.home / "people.yaml" in kept and any(path.suffix == ".sqlite" for path in kept)
    for path in [*kept, bare.home / "calendars.yaml", bare.home / "imports" / "small-log.json"]:
        result = bare(*words, path)
        assert result.code == 2 and f"--rejects {path}: " in result.err
    assert (bare.home / "people.yaml").read_bytes() == kept[bare.home / "people.yaml"]
    assert not (bare.home / "calendars.yaml").exists()
    assert bare.json("inventory")["deals"] == 0
    bare.done(*words, bare.home / "bad.csv")


def test_a_pipe_is_not_waited_for(bare: CommandLine, mapping: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = bare("import", "xes", written(tmp_path, log(WON)), "--mapping", mapping, "--rejects", pipe)
    assert result.code == 2 and "is no file of rejects" in result.err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder that root cannot write either")
@pytest.mark.parametrize("place", ["/proc/x/y.csv", "/proc/y.csv", "{}/a/b.csv", "{}/" + "n" * 300])
def test_a_place_that_cannot_be_written_is_found_before_the_first_deal(
    bare: CommandLine, mapping: Path, tmp_path: Path, place: str
) -> None:
    loop = tmp_path / "a"
    loop.symlink_to(loop)
    file = written(tmp_path, log(WON, trace(None)))
    rejects = place.format(tmp_path)
    result = bare("import", "xes", file, "--mapping", mapping, "--rejects", rejects, "--json")
    assert (result.code, result.codes) == (1, ["rejects"])
    assert bare.json("inventory")["deals"] == 0


def test_without_a_reject_nothing_is_left_where_they_would_have_stood(
    bare: CommandLine, mapping: Path, tmp_path: Path
) -> None:
    file, rejects = written(tmp_path, log(WON)), tmp_path / "new" / "rejects.csv"
    bare.done("import", "xes", file, "--mapping", mapping, "--rejects", rejects)
    assert not rejects.parent.exists()


def test_times_without_an_offset_are_those_of_the_zone_inside_fields_too(
    bare: CommandLine, mapping: Path, tmp_path: Path
) -> None:
    file = written(tmp_path, log(WON.replace(".000+01:00", "")))
    done = bare.json("import", "xes", file, "--mapping", mapping)
    assert (done["won"], done["rejected"]) == (1, 0)
    evidence = bare.json("deal", "show", "C1")["evidence"]
    fields = [fields for one in evidence if "received_at" in (fields := one["fields"])]
    assert [one["received_at"] for one in fields] == ["2012-01-05T08:00:00Z"]
