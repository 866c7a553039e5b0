"""`dealflow store seal`: a reason that would be dropped, and one in which nothing can be seen, are refused."""

import pytest

from tests.support.running.typed_commands import CommandLine


@pytest.mark.parametrize("words", [(), ("--rotate",)])
def test_a_reason_that_nothing_would_keep_is_wrong_usage(cli: CommandLine, words: tuple[str, ...]) -> None:
    before = cli.json("store", "seal")
    done = cli("store", "seal", *words, "--reason", "moved house")
    assert (done.code, done.out) == (2, "") and "--reason goes with --anew only" in done.err
    assert cli.json("store", "seal") == before


def test_a_reason_of_nothing_seals_nothing_anew(cli: CommandLine) -> None:
    cli.open("d-1")
    (cli.home / "seal.keys").unlink()
    done = cli("store", "seal", "--anew", "--reason", "\u200b")
    assert done.code == 1 and not done.out
    assert not (cli.home / "seal.keys").exists()
    cli.done("store", "seal", "--anew", "--reason", "the disk is gone")
