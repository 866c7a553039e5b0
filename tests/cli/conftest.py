"""Command lines against a home of their own."""

from pathlib import Path

import pytest

from tests.support.files.xes_files import SMALL
from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import CommandLine


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """An empty home: no store, no people."""
    home = tmp_path / "home"
    home.mkdir()
    return CommandLine(home, capsys)


@pytest.fixture
def cli(bare: CommandLine, prepared: PreparedHomes) -> CommandLine:
    """A home with people and the standard sale."""
    prepared.with_process("standard-sale", bare.home)
    bare.write_people()
    return bare


@pytest.fixture
def mapping(bare: CommandLine, prepared: PreparedHomes, tmp_path: Path) -> Path:
    """The mapping of a small event log, with its process published."""
    prepared.with_process("consumer-loan", bare.home)
    path = tmp_path / "mapping.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path
