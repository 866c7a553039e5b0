"""A store of before the seal: brought up to date it is sealed as it stands, and after that everything has a seal."""

from concurrent.futures import ThreadPoolExecutor

from dealflow.adapters.store import StoreParts, open_store
from dealflow.application.audit.seal_checks import SealCheck
from tests.adapters.store.conftest import Database
from tests.adapters.store.seal.test_keys_of_the_seal import fill, findings
from tests.support.stores.appends import append

MARKED = ("deal_schedule", "notices", "notice_batches", "leases", "unique_values")


def made_old(database: Database) -> None:
    """A store with 3 deals as the version before the seal has left it."""
    parts = database.open()
    for deal in ("d-1", "d-2", "d-3"):
        fill(parts, deal)
    parts.relay_lease.take("relay", 10)
    parts.outbox.finish_batch("b-1", parts.store.load("deal/d-1")[0].stamp.recorded_at)
    parts.close()
    database.run("DROP TABLE seals")
    for table in MARKED:
        database.run(f"ALTER TABLE {table} DROP COLUMN changes")
        database.run(f"ALTER TABLE {table} DROP COLUMN mark")
    database.run("UPDATE store_version SET version = 3")
    (database.home / "seal.keys").unlink()


def upgraded(database: Database) -> StoreParts:
    """The same, brought up to date."""
    made_old(database)
    old = open_store(database.url, database.home, database.home / "keys.sqlite", upgrading=True)
    assert old.upgrade.finish([], old.upgrade.events())
    old.close()
    return database.open()


def test_every_stream_is_sealed_with_its_length_and_since_when_is_said(database: Database) -> None:
    parts = upgraded(database)
    assert findings(parts) == []
    begun = parts.sealing.state().begun
    assert begun is not None and begun.reason == "upgrade"
    check = SealCheck(parts.seals, parts.rows)
    assert list(check.check()) == [] and check.sealed.since == begun.at
    fill(parts, "d-4")
    parts.schedule.seen("d-1", 2, None)
    assert findings(parts) == []


def test_what_is_changed_afterwards_is_found_in_old_streams_too(database: Database) -> None:
    parts = upgraded(database)
    copy = "INSERT INTO stored_events (originator_id, originator_version, topic, state) SELECT originator_id, 3, topic, state"
    database.run(f"{copy} FROM stored_events WHERE originator_id = 'deal/d-1' AND originator_version = 2")
    database.run("DELETE FROM stored_events WHERE originator_id = 'deal/d-2'")
    database.run("UPDATE commands SET content = 'x' WHERE command_id = 'd-3'")
    database.run("UPDATE notices SET state = 'waiting' WHERE key = 'd-3'")
    database.run("UPDATE deal_schedule SET armed_at = 1 WHERE deal_id = 'd-3'")
    said = findings(parts)
    for part in ("event 3 of deal/d-1 has no seal", "event 2 of deal/d-2 is not there", "command d-3 is not as it was sealed",
                 "what became of notice d-3 was altered", "of the workflow of deal d-3 was altered"):  # fmt: skip
        assert any(part in one for one in said), (part, said)


def test_old_events_that_change_places_are_found(database: Database) -> None:
    parts = upgraded(database)
    position = "notification_id" if database.url else "rowid"
    at = f"SELECT {position} FROM stored_events WHERE originator_id = ? AND originator_version = 1"
    [(first,)], [(second,)] = database.run(at, "deal/d-1"), database.run(at, "deal/d-3")
    for to, whence in ((999, first), (first, second), (second, 999)):
        database.run(f"UPDATE stored_events SET {position} = ? WHERE {position} = ?", to, whence)
    assert "the events of deal/d-1 stand at other places of the log" in findings(parts)


def test_upgrading_again_changes_no_seal(database: Database) -> None:
    parts = upgraded(database)
    before = database.run("SELECT * FROM seals ORDER BY number")
    database.run("UPDATE store_version SET version = 3")
    assert parts.upgrade.finish([], parts.upgrade.events())
    assert database.run("SELECT * FROM seals ORDER BY number") == before


def test_many_threads_of_two_processes_make_one_chain(database: Database) -> None:
    first, second = database.open(), database.open()
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: (first, second)[n % 2].store.append([append(f"d-{n}", facts=2, command=f"d-{n}")]), range(80)
            )
        )
    assert [number for (number,) in database.run("SELECT number FROM seals ORDER BY number")] == list(range(1, 81))
    assert findings(first) == []
