"""Acts on the seal are on record with who, when and why, have one effect under one id, and say what they did."""

import json

from tests.support.running.typed_commands import CommandLine

ROTATE = ("store", "seal", "--rotate", "--reason", "wang has left", "--json")


def keys_of(cli: CommandLine) -> list[str]:
    lines = (cli.home / "seal.keys").read_text(encoding="ascii").splitlines()
    return [line.split()[0] for line in lines if not line.startswith("#")]


def found_in(cli: CommandLine) -> list[str]:
    """What the deep check finds; there is no Temporal here to compare with."""
    return [one["says"] for one in json.loads(cli("doctor", "--deep", "--json").out)["deep"]["findings"]]


def test_a_rotation_is_on_record_and_done_once(cli: CommandLine) -> None:
    before = keys_of(cli)
    first = cli.json(*ROTATE[:-1], "--command-id", "r-1")
    again = cli.json(*ROTATE[:-1], "--command-id", "r-1")
    assert (first["done"]["repeated"], again["done"]["repeated"]) == (False, True)
    assert keys_of(cli) == [*before, first["done"]["key"]]
    assert again["key"] == first["key"] == first["done"]["key"]
    [act] = again["acts"]
    assert (act["topic"], act["actor"], act["data"]["reason"]) == ("store.seal_rotated.v1", "me", "wang has left")
    refused = cli("store", "seal", "--rotate", "--reason", "another", "--command-id", "r-1", "--json")
    assert refused.codes == ["command_id_reused"] and keys_of(cli) == [*before, first["key"]]
    assert "Rotated: key" in cli.done("store", "seal", "--rotate")
    assert "wang has left" in cli.done("store", "seal")
    assert found_in(cli) == []


def test_a_rotation_that_was_cut_short_is_finished_by_the_same_command(cli: CommandLine) -> None:
    cli.json(*ROTATE[:-1], "--command-id", "r-1")
    key = keys_of(cli)[-1]
    assert cli.json(*ROTATE[:-1], "--command-id", "r-1")["key"] == key
    assert cli.json("store", "seal")["key"] == key


def test_a_new_beginning_is_on_record(cli: CommandLine) -> None:
    assert cli("store", "seal", "--anew", "--reason", "by mistake", "--json").codes == ["seal_stands"]
    (cli.home / "seal.keys").unlink()
    anew = ("store", "seal", "--anew", "--reason", "the disk is gone")
    done = cli.json(*anew, "--command-id", "a-1")
    assert cli.json(*anew, "--command-id", "a-1")["done"]["repeated"] is True
    assert [(act["topic"], act["data"]["key"]) for act in done["acts"]] == [("store.sealed_anew.v1", done["key"])]
    assert cli(*anew, "--json").codes == ["seal_stands"]
    assert found_in(cli) == []


def test_what_only_shows_takes_no_reason_and_no_id(cli: CommandLine) -> None:
    for words in (("--reason", "why"), ("--command-id", "x"), ("--rotate", "--anew"), ("--anew",)):
        assert cli("store", "seal", *words).code == 2
