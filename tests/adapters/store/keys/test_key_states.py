"""Keys that are missing, another store's, older than the store or damaged: what is read, what is refused, what is never made."""

import os
import stat

import pytest

from dealflow.adapters.store import StoreParts
from dealflow.application.ports.keys import NothingToRekey
from dealflow.application.ports.store import KeyMissing, KeysUnavailable
from dealflow.domain.deal.events import Customer, DealAmended
from dealflow.domain.values.unreadable import ERASED, LOST
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT
from tests.support.files.lost_keys import KeysOf
from tests.support.stores.appends import append, erasure

UNNAMED = Customer(id="c-1")


def named(name: str, customer: str = "c-1") -> DealAmended:
    return DealAmended(effective_at=AT, customer=Customer(id=customer, name=name))


def names(parts: StoreParts, deal: str = "d-1") -> list[str | None]:
    found = [each.fact for each in parts.store.load(f"deal/{deal}")]
    return [fact.customer.name for fact in found if isinstance(fact, DealAmended) and fact.customer]


def record(parts: StoreParts, deal: str, version: int, name: str, customer: str = "c-1") -> None:
    parts.store.append([append(deal, version, [named(name, customer)], subject=customer)])


def number_of_keys(database: Database) -> int:
    return int(database.run("SELECT COUNT(*) FROM personal_keys")[0][0])


@pytest.fixture
def keys(database: Database) -> KeysOf:
    """The keys of a store that has a name of one customer, after `kept` was copied with that one key in it."""
    with_name(database, "d-1", "Wang")
    found = KeysOf(database.url, database.home / "keys.sqlite")
    found.keep("kept")
    return found


def with_name(database: Database, deal: str, name: str, customer: str = "c-1") -> None:
    parts = database.open()
    record(parts, deal, 0, name, customer)
    parts.close()


def refuses_everything_personal(database: Database, says: str) -> StoreParts:
    """The store reads on without the names, takes in what is not personal, and makes no key."""
    before, events = number_of_keys(database), database.run("SELECT COUNT(*) FROM stored_events")
    parts = database.open()
    for customer in ("c-1", "c-new"):
        with pytest.raises(KeysUnavailable, match=says):
            record(parts, f"d-{customer}", 0, "Li", customer)
    assert number_of_keys(database) == before
    assert database.run("SELECT COUNT(*) FROM stored_events") == events
    unnamed = len(parts.store.load("deal/d-9"))
    parts.store.append([append("d-9", unnamed, [DealAmended(effective_at=AT, customer=UNNAMED, reason="x")])])
    assert names(parts) == [LOST]
    return parts


def test_without_its_keys_a_store_reads_and_records_all_that_is_not_personal(database: Database, keys: KeysOf) -> None:
    keys.remove()
    parts = refuses_everything_personal(database, "are not there")
    assert not keys.file.exists()
    assert "are not there" in str(parts.keys.examine().problem)
    keys.put_back("kept")
    again = database.open()
    assert names(again) == ["Wang"]
    record(again, "d-1", 1, "Li")
    assert names(again) == ["Wang", "Li"]
    assert again.keys.examine().problem is None


def test_keys_of_another_store_are_not_touched(database: Database, keys: KeysOf) -> None:
    keys.belong_to_another()
    before = keys.run("SELECT * FROM keys ORDER BY id")
    parts = refuses_everything_personal(database, "belong to another store")
    assert "another store" in str(parts.keys.examine().problem)
    with pytest.raises(KeysUnavailable, match="another store"):
        parts.keys.rekey("c-1", "the file is gone")
    assert keys.run("SELECT * FROM keys ORDER BY id") == before
    keys.put_back("kept")
    assert names(database.open()) == ["Wang"]


def test_a_file_of_keys_that_is_damaged_hinders_only_what_is_personal(database: Database, keys: KeysOf) -> None:
    if database.url:
        pytest.skip("PostgreSQL keeps keys in a schema of its own")
    keys.file.write_text("not a database, but long enough to look like one" * 100)
    parts = refuses_everything_personal(database, r"keys of personal data in .*keys.sqlite cannot be used")
    assert "put a backup in its place" in str(parts.keys.examine().problem)
    keys.file.write_bytes(b"")
    refuses_everything_personal(database, "are not there")


