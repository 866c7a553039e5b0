"""`dealflow store seal`: a reason that would be dropped, and one in which nothing can be seen, are refused."""

import pytest

from tests.support.running.typed_commands import CommandLine


@pytest.mark.parametrize("words", [("--reason", "moved house"), ("--reason", "moved house", "--command-id", "r-1")])
def test_a_reason_that_nothing_would_keep_is_wrong_usage(cli: CommandLine, words: tuple[str, ...]) -> None:
    before = cli.json("store", "seal")
    done = cli("store", "seal", *words)
    assert (done.code, done.out) == (2, "")
    assert "--reason and --command-id go with --rotate or --anew" in done.err
    assert cli.json("store", "seal") == before


def test_a_reason_of_a_rotation_is_kept(cli: CommandLine) -> None:
    cli.open("d-1")
    cli.done("store", "seal", "--rotate", "--reason", "moved house")
    assert "moved house" in cli.done("store", "seal")


def test_a_reason_of_nothing_seals_nothing_anew(cli: CommandLine) -> None:
    cli.open("d-1")
    (cli.home / "seal.keys").unlink()
    done = cli("store", "seal", "--anew", "--reason", "\u200b")
    assert done.code == 1 and not done.out
    assert not (cli.home / "seal.keys").exists()
    cli.done("store", "seal", "--anew", "--reason", "the disk is gone")
