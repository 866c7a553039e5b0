"""`dealflow token`, and who acts at the command line: by a token from the environment, or not at all where it is not good."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.domain.token import secret as s
from tests.cli.test_help import commands
from tests.cli.test_rights import ASKED
from tests.support.running.typed_commands import CONTACT, FOR_ANNA, FOR_BO, CommandLine
from tests.support.stores.databases import on_each_database

REASON = ("--reason", "r")
Given = Callable[[str | None], None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Sets the token that command lines come with; None: none."""

    def use(token: str | None) -> None:
        if token is None:
            monkeypatch.delenv("DEALFLOW_TOKEN", raising=False)
        else:
            monkeypatch.setenv("DEALFLOW_TOKEN", token)

    return use


def create(cli: CommandLine, *words: str) -> str:
    return str(cli.json("token", "create", *words)["token"])


@on_each_database
def test_who_comes_by_a_token_is_its_person_until_it_is_revoked(home: CommandLine, given: Given) -> None:
    assert home.json("token", "whoami")["user"] and home.json("token", "whoami")["actor"] == "me"
    token = create(home, "anna", "--label", "laptop")
    given(token)
    assert home.json("token", "whoami") == {
        "actor": "anna", "on_behalf_of": None, "role": "seller", "token": s.token_in(token), "only": [], "user": None,
    }  # fmt: skip
    home.done("deal", "open", "T", "--process", "standard-sale", "--owner", "anna", "--id", "d1")
    record = ("evidence", "record", "d1", "messenger_contact", *CONTACT, "--command-id", "once")
    home.done(*record)
    assert home("deal", "waive", "d1", "need_confirmed", *REASON, "--json").codes == ["own_deal"]
    assert home("deal", "list", *FOR_BO, "--json").codes == ["not_permitted"]
    successor = create(home)
    given(successor)
    assert home.json(*record)["repeated"], "by its successor it is the same person, and the same command"
    home.done("token", "revoke", str(s.token_in(token)), *REASON)
    given(token)
    assert home("deal", "list", "--json").codes == ["token_refused"]
    given(None)
    entries = home.json("deal", "history", "d1", *FOR_ANNA)["entries"]
    assert {(entry["actor"], entry["token"]) for entry in entries} == {("anna", s.token_in(token))}
    assert f"[anna by token {s.token_in(token)}]" in home.done("deal", "history", "d1", *FOR_ANNA)
    assert [(row["token_id"], row["state"]) for row in home.json("token", "list", "--all")["tokens"]] == [
        (s.token_in(successor), "holds"), (s.token_in(token), "revoked"),
    ]  # fmt: skip
    found = json.loads(home("doctor", "--deep", "--json").out)
    assert [each for each in found["deep"]["findings"] if each["check"] != "workflow"] == []


@pytest.mark.parametrize("name", ASKED)
def test_by_a_token_that_is_not_good_nothing_is_done_and_nobody_else_acts(
    cli: CommandLine, given: Given, tmp_path: Path, name: str
) -> None:
    given(s.token_text("7k2m9q4x", "A" * s.SECRET_LENGTH))
    done = cli(*name.split(), *[word.format(folder=tmp_path) for word in ASKED[name]], "--json")
    if name.startswith("import"):
        assert done.code in (1, 2)  # the mapping is not there
        return
    assert (done.code, done.codes) == (1, ["token_refused"]), done


@pytest.mark.parametrize(
    ("token", "wrong"),
    [
        ("", "it is empty; unset it"),
        (" ", "it is empty; unset it"),
        ("me", "it does not begin with dfl_pat_"),
        (s.token_text("7k2m9q4x", "A" * 43)[:-1] + "\u00e9", "mistyped"),
    ],
)
def test_a_token_that_is_none_is_told_as_such(cli: CommandLine, given: Given, token: str, wrong: str) -> None:
    given(token)
    done = cli("token", "whoami")
    assert done.code == 1 and wrong in done.err and "DEALFLOW_TOKEN" in done.err