def test_a_key_that_older_keys_lack_hinders_its_own_customer_until_it_is_given_anew(
    database: Database, keys: KeysOf
) -> None:
    with_name(database, "d-2", "Chen", "c-2")
    keys.put_back("kept")
    parts = database.open()
    assert (names(parts), names(parts, "d-2")) == (["Wang"], [LOST])
    assert parts.keys.examine().missing == ("c-2",)
    with pytest.raises(KeyMissing, match="the key of c-2 is missing") as refused:
        record(parts, "d-2", 1, "Chen", "c-2")
    assert refused.value.subjects == ("c-2",)
    record(parts, "d-1", 1, "Li")
    record(parts, "d-3", 0, "New", "c-3")
    for subject in ("c-1", "nobody"):
        with pytest.raises(NothingToRekey):
            parts.keys.rekey(subject, "by mistake")
    parts.keys.rekey("c-2", "the backup is older than the customer")
    with pytest.raises(NothingToRekey):
        parts.keys.rekey("c-2", "again")
    record(parts, "d-2", 1, "Chen again", "c-2")
    assert names(database.open(), "d-2") == [LOST, "Chen again"]
    found = parts.keys.examine()
    assert (found.missing, found.lost) == ((), ("c-2",))
    assert database.run("SELECT reason FROM personal_keys WHERE reason <> ''") == [
        ("the backup is older than the customer",)
    ]


def test_where_all_keys_are_lost_for_good_each_customer_begins_anew(database: Database, keys: KeysOf) -> None:
    keys.remove()
    parts = database.open()
    parts.keys.rekey("c-1", "no backup")
    record(parts, "d-1", 1, "Li")
    record(parts, "d-2", 0, "New", "c-2")
    assert names(database.open()) == [LOST, "Li"]


@pytest.mark.parametrize("older", ["keys", "store"])
def test_an_erasure_stands_although_the_keys_or_the_store_were_put_back_as_before(
    database: Database, keys: KeysOf, older: str
) -> None:
    parts = database.open()
    assert parts.keys.destroy("c-1") == 1
    parts.store.append([erasure("c-1")])
    parts.close()
    if older == "keys":
        keys.put_back("kept")
        assert keys.run("SELECT COUNT(*) FROM keys WHERE secret IS NULL") == [(0,)]
    else:
        database.run("UPDATE personal_keys SET erased = 0")
    again = database.open()
    assert names(again) == [ERASED]
    assert keys.run("SELECT COUNT(*) FROM keys WHERE secret IS NOT NULL") == [(0,)]
    assert database.run("SELECT erased FROM personal_keys") == [(1,)]
    record(again, "d-1", 1, "After")
    assert names(again) == [ERASED, "After"]
    assert again.keys.examine().erased == 1


def test_who_is_erased_while_the_keys_are_away_stays_erased_when_they_are_back(
    database: Database, keys: KeysOf
) -> None:
    keys.remove()
    parts = database.open()
    assert parts.keys.destroy("c-1") == 1
    parts.store.append([erasure("c-1")])
    assert names(parts) == [ERASED]
    keys.put_back("kept")
    assert names(database.open()) == [ERASED]
    assert keys.run("SELECT secret FROM keys") == [(None,)]


NOTES: dict[str, str] = {
    "one customer": "UPDATE personal_keys SET erased = 1 WHERE subject = 'c-1'",
    "everybody": "UPDATE personal_keys SET erased = 1",
    "said to be an erased one's": "UPDATE personal_keys SET erased = 1, subject = 'c-2', number = 7 WHERE subject = 'c-1'",
    "numbered anew": "UPDATE personal_keys SET erased = 1, number = 9",
}


