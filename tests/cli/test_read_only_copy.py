"""An auditor reads a copy that nobody may write: all readings say what the store says, and the copy stays as it is."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealflow.bootstrap import open_system
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, CommandLine

READINGS = (
    ("deal", "list", "--all"), ("deal", "show", "d1"), ("deal", "history", "d1"), ("deal", "next", "d1"), ("inventory",),
    ("stall", "list"), ("escalation", "list"), ("process", "list"), ("process", "show", "standard-sale"), ("people", "check"),
    ("deal", "show", "d1", "--as-of", "today"), ("inventory", "--as-of", "today"),
)  # fmt: skip


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    """Deals with personal evidence, and a board that has seen only the first."""
    cli.open("d1")
    cli.done("deal", "list")
    cli.done("evidence", "record", "d1", "messenger_contact", *CONTACT, *FOR_ANNA)
    cli.open("d2", "ben")
    return cli


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Where the copy is to be; it can be removed afterwards."""
    folder = tmp_path / "copy"
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)


def closed(home: Path, *, files: int = 0o444, folders: int = 0o555) -> dict[str, tuple[int, bytes]]:
    """Let nobody write there any more; what stands there."""
    for path in home.rglob("*"):
        path.chmod(folders if path.is_dir() else files)
    home.chmod(folders)
    return found(home)


def found(home: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its rights and its content."""
    return {
        str(path.relative_to(home)): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in home.rglob("*")
    }


def read(home: Path, capture: pytest.CaptureFixture[str]) -> list[object]:
    """What every reading says; each has to succeed."""
    documents = [CommandLine(home, capture).json(*words) for words in READINGS]
    # When it was asked, and where: these differ.
    return [{key: value for key, value in each.items() if key not in ("at", "file", "as_of")} for each in documents]


@pytest.mark.parametrize("rights", [{}, {"folders": 0o755}, {"files": 0o644}], ids=["both", "files", "folder"])
def test_every_reading_says_what_the_store_says_and_leaves_no_trace(
    filled: CommandLine, copy: Path, capsys: pytest.CaptureFixture[str], rights: dict[str, int]
) -> None:
    shutil.copytree(filled.home, copy)
    before = closed(copy, **rights)
    assert read(copy, capsys) == read(filled.home, capsys)
    assert found(copy) == before


def test_what_was_written_last_and_is_not_in_the_file_yet_is_read_too(
    filled: CommandLine, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_system(filled.settings()):
        filled.open("d3")
        shutil.copytree(filled.home, copy)
    assert (copy / "store.sqlite-wal").stat().st_size > 0
    before = closed(copy)
    assert [deal["deal_id"] for deal in CommandLine(copy, capsys).json("deal", "list")["deals"]] == ["d1", "d2", "d3"]
    assert read(copy, capsys) == read(filled.home, capsys)
    assert found(copy) == before


def test_doctor_looks_at_it(filled: CommandLine, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(filled.home, copy)
    before = closed(copy)
    said = CommandLine(copy, capsys)("doctor", "--json").json
    assert {problem["part"] for problem in said["problems"]} == {"keys", "temporal", "worker"}
    assert said["found"]["store"]["deals"] == 2
    assert found(copy) == before


def test_without_its_keys_it_is_read_but_for_what_they_open(
    filled: CommandLine, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(filled.home, copy)
    (copy / "keys.sqlite").unlink()
    before = closed(copy)
    assert "(key lost)" in CommandLine(copy, capsys).done("deal", "show", "d1", "--json")
    assert found(copy) == before


@pytest.mark.parametrize(
    "words",
    [
        ("activity", "record", "d1", "called", *FOR_ANNA),
        ("evidence", "record", "d2", "messenger_contact", *CONTACT, "--on-behalf-of", "ben"),
        ("deal", "open", "T", "--process", "standard-sale", "--owner", "anna", *FOR_ANNA),
    ],
)
def test_nothing_can_be_recorded_in_it(
    filled: CommandLine, copy: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    shutil.copytree(filled.home, copy)
    before = closed(copy)
    done = CommandLine(copy, capsys)(*words)
    assert (done.code, "you must be allowed to write the file and its folder" in done.err) == (3, True), done
    assert found(copy) == before
