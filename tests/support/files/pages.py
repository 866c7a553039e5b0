"""The commands that a page of the documentation shows, in the order in which a reader types them.

A comment before a block says what a reader knows otherwise:

    <!-- not run: the reason -->      the block is not run here
    <!-- ends with 1 -->              how the block's last command ends, where that is not 0
    <!-- before: a command -->        what has to have happened, or has to run, before the block
    <!-- file: name -->               the block is a file of this name
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"^(?P<marks>(?:<!-- [^\n]* -->\n)*)```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_MARK = re.compile(r"<!-- (not run|ends with|before|file):? ([^\n]*) -->")
_HEREDOC = re.compile(r"<<'?(\w+)'?")


@dataclass(frozen=True, slots=True)
class Statement:
    """One command with what belongs to it, and the exit code that it has to end with."""

    text: str
    ends_with: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page with the marks before it."""

    line: int
    language: str
    text: str
    not_run: str | None = None
    file: str | None = None
    before: tuple[str, ...] = ()
    ends_with: int = 0

    def statements(self) -> Iterator[Statement]:
        """What a reader types, one after the other; only the last one may end otherwise than with 0."""
        for command in self.before:
            yield Statement(command)
        typed = list(_commands(self.text))
        for number, command in enumerate(typed, 1):
            yield Statement(command, self.ends_with if number == len(typed) else 0)


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page."""
    text = page.read_text(encoding="utf-8")
    return [_block(found, text.count("\n", 0, found.start("text"))) for found in _BLOCK.finditer(text)]


def _block(found: re.Match[str], line: int) -> Block:
    marks = _MARK.findall(found["marks"])
    said = dict(marks)
    return Block(
        line=line,
        language=found["language"],
        text=found["text"],
        not_run=said.get("not run"),
        file=said.get("file"),
        before=tuple(command for mark, command in marks if mark == "before"),
        ends_with=int(said.get("ends with", 0)),
    )


def _commands(text: str) -> Iterator[str]:
    """Line by line, but for continued lines and the text that a command reads."""
    lines = iter(text.splitlines())
    for line in lines:
        command = [line]
        while command[-1].endswith("\\"):
            command.append(next(lines))
        if ends := _HEREDOC.search(line):
            while command[-1] != ends[1]:
                command.append(next(lines))
        if line.strip() and not line.lstrip().startswith("#"):
            yield "\n".join(command)
