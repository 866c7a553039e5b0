"""`dealflow import xes` with attributes that the log does not have, and with a log that holds nothing."""

from pathlib import Path

import pytest

from tests.support.files.xes_files import SMALL, WON, log
from tests.support.running.typed_commands import CommandLine

WAYS = ((), ("--dry-run",))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "log.xes"
    path.write_text(log(WON), encoding="utf-8")
    return path


def assert_refused(bare: CommandLine, mapping: Path, file: Path, way: tuple[str, ...], said: str) -> None:
    result = bare("import", "xes", file, "--mapping", mapping, *way)
    assert (result.code, result.out) == (1, "")
    assert result.err.strip().endswith(said) and len(result.err.strip().splitlines()) == 1
    assert bare.json("inventory")["deals"] == 0
    assert not (bare.home / "imports").exists() and not (bare.home / "rejects").exists()


@pytest.mark.parametrize("way", WAYS)
def test_a_misspelled_time_is_one_message_before_anything_is_imported(
    bare: CommandLine, mapping: Path, file: Path, way: tuple[str, ...]
) -> None:
    mapping.write_text(SMALL.replace("  values:\n", "  at: time:timestmp\n  values:\n"), encoding="utf-8")
    assert_refused(bare, mapping, file, way, "did you mean 'time:timestamp'? [missing-attribute]")


@pytest.mark.parametrize("way", WAYS)
def test_a_log_that_holds_nothing_is_refused(
    bare: CommandLine, mapping: Path, file: Path, way: tuple[str, ...]
) -> None:
    file.write_text("<log/>", encoding="utf-8")
    assert_refused(bare, mapping, file, way, f"{file}:1:1: error: the log holds no event [no-events]")


@pytest.mark.parametrize("way", WAYS)
def test_a_misspelled_amount_is_listed_and_the_import_goes_on(
    bare: CommandLine, mapping: Path, file: Path, way: tuple[str, ...]
) -> None:
    mapping.write_text(SMALL.replace("amount: case:AMOUNT_REQ\n", "amount: case:AMOUNT_RQ\n"), encoding="utf-8")
    said = bare.done("import", "xes", file, "--mapping", mapping, *way)
    (line,) = [line.split() for line in said.splitlines() if "attribute" in line]
    assert line == ["attribute", "case:AMOUNT_RQ", "case:AMOUNT_REQ"]
    report = bare.json("import", "xes", file, "--mapping", mapping, *way)
    assert report["never_occur"][0] == {"activity": "attribute case:AMOUNT_RQ", "suggestion": "case:AMOUNT_REQ"}
