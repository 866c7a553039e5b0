"""What README and docs show can be typed: every command runs, in order, in a folder like the reader's."""

import gzip
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from time import monotonic, sleep

import pytest

from tests.support.files.pages import Block, Statement, blocks
from tests.support.files.xes_files import event, log, trace
from tests.support.paths import ROOT
from tests.support.running.command_line import Terminal, Up

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = {page.relative_to(ROOT).as_posix(): blocks(page) for page in PAGES}
RUN = [name for name, found in SHOWN.items() if any(block.language == "sh" and not block.not_run for block in found)]
# Pages that go on from the first blocks of another, as they say.
GOES_ON = {"docs/history.md": ("docs/first-deal.md", "## 4."), "docs/rights.md": ("docs/first-deal.md", "## 3.")}
# What waits for a worker or a deadline is asked again; a command that is refused changes nothing.
PATIENCE_SECONDS = 90.0


class Reader:
    """Somebody in a shell of the cloned folder, with `dealflow up` in another terminal where a page says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.terminal = Terminal(folder / ".dealflow")
        del self.terminal.environment["DEALFLOW_HOME"]
        programs = os.pathsep.join([str(Path(sys.executable).parent), self.terminal.environment["PATH"]])
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env={**self.terminal.environment, "PATH": programs},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._up: Up | None = None

    def types(self, statement: Statement) -> None:
        """Carry it out; assert that it ends as it should, soon or when the worker has done its part."""
        words = shlex.split(statement.text, comments=True) if "<<" not in statement.text else []
        if words[:2] in (["dealflow", "up"], [".venv/bin/dealflow", "up"]):
            self._starts(words[2:])
            return
        ends = monotonic() + (PATIENCE_SECONDS if self._up else 0)
        while (ended := self._carried_out(statement.text)) != statement.ends_with and monotonic() < ends:
            sleep(1)
        assert ended == statement.ends_with, f"{statement.text}\nended with {ended}:\n{self._said.read_text('utf-8')}"

    def leaves(self) -> None:
        """End the shell and what was started."""
        if self._up:
            self._up.clean_up()
        self._shell.communicate(timeout=30)

    @property
    def _said(self) -> Path:
        return self.folder / "said.txt"

    def _carried_out(self, command: str) -> int:
        typed = self.folder / "typed.sh"
        typed.write_text(command + "\n", encoding="utf-8")
        assert self._shell.stdin is not None and self._shell.stdout is not None
        self._shell.stdin.write(f"source {typed} > {self._said} 2>&1 < /dev/null; echo $?\n")
        self._shell.stdin.flush()
        return int(self._shell.stdout.readline())

    def _starts(self, words: list[str]) -> None:
        if self._up:
            self._up.clean_up()
        home = Path(words[words.index("--home") + 1]) if "--home" in words else Path(".dealflow")
        self.terminal.home = self.folder / home
        self.terminal.environment["DEALFLOW_HOME"] = str(self.terminal.home)
        self._up = Up(self.terminal)
        self._up.wait_until_ready()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """In a folder with what the repository has for a reader; of the large example a small part."""
    for name in ("process_defs", "examples"):
        copytree(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    table = tmp_path / "examples" / "maven-crm" / "sales_pipeline.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines[150:] if line.startswith(("UP409DSB", "NL3JZH1Z"))]
    table.write_text("".join([*lines[:150], *kept]), encoding="utf-8")
    day = "2012-01-0{}T09:00:00+01:00"
    names = ("A_SUBMITTED", "O_SENT", "O_SENT_BACK", "O_ACCEPTED", "A_ACTIVATED")
    loan = trace("L1", *(event(name, day.format(number)) for number, name in enumerate(names, 2)), amount="9000")
    with gzip.open(tmp_path / "loans.xes.gz", "wt", encoding="utf-8") as file:
        file.write(log(loan))
    reader = Reader(tmp_path)
    yield reader
    reader.leaves()


@pytest.mark.docs
@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_the_commands_of_a_page_run_in_their_order(page: str, reader: Reader) -> None:
    for block in SHOWN[page]:
        if block.file:
            (reader.folder / block.file).write_text(block.text, encoding="utf-8")
    if page in GOES_ON:
        other, until = GOES_ON[page]
        last = (ROOT / other).read_text(encoding="utf-8").split(f"\n{until}")[0].count("\n")
        _types(reader, (block for block in SHOWN[other] if block.line < last))
    _types(reader, SHOWN[page])


def _types(reader: Reader, found: Iterator[Block] | list[Block]) -> None:
    for block in found:
        if block.language == "sh" and not block.not_run:
            for statement in block.statements():
                reader.types(statement)


def test_every_block_says_what_it_is_and_each_one_that_is_not_run_says_why() -> None:
    languages = {"sh", "text", "yaml", "python", "mermaid"}
    for page, found in SHOWN.items():
        fences = (ROOT / page).read_text(encoding="utf-8").count("\n```")
        assert fences == 2 * len(found), f"{page}: a block that is not understood"
        for block in found:
            assert block.language in languages, f"{page}:{block.line} has no language"
            assert block.not_run is None or len(block.not_run.split()) >= 3, f"{page}:{block.line}"
