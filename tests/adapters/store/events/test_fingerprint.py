"""What of a command is personal is told by a digest under its customer's key: of no use without it, and gone with it."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealflow.adapters.store import StoreParts, fingerprint_of, open_store
from dealflow.application.ports.store import CommandRow, command_key
from dealflow.application.repeated import Asked
from dealflow.domain.deal import commands as c
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT, EXAMPLES, PHONE
from tests.support.files.lost_keys import KeysOf
from tests.support.stores.appends import append

EVIDENCE = EXAMPLES["deal.evidence_recorded.v1"]


def asked(phone: str = PHONE, note: str = "he called") -> c.Envelope:
    command = c.RecordEvidence(evidence_id="E-1", kind="payment", fields={"phone": phone}, observed_at=AT, note=note)
    return c.Envelope(command_id="cmd-1", deal_id="d-1", who=c.Who(actor="anna"), commands=(command,))


@pytest.fixture
def parts(database: Database) -> Iterator[StoreParts]:
    """A store in which the command was carried out for the customer c-1."""
    opened = database.open()
    row = Asked(asked()).row("{}", [EVIDENCE])
    one = append("d-1", 0, [EVIDENCE], subject="c-1")
    opened.store.append([type(one)(one.stream, one.version, one.facts, one.subject, command=row)])
    yield opened
    opened.close()


def is_same(parts: StoreParts, envelope: c.Envelope) -> bool:
    [row] = parts.store.commands([command_key("anna", "cmd-1")])
    return Asked(envelope).is_of(row, fingerprint_of(parts.keys))


def test_the_same_is_known_again_and_another_value_is_not_the_same(database: Database, parts: StoreParts) -> None:
    for opened in (parts, database.open()):
        assert is_same(opened, asked())
        assert not is_same(opened, asked(phone="+86 139 1111 1111"))
        assert not is_same(opened, asked(note="he wrote"))


def test_the_row_has_nothing_from_which_the_value_could_be_guessed(database: Database, parts: StoreParts) -> None:
    other = Asked(asked(phone="+86 139 1111 1111")).row("{}", [EVIDENCE])
    [kept] = parts.store.commands([command_key("anna", "cmd-1")])
    content = json.loads(kept.content)
    assert content["rest"] == json.loads(other.content)["rest"]
    assert set(content) == {"rest", "personal", "key", "digest"}
    assert kept.personal == ""
    [(stored,)] = database.run("SELECT content FROM commands")
    assert PHONE not in stored


@pytest.mark.parametrize("gone", ["erased", "away"])
def test_without_the_key_the_rest_decides(database: Database, parts: StoreParts, gone: str) -> None:
    if gone == "erased":
        parts.keys.destroy("c-1")
    elif database.url:
        database.run("DROP SCHEMA dealflow_keys CASCADE")
    else:
        (database.home / "keys.sqlite").unlink()
    for phone in (PHONE, "+86 139 1111 1111"):
        assert is_same(parts, asked(phone=phone))
    assert not is_same(parts, asked(note="he wrote"))


def test_a_command_of_the_version_before_is_known_as_long_as_its_key_is_there(tmp_path: Path) -> None:
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    secret = b"s" * 32
    may_differ = dict.fromkeys(("command_id", "correlation_id", "cause", "read_as"), True)
    text = asked().model_dump_json(exclude={**may_differ, "who": {"by"}})
    row = CommandRow("cmd-1", hmac.new(secret, text.encode(), hashlib.sha256).hexdigest(), "{}")
    keyed = fingerprint_of(parts.keys)
    assert Asked(asked(note="he wrote")).is_of(row, keyed), "nothing is left that could be compared"
    parts.keys.obtain(["c-1"])
    parts.close()
    # As the version before kept it in the file of keys.
    kept = KeysOf("", tmp_path / "keys.sqlite")
    kept.run("INSERT INTO keys VALUES ('dealflow/commands', 'dealflow/commands', 1, ?)", secret)
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    keyed = fingerprint_of(parts.keys)
    assert Asked(asked()).is_of(row, keyed)
    assert not Asked(asked(note="he wrote")).is_of(row, keyed)
    parts.close()


def test_a_row_that_was_damaged_is_of_no_command(parts: StoreParts) -> None:
    for content in ("", "{", "[]", '{"rest": 1}', '{"personal": 3, "rest": ""}'):
        assert not Asked(asked()).is_of(CommandRow("cmd-1", content, "{}"), fingerprint_of(parts.keys))
