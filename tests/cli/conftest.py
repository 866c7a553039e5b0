"""Command lines against a home of their own."""

from pathlib import Path

import pytest

from tests.support.paths import PROCESS_DEFS
from tests.support.typed_commands import CommandLine
from tests.support.xes_files import SMALL


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """An empty home: no store, no people."""
    home = tmp_path / "home"
    home.mkdir()
    return CommandLine(home, capsys)


@pytest.fixture
def cli(bare: CommandLine) -> CommandLine:
    """A home with people and the standard sale."""
    bare.write_people()
    bare.publish()
    return bare


@pytest.fixture
def mapping(bare: CommandLine, tmp_path: Path) -> Path:
    """The mapping of a small event log, with its process published."""
    bare.done("process", "publish", PROCESS_DEFS / "consumer-loan.yaml")
    path = tmp_path / "mapping.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path
