"""A home of the version before: its names are read, its keys get the store's id, and its commands are known again."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealflow.adapters.store import StoreParts, fingerprint_of, open_store
from dealflow.application.ports.store import KeysUnavailable
from dealflow.application.repeated import Asked, row_of
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Customer, DealAmended, DealOpened
from dealflow.domain.values.unreadable import ERASED, LOST
from dealflow.settings import Settings
from dealflow.upgrade import upgrade_store
from tests.support.files.lost_keys import KeysOf
from tests.support.paths import GOLDEN
from tests.support.stores.appends import append

# Made by the version before values named their key: sqlite3's `.dump` of both files.
STORE, KEYS = GOLDEN / "store-version-2.sql", GOLDEN / "keys-of-version-2.sql"
RECORDED = c.RecordEvidence(
    evidence_id="E-1",
    kind="messenger_contact",
    fields={"channel": "wechat", "phone": "+86 139 0000 1234", "added_on": "2026-11-24"},
    zone="UTC",
)
LATER = datetime(2027, 1, 4, tzinfo=UTC)


def restored(dump: Path, file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    restored(STORE, tmp_path / "store.sqlite")
    restored(KEYS, tmp_path / "keys.sqlite")
    return tmp_path


@pytest.fixture
def keys(home: Path) -> KeysOf:
    return KeysOf("", home / "keys.sqlite")


def opened(home: Path) -> StoreParts:
    """The store, brought up to date."""
    upgrade_store(Settings.load(home), lambda _done, _total: None, lambda _system: None)
    return open_store("", home, home / "keys.sqlite")


def names(parts: StoreParts) -> list[str | None]:
    facts = [event.fact for deal in ("d-1", "d-2") for event in parts.store.load(f"deal/{deal}")]
    return [fact.customer.name for fact in facts if isinstance(fact, DealOpened | DealAmended) and fact.customer]


def record(parts: StoreParts, name: str) -> None:
    version = len(parts.store.load("deal/d-1"))
    fact = DealAmended(effective_at=LATER, customer=Customer(id="c-1", name=name))
    parts.store.append([append("d-1", version, [fact], subject="c-1", at=LATER)])


def test_its_names_are_read_and_its_keys_go_on(home: Path, keys: KeysOf) -> None:
    parts = opened(home)
    assert names(parts) == ["Wang Lei", "Chen Mo"]
    assert keys.run("SELECT store_id FROM key_file") == [(parts.store_id,)]
    assert parts.keys.examine().problem is None
    again = opened(home)
    record(again, "Wang Lei again")
    assert names(again)[-2:] == ["Wang Lei again", "Chen Mo"]
    assert keys.run("SELECT COUNT(*) FROM keys WHERE subject = 'c-1'") == [(1,)]
    assert again.keys.destroy("c-1") == 1
    assert set(names(again)) == {ERASED, "Chen Mo"}


def test_a_command_of_then_is_known_again(home: Path, keys: KeysOf) -> None:
    other = RECORDED.model_copy(update={"fields": {**RECORDED.fields, "phone": "+86 139 0000 9999"}})
    assert (is_rec_1(home, RECORDED), is_rec_1(home, other)) == (True, False)
    keys.remove()
    assert is_rec_1(home, RECORDED)


def is_rec_1(home: Path, command: c.RecordEvidence) -> bool:
    """Whether this is what the command of that id asked for then."""
    parts = opened(home)
    envelope = c.Envelope(command_id="rec-1", deal_id="d-1", who=c.Who(actor="root"), commands=(command,))
    row = row_of(parts.store, "root", "rec-1")
    assert row is not None
    return Asked(envelope).is_of(row, fingerprint_of(parts.keys))


def test_a_store_that_is_upgraded_without_its_keys_takes_them_when_they_are_back(home: Path, keys: KeysOf) -> None:
    keys.keep("kept")
    keys.remove()
    parts = opened(home)
    assert names(parts) == [LOST, LOST]
    assert "are not there" in str(parts.keys.examine().problem)
    with pytest.raises(KeysUnavailable, match="are not there"):
        record(parts, "Wang")
    keys.put_back("kept")
    assert names(parts) == ["Wang Lei", "Chen Mo"]
    record(parts, "Wang")
    assert keys.run("SELECT store_id FROM key_file") == [(parts.store_id,)]


def test_keys_of_then_that_open_nothing_here_are_anothers(home: Path, keys: KeysOf) -> None:
    keys.run("UPDATE keys SET secret = ?", b"x" * 32)
    parts = opened(home)
    assert names(parts) == [LOST, LOST]
    assert "another store" in str(parts.keys.examine().problem)
    assert "another store" in str(parts.keys.upgrade())
    with pytest.raises(KeysUnavailable, match="another store"):
        record(parts, "Wang")
    assert keys.run("SELECT name FROM sqlite_master WHERE name = 'key_file'") == []


def test_a_name_that_two_keys_had_is_read_where_its_key_is_there(home: Path, keys: KeysOf) -> None:
    """The file was misplaced once, and the version before made second keys under the same names."""
    keys.run("UPDATE keys SET secret = ? WHERE subject = 'c-1'", b"x" * 32)
    parts = opened(home)
    parts.keys.upgrade()
    assert names(parts) == [LOST, "Chen Mo"]
    assert parts.keys.examine().missing == ("c-1",)
    parts.keys.rekey("c-1", "the first file is gone")
    record(parts, "Wang")
    assert names(opened(home)) == [LOST, "Wang", "Chen Mo"]


def test_a_process_of_then_that_runs_on_is_understood(home: Path, keys: KeysOf) -> None:
    """It finds keys by subject and number, and calls each as it always did."""
    parts = opened(home)
    parts.keys.upgrade()
    key = parts.keys.obtain(["c-3"])["c-3"]
    assert parts.keys.find(["c-3"])["c-3"].secret == key.secret
    keys.run("INSERT INTO keys VALUES ('c-4', 'c-4', 1, ?)", b"y" * 32)
    assert parts.keys.obtain(["c-4"])["c-4"].secret == b"y" * 32
    parts.keys.destroy("c-3")
    assert opened(home).keys.find(["c-3"])["c-3"].secret is None


def test_the_upgrade_of_the_store_is_that_of_its_keys(home: Path, keys: KeysOf) -> None:
    keys.keep("kept")
    keys.remove()
    assert "are not there" in str(
        upgrade_store(Settings.load(home), lambda _done, _total: None, lambda _system: None).keys
    )
    keys.put_back("kept")
    parts = open_store("", home, home / "keys.sqlite")
    assert parts.keys.upgrade() is None
    assert keys.run("SELECT store_id FROM key_file") == [(parts.store_id,)]


def test_a_home_of_then_is_brought_up_to_date_with_its_keys(home: Path, keys: KeysOf) -> None:
    assert upgrade_store(Settings.load(home), lambda _done, _total: None, lambda _system: None).keys == ""
    parts = open_store("", home, home / "keys.sqlite")
    assert keys.run("SELECT store_id FROM key_file") == [(parts.store_id,)]
    assert (names(parts), parts.keys.examine().kept) == (["Wang Lei", "Chen Mo"], 2)
