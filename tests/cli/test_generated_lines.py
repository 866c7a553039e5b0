"""Command lines that nobody would think of: each ends in a sentence and an exit code, and tells nothing personal."""

import random
from pathlib import Path

import pytest

from dealflow.cli.main import every_command
from tests.support.generated.judged import Judged
from tests.support.generated.lines import Lines

SHARES = 20


def judged(folder: Path, seed: int, count: int) -> None:
    """No line of these may come to anything that is not allowed; a finding is shown with the seed that draws it again."""
    home = Judged(folder)
    found = list(home.findings(seed, count))
    assert not found, (seed, len(found), found[:3])
    # If most of them failed at the first word, nothing would have been tried.
    assert home.codes.get(0, 0) > count // 20, home.codes


def test_generated_lines_come_to_a_sentence(tmp_path: Path) -> None:
    judged(tmp_path, seed=random.randrange(10**9), count=300)


def test_every_command_that_ends_by_itself_is_drawn(tmp_path: Path) -> None:
    lines = Lines(1, tmp_path)
    drawn = {" ".join(lines.line().words) for _ in range(6_000)}
    names = {" ".join(words) for words, command in every_command() if not hasattr(command, "commands")}
    missing = {name for name in names if not any(line.startswith(name) for line in drawn)}
    assert missing == {"up", "demo", "worker", "relay"}


@pytest.mark.soak
@pytest.mark.parametrize("share", range(SHARES))
def test_a_hundred_thousand_generated_lines_come_to_a_sentence(tmp_path: Path, share: int) -> None:
    judged(tmp_path, seed=share, count=100_000 // SHARES)