@pytest.mark.parametrize("note", NOTES)
def test_a_row_alone_destroys_no_key(database: Database, keys: KeysOf, note: str) -> None:
    with_name(database, "d-2", "Chen", "c-2")
    parts = database.open()
    parts.keys.destroy("c-2")
    parts.store.append([erasure("c-2")])
    before = keys.run("SELECT * FROM keys ORDER BY id")
    database.run(NOTES[note])
    again = database.open()
    assert names(again) == ["Wang"]
    assert again.keys.examine().doubtful == ("c-1",)
    assert keys.run("SELECT * FROM keys ORDER BY id") == before
    if note in ("one customer", "everybody"):
        record(again, "d-1", 1, "Li")
        record(parts, "d-1", 2, "Chen")
        assert names(database.open()) == ["Wang", "Li", "Chen"]
        assert keys.run("SELECT * FROM keys ORDER BY id") == before


def test_an_erasure_that_dealflow_has_not_written_destroys_no_key(database: Database, keys: KeysOf) -> None:
    parts = database.open()
    parts.store.append([erasure("c-3")])
    # With the right digest of its predecessor, and for a customer who has one value.
    database.run("UPDATE personal_keys SET erased = 1")
    database.run("UPDATE stored_events SET originator_id = 'customer/c-1' WHERE originator_id = 'customer/c-3'")
    assert names(database.open()) == ["Wang"]
    assert keys.run("SELECT COUNT(*) FROM keys WHERE secret IS NULL") == [(0,)]


def test_who_came_back_after_an_erasure_keeps_their_key_whatever_a_row_says(database: Database, keys: KeysOf) -> None:
    parts = database.open()
    parts.keys.destroy("c-1")
    parts.store.append([erasure("c-1")])
    record(parts, "d-1", 1, "After")
    database.run("UPDATE personal_keys SET erased = 1")
    assert names(database.open()) == [ERASED, "After"]
    assert keys.run("SELECT COUNT(*) FROM keys WHERE secret IS NOT NULL") == [(1,)]


def test_a_secret_that_is_not_that_of_its_id_is_not_used(database: Database, keys: KeysOf) -> None:
    keys.run("UPDATE keys SET secret = ?", b"x" * 32)
    parts = database.open()
    assert names(parts) == [LOST]
    with pytest.raises(KeyMissing):
        record(parts, "d-1", 1, "Li")
    assert parts.keys.examine().missing == ("c-1",)


def test_a_process_that_runs_on_sees_that_the_file_was_taken_away_and_put_back(
    database: Database, keys: KeysOf
) -> None:
    if database.url:
        pytest.skip("PostgreSQL keeps keys in a schema of its own")
    parts = database.open()
    assert names(parts) == ["Wang"]
    keys.remove()
    assert names(parts) == [LOST]
    with pytest.raises(KeysUnavailable, match="are not there"):
        record(parts, "d-1", 1, "Li")
    keys.put_back("kept")
    assert names(parts) == ["Wang"]
    record(parts, "d-1", 1, "Li")
    assert names(database.open()) == ["Wang", "Li"]


def test_a_file_that_was_put_back_is_made_its_owners_alone(database: Database, keys: KeysOf) -> None:
    if database.url:
        pytest.skip("PostgreSQL keeps keys in a schema of its own")
    keys.file.chmod(0o644)
    database.open().keys.examine()
    assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600


def test_keys_are_read_where_nothing_may_be_written(database: Database, keys: KeysOf) -> None:
    if database.url or os.geteuid() == 0:
        pytest.skip("PostgreSQL keeps keys in a schema of its own, and root may write to any file")
    keys.file.chmod(0o400)
    parts = database.open()
    assert names(parts) == ["Wang"]


def test_no_key_and_no_file_is_made_by_looking(database: Database) -> None:
    parts = database.open()
    parts.store.append([append("d-1", 0)])
    parts.keys.examine()
    parts.keys.upgrade()
    if not database.url:
        assert [path.name for path in database.home.glob("keys*")] == []
    assert number_of_keys(database) == 0
