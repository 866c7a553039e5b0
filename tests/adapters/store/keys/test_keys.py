"""Keys of personal data: one per subject, apart from the events, gone for good when destroyed."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from dealflow.adapters.store import StoreParts
from dealflow.adapters.store.keys.ring import Keys
from dealflow.domain.deal.events import Customer, DealAmended
from dealflow.domain.values.unreadable import ERASED
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT
from tests.support.stores.appends import append


def named(name: str, customer: str = "c-1") -> DealAmended:
    return DealAmended(effective_at=AT, customer=Customer(id=customer, name=name))


def names(parts: StoreParts, stream: str = "deal/d-1") -> list[str | None]:
    found = [each.fact for each in parts.store.load(stream)]
    return [fact.customer.name for fact in found if isinstance(fact, DealAmended) and fact.customer]


def test_a_subject_keeps_its_key(database: Database) -> None:
    first = database.open().keys.obtain(["c-1", "c-2"])
    again = database.open().keys.obtain(["c-2", "c-1"])
    assert first == again
    assert first["c-1"].secret != first["c-2"].secret
    assert all(key.secret and len(key.secret) == 32 for key in first.values())


def test_of_many_who_need_a_new_key_all_get_the_same(database: Database) -> None:
    stores = [database.open() for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: stores[n % 4].keys.obtain([f"c-{m}" for m in range(20)]), range(16)))
    assert all(keys == found[0] for keys in found)


def test_a_destroyed_key_erases_every_value_and_no_event(database: Database) -> None:
    parts = database.open()
    parts.store.append(
        [append("d-1", 0, [named("张伟"), named("Zhang")]), append("d-2", 0, [named("x")], subject="c-2")]
    )
    before = database.run("SELECT state FROM stored_events ORDER BY originator_id, originator_version")
    assert parts.keys.destroy("c-1") == 1
    assert names(parts) == [ERASED, ERASED]
    assert names(parts, "deal/d-2") == ["x"]
    assert [logged.recorded.stream for logged in parts.store.log(0, 10)] == ["deal/d-1", "deal/d-1", "deal/d-2"]
    assert names(database.open()) == [ERASED, ERASED]
    assert database.run("SELECT state FROM stored_events ORDER BY originator_id, originator_version") == before
    assert parts.keys.destroy("c-1") == 0
    assert parts.keys.destroy("nobody") == 0


def test_what_is_recorded_after_an_erasure_has_a_key_of_its_own(database: Database) -> None:
    parts = database.open()
    parts.store.append([append("d-1", 0, [named("before")])])
    parts.keys.destroy("c-1")
    parts.store.append([append("d-1", 1, [named("after")])])
    assert names(parts) == [ERASED, "after"]
    assert parts.keys.destroy("c-1") == 1
    assert names(parts) == [ERASED, ERASED]


def test_a_subject_that_is_called_like_anothers_second_key_has_a_key_of_its_own(database: Database) -> None:
    keys = database.open().keys
    first = keys.obtain(["c-1#2", "c-1"])
    keys.destroy("c-1")
    second = keys.obtain(["c-1"])["c-1"]
    assert second.secret and second.secret != first["c-1#2"].secret
    assert keys.obtain(["c-1#2"]) == {"c-1#2": first["c-1#2"]}
    assert keys.find([first["c-1#2"].id, second.id]) == {key.id: key for key in (first["c-1#2"], second)}


def test_another_process_never_writes_with_a_destroyed_key(database: Database) -> None:
    here, there = database.open(), database.open()
    here.store.append([append("d-1", 0, [named("before")])])
    assert names(here) == ["before"]
    there.keys.destroy("c-1")
    here.store.append([append("d-1", 1, [named("after")])])
    assert names(database.open()) == [ERASED, "after"]


def test_the_file_of_keys_is_its_owners_alone_and_forgets_what_was_destroyed(database: Database) -> None:
    if database.url:
        pytest.skip("PostgreSQL keeps keys in a schema of its own")
    keys = database.open().keys
    secret = keys.obtain(["c-1"])["c-1"].secret
    file = database.home / "keys.sqlite"
    assert secret is not None
    assert secret in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((database.home / "store.sqlite").stat().st_mode) == 0o600
    assert stat.S_IMODE(database.home.stat().st_mode) == 0o700
    assert secret not in (database.home / "store.sqlite").read_bytes()
    keys.destroy("c-1")
    assert [path.name for path in database.home.iterdir() if secret in path.read_bytes()] == []


def test_keys_on_postgresql_are_in_a_schema_apart(database: Database) -> None:
    if not database.url:
        pytest.skip("SQLite keeps keys in a file of their own")
    database.open().keys.obtain(["c-1"])
    tables = database.run("SELECT table_schema, table_name FROM information_schema.tables WHERE table_name = 'keys'")
    assert tables == [("dealflow_keys", "keys")]


def test_a_key_that_is_not_used_any_more_is_not_kept_in_memory(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr("dealflow.adapters.store.keys.ring.monotonic", lambda: now)
    parts = database.open()
    customers = [f"c-{number}" for number in range(10)]
    parts.store.append([append(f"d-{c}", 0, [named("x", c)], subject=c) for c in customers])
    assert isinstance(parts.keys, Keys)
    for customer in customers:
        names(parts, f"deal/d-{customer}")
        now += 20
    assert len(parts.keys._remembered) <= 3  # noqa: SLF001  how much is remembered is seen nowhere else
