"""The keys of the seal: rotated, missing, older than the store, newer than it, damaged; what is written and what is said."""

from pathlib import Path

import pytest

from dealflow.adapters.store import StoreParts
from dealflow.application.audit.seal_checks import SealCheck
from dealflow.application.ports.store import StoreUnreachable
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT
from tests.support.stores.appends import append, notice, rotate, wants


def findings(parts: StoreParts) -> list[str]:
    return [one.says for one in SealCheck(parts.seals, parts.rows, page=2).check()]


def fill(parts: StoreParts, deal: str) -> None:
    """An append with everything beside it, and rows that change afterwards."""
    parts.store.append([append(deal, facts=2, command=deal, notices=[notice(deal)], schedule=wants(due_hours=1))])
    parts.schedule.signalled(deal, 2, AT)
    parts.outbox.delivered([deal], "mail", AT)


def keys(database: Database) -> Path:
    return database.home / "seal.keys"


def test_the_first_append_makes_the_first_key_for_its_owner_only(database: Database) -> None:
    parts = database.open()
    assert not keys(database).exists()
    parts.relay_lease.take("relay", 10)
    assert not keys(database).exists()
    fill(parts, "d-1")
    assert keys(database).stat().st_mode & 0o777 == 0o600
    assert findings(parts) == []
    secret = keys(database).read_text().split()[-1]
    assert all(secret not in str(row) for row in database.run("SELECT * FROM seals"))


def test_a_key_that_is_added_seals_from_then_on(database: Database) -> None:
    parts = database.open()
    fill(parts, "d-1")
    before = parts.sealing.state()
    rotate(parts)
    after = parts.sealing.state()
    fill(parts, "d-2")
    assert after.key_id != before.key_id and after.is_here
    used = [key for (key,) in database.run("SELECT key_id FROM seals ORDER BY number")]
    assert used == [before.key_id, after.key_id, after.key_id]
    assert findings(parts) == []
    other = database.open()
    fill(other, "d-3")
    assert findings(other) == []


def test_another_process_goes_on_with_a_key_that_was_added_meanwhile(database: Database) -> None:
    first, second = database.open(), database.open()
    fill(first, "d-1")
    fill(second, "d-2")
    rotate(second)
    fill(first, "d-3")
    assert findings(first) == findings(second) == []


def test_without_its_key_nothing_is_written_and_nothing_is_called_altered(database: Database) -> None:
    parts = database.open()
    fill(parts, "d-1")
    kept = keys(database).read_text()
    keys(database).unlink()
    again = database.open()
    with pytest.raises(StoreUnreachable, match=r"key \w{12} of the seal is not in .*seal.keys, so nothing is written"):
        again.store.append([append("d-2", command="d-2")])
    with pytest.raises(StoreUnreachable, match="DEALFLOW_SEAL_KEYS"):
        again.schedule.signalled("d-1", 2, AT)
    with pytest.raises(StoreUnreachable, match="dealflow store seal --anew"):
        rotate(again)
    assert again.store.load("deal/d-2") == [] and again.store.commands(["d-2"]) == []
    assert not keys(database).exists()
    said = findings(again)
    assert said and all("cannot be checked" in one for one in said)
    keys(database).write_text(kept)
    fill(again, "d-2")
    assert findings(again) == []


def test_an_older_key_file_writes_nothing_until_the_newer_one_is_back(database: Database) -> None:
    parts = database.open()
    fill(parts, "d-1")
    older = keys(database).read_text()
    rotate(parts)
    fill(parts, "d-2")
    newer = keys(database).read_text()
    keys(database).write_text(older)
    again = database.open()
    with pytest.raises(StoreUnreachable, match="so nothing is written"):
        again.store.append([append("d-3")])
    [one, *_] = findings(again)
    assert "cannot be checked" in one and all("altered" not in said for said in findings(again))
    keys(database).write_text(newer)
    assert findings(again) == []


def test_a_store_that_is_older_than_its_keys_goes_on_with_the_key_it_had(database: Database) -> None:
    parts = database.open()
    fill(parts, "d-1")
    had = parts.sealing.state().key_id
    rotate(parts)
    fill(parts, "d-2")
    written = {
        "seals": "number > 1",
        "stored_events": "originator_id = 'deal/d-2'",
        "commands": "command_id = 'd-2'",
        "notices": "key = 'd-2'",
        "deal_schedule": "deal_id = 'd-2'",
    }
    for table, column in written.items():
        database.run(f"DELETE FROM {table} WHERE {column}")
    restored = database.open()
    assert findings(restored) == []
    fill(restored, "d-3")
    assert restored.sealing.state().key_id == had
    assert findings(restored) == []


def test_a_key_that_is_lost_for_ever_is_replaced_and_the_store_is_sealed_as_it_stands(database: Database) -> None:
    parts = database.open()
    fill(parts, "d-1")
    lost = parts.sealing.state().key_id
    keys(database).unlink()
    again = database.open()
    state = again.sealing.begin_anew("its disk broke")
    assert state.key_id != lost and state.begun is not None and state.begun.reason == "its disk broke"
    fill(again, "d-2")
    assert findings(again) == []
    check = SealCheck(again.seals, again.rows)
    assert list(check.check()) == []
    assert check.sealed.since == state.begun.at and check.sealed.not_checked == 1
    database.run("DELETE FROM stored_events WHERE originator_id = 'deal/d-1' AND originator_version = 2")
    assert "event 2 of deal/d-1 is not there, and was sealed" in findings(again)


@pytest.mark.parametrize("line", ["abc", "abc 12", f"abc {'0' * 63}", f"abc {'x' * 64}", "é 00"])
def test_a_damaged_key_file_is_named_with_its_line(database: Database, line: str) -> None:
    parts = database.open()
    fill(parts, "d-1")
    kept = keys(database).read_text()
    keys(database).write_text(f"{line}\n{kept}")
    again = database.open()
    with pytest.raises(StoreUnreachable, match=r"seal.keys:1: this is no key of the seal"):
        again.store.append([append("d-2")])


def test_a_file_that_ends_amid_a_line_takes_another_key_all_the_same(database: Database) -> None:
    parts = database.open()
    fill(parts, "d-1")
    keys(database).write_text(keys(database).read_text().rstrip("\n"))
    rotate(parts)
    again = database.open()
    fill(again, "d-2")
    assert findings(again) == []


def test_what_changed_since_is_counted_as_not_provable(database: Database) -> None:
    parts = database.open()
    fill(parts, "d-1")
    check = SealCheck(parts.seals, parts.rows)
    assert list(check.check()) == []
    assert check.sealed.not_provable == {"schedule": 1, "notice": 1}
    assert check.sealed.seals == 1 and check.sealed.since is None
