"""Command lines against a home of their own."""

from pathlib import Path

import pytest

from tests.support.typed_commands import CommandLine


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