def test_it_expires_by_the_clock_of_the_store(cli: CommandLine, given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        now = SystemClock().now() - timedelta(hours=2)
        earlier.setattr(SystemClock, "now", lambda _: now)
        token = create(cli, "anna", "--for", "1 hour")
        given(token)
        done = cli("deal", "list")
        assert done.code == 1 and "it expired on" in done.err, "a computer whose clock is set back keeps it no longer"


def test_it_may_stand_in_a_file_that_nobody_else_reads(
    cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text(create(cli, "anna") + "\n", encoding="ascii")
    monkeypatch.setenv("DEALFLOW_TOKEN_FILE", str(file))
    file.chmod(0o600)
    assert cli.json("token", "whoami")["actor"] == "anna"
    for mode in (0o640, 0o604, 0o660):
        file.chmod(mode)
        refused = cli("token", "whoami")
        assert refused.code == 1 and "others may read the file" in refused.err
    file.chmod(0o600)
    monkeypatch.setenv("DEALFLOW_TOKEN", "x")
    assert "unset one of them" in cli("token", "whoami").err
    monkeypatch.delenv("DEALFLOW_TOKEN")
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, wrong in (("none", "No such file"), (".", "Is a directory"), ("pipe", "it is no file")):
        monkeypatch.setenv("DEALFLOW_TOKEN_FILE", str(tmp_path / name))
        refused = cli("token", "whoami")
        assert (refused.code, wrong in refused.err) == (1, True), refused


def test_no_file_of_the_home_says_who_somebody_is(cli: CommandLine) -> None:
    (cli.home / "settings.toml").write_text("token = 'dfl_pat_x'\n", encoding="utf-8")
    refused = cli("token", "whoami")
    assert refused.code == 2 and "set DEALFLOW_TOKEN in the environment" in refused.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--only", "recrod_evidence"), 2, "did you mean 'record_evidence'"),
        (("--for", "30 days", "--without-end"), 2, "give one of --for, --until and --without-end"),
        (("--for", "400 days"), 1, "too far away"),
        (("--for", "soon"), 1, "is not a duration"),
        (("--until", "2020-01-01"), 1, "has passed already"),
        (("ana",), 1, "Did you mean 'anna'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(
    cli: CommandLine, words: tuple[str, ...], code: int, said: str
) -> None:
    done = cli("token", "create", *words)
    assert (done.code, said in done.err) == (code, True), done
    assert cli.json("token", "list")["total"] == 0


def test_a_table_of_tokens_fits_eighty_columns(cli: CommandLine) -> None:
    create(cli, "--label", "laptop", "--only", "open")
    create(cli, "--without-end")
    assert max(map(len, cli.done("token", "list", "--all").splitlines())) <= 80


def test_it_is_shown_once_and_stands_nowhere_else(
    cli: CommandLine, given: Given, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever is asked for by it, whatever is wrong with the line, and however much is logged."""
    monkeypatch.setenv("DEALFLOW_LOG_LEVEL", "debug")
    created = cli("token", "create", "--label", "l", "--command-id", "c1")
    token = next(line for line in created.out.splitlines() if line.startswith(s.PREFIX))
    secret = token[len(s.PREFIX) + s.ID_LENGTH + 1 :]
    assert (created.out + created.err).count(secret) == 1
    given(token)
    cli.open("d1", "anna")
    asked = [(*name.split(), *[word.format(folder=tmp_path) for word in ASKED[name]]) for name in ASKED]
    asked += [("token", "create", "--label", "l", "--command-id", "c1"), ("doctor",), ("people", "check")]
    for words in asked:
        for json_too in ((), ("--json",)):
            done = cli(*words, *json_too)
            assert secret[:20] not in done.out + done.err, words
    # Somebody writes it where it does not belong.
    for words in commands():
        for more in ((token,), ("--home", token), (f"--owner={token}",), (token[:40],), ("--json", token, token)):
            done = cli(*words, *more)
            assert secret[:20] not in done.out + done.err, (words, more)
            assert done.code == 2 and f"token revoke {token[8:16]}" in done.out + done.err
    done = cli("token", "revoke", secret, *REASON)
    assert done.code == 1 and secret[:20] not in done.out + done.err
    kept = b"".join(path.read_bytes() for path in cli.home.rglob("*") if path.is_file())
    assert secret.encode() not in kept and s.digest_of_token(token).encode() in kept


def test_two_people_who_choose_one_command_id_do_two_things_and_hear_nothing_of_one_another(cli: CommandLine) -> None:
    asked = ("deal", "open", "T", "--process", "standard-sale", "--command-id", "1")
    hers = cli.json(*asked, "--owner", "anna", *FOR_ANNA)
    others = cli.home / "people.yaml"
    me = others.read_text(encoding="utf-8")
    others.write_text(me.replace("id: me,", "id: you,"), encoding="utf-8")
    his = cli.json(*asked, "--owner", "ben", "--on-behalf-of", "ben")
    assert (his["repeated"], his["deal_id"] != hers["deal_id"]) == (False, True)
    others.write_text(me, encoding="utf-8")
    again = cli.json(*asked, "--owner", "anna", *FOR_ANNA)
    assert (again["repeated"], again["deal_id"]) == (True, hers["deal_id"])
