"""Opening a store: made when it is not there, found again, and one clear sentence when it cannot be."""

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dealflow.adapters.store import found_schema, open_store
from dealflow.adapters.store.rows.tables import SCHEMA_VERSION
from dealflow.application.ports.store import StoreUnreachable
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT
from tests.support.stores.appends import append, notice, wants
from tests.support.waiting import LONGEST_SECONDS

APPEND_FROM_ANOTHER_PROCESS = """
import sys
from pathlib import Path
from dealflow.adapters.store import open_store
from tests.support.stores.appends import append
url, home, name = sys.argv[1:]
parts = open_store(url, Path(home), Path(home) / "keys.sqlite")
for n in range(10):
    parts.store.append([append(name, n, command=f"{name}/{n}")])
parts.close()
"""


def test_everything_is_there_after_opening_again(database: Database) -> None:
    parts = database.open()
    parts.store.append([append("d-1", facts=2, command="cmd-1", notices=[notice("n-1")], schedule=wants())])
    parts.schedule.signalled("d-1", 2, AT)
    rows = (parts.store.load("deal/d-1"), parts.schedule.get("d-1"), parts.outbox.waiting("周总"))
    parts.close()
    again = database.open()
    assert (again.store.load("deal/d-1"), again.schedule.get("d-1"), again.outbox.waiting("周总")) == rows
    assert again.store.commands(["cmd-1"])
    assert again.store.head() == 2


def test_each_store_has_an_id_of_its_own_which_it_keeps(database: Database, tmp_path: Path) -> None:
    other = open_store("", tmp_path / "other", tmp_path / "other" / "keys.sqlite")
    other.close()
    first, again = database.open(), database.open()
    assert first.store_id == again.store_id != other.store_id
    assert len(first.store_id) == 32


def test_processes_that_come_first_at_once_all_find_the_store(database: Database) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", APPEND_FROM_ANOTHER_PROCESS, database.url, str(database.home), f"d-{n}"],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n in range(4)
    ]
    said = [process.communicate(timeout=LONGEST_SECONDS)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, said
    store = database.open().store
    assert [len(store.load(f"deal/d-{n}")) for n in range(4)] == [10] * 4
    assert len({logged.position for logged in store.log(0, 100)}) == 40


def test_an_older_process_stops_before_a_newer_store(database: Database) -> None:
    database.open().close()
    database.run("UPDATE store_version SET version = 7")
    with pytest.raises(
        StoreUnreachable, match=rf"newer dealflow: its schema is 7, this version knows {SCHEMA_VERSION}; upgrade"
    ):
        database.open()


def test_a_store_of_an_older_schema_is_not_touched_and_the_upgrade_is_named(database: Database) -> None:
    database.open().close()
    database.run("DROP TABLE unique_values")
    database.run("UPDATE store_version SET version = 2")
    with pytest.raises(
        StoreUnreachable, match=rf"older dealflow: its schema is 2, .* works with {SCHEMA_VERSION}; .* store upgrade`"
    ):
        database.open()
    assert database.run("SELECT version FROM store_version") == [(2,)]
    with pytest.raises(Exception, match="unique_values"):
        database.run("SELECT COUNT(*) FROM unique_values")


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreUnreachable, match=r"SQLite, .*store.sqlite\) cannot be used"):
        open_store("", tmp_path / "home", tmp_path / "keys.sqlite")


@pytest.mark.parametrize("links", [True, False])
def test_a_store_comes_into_being_with_its_tables_and_nothing_is_left_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "this disk has no links")

    if not links:
        monkeypatch.setattr("os.link", refuse)
    open_store("", tmp_path, tmp_path / "keys.sqlite").close()
    assert [path.name for path in tmp_path.iterdir()] == ["store.sqlite"]
    assert (tmp_path / "store.sqlite").stat().st_mode & 0o777 == 0o600


def test_whoever_is_ended_amid_the_making_leaves_no_store_and_the_next_one_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("dealflow.adapters.store.sqlite.database.SqliteDatabase._prepare", ended)
        with pytest.raises(KeyboardInterrupt):
            open_store("", tmp_path, tmp_path / "keys.sqlite")
    assert list(tmp_path.iterdir()) == []
    assert found_schema("", tmp_path) == 0
    open_store("", tmp_path, tmp_path / "keys.sqlite").close()


def test_a_file_of_no_bytes_is_no_new_store(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").touch()
    for opens in (lambda: open_store("", tmp_path, tmp_path / "keys.sqlite"), lambda: found_schema("", tmp_path)):
        with pytest.raises(StoreUnreachable, match=r"cannot be used: it is empty; put a backup in its place$"):
            opens()
    assert (tmp_path / "store.sqlite").stat().st_size == 0


def test_a_journal_without_its_store_is_kept_and_told(tmp_path: Path) -> None:
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    parts.store.append([append("d-1")])
    journal = tmp_path / "store.sqlite-wal"
    left = journal.read_bytes()
    parts.close()
    (tmp_path / "store.sqlite").unlink()
    journal.write_bytes(left)
    with pytest.raises(StoreUnreachable, match=r"its file is gone .* put the file back, or a backup of it"):
        open_store("", tmp_path, tmp_path / "keys.sqlite")
    assert journal.read_bytes() == left and not (tmp_path / "store.sqlite").exists()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("a letter to the director, rather long" * 100)
    with pytest.raises(StoreUnreachable, match="file is not a database"):
        open_store("", tmp_path, tmp_path / "keys.sqlite")


def test_a_file_that_may_only_be_read_is_read_and_takes_nothing(tmp_path: Path) -> None:
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    parts.store.append([append("d-1")])
    parts.close()
    (tmp_path / "store.sqlite").chmod(0o400)
    with pytest.raises(StoreUnreachable, match="read-only"):
        open_store("", tmp_path, tmp_path / "keys.sqlite")
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite", reading=True)
    assert len(parts.store.load("deal/d-1")) == 1
    with pytest.raises(
        StoreUnreachable, match=r"readonly database; you must be allowed to write the file and its folder"
    ):
        parts.store.append([append("d-2")])
    parts.close()


def test_a_store_that_another_process_locks_for_good_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealflow.adapters.store.sqlite.database._BUSY_SECONDS", 1)
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnreachable, match="locked"):
        parts.store.append([append("d-1")])
    assert parts.store.load("deal/d-1") == []
    other.execute("ROLLBACK")
    other.close()
    parts.store.append([append("d-1")])
    parts.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://clara:s3cret@127.0.0.1:9/deals",
        "postgresql://clara@127.0.0.1:9/deals?password=s3cret",
        "postgresql://clara:s3cret@no-such-host.invalid/deals",
        "postgresql://clara:s3cret@127.0.0.1:port/deals",
        "postgresql://clara:s3cret@[::1/deals",
        "postgresql://clara:s3cret@127.0.0.1/deals?no_such_option=1",
    ],
)
def test_a_database_that_cannot_be_reached_is_told_in_one_line_without_the_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(
        StoreUnreachable, match=r"the store \(PostgreSQL, postgresql://clara.*\) cannot be used: "
    ) as told:
        open_store(url, tmp_path, tmp_path / "keys.sqlite")
    assert "s3cret" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.postgres
def test_a_user_whom_the_server_does_not_know_is_told(postgres_database: str, tmp_path: Path) -> None:
    url = postgres_database.replace("postgres:", "nobody:s3cret", 1).replace("postgres@", "nobody:s3cret@", 1)
    assert "nobody" in url
    with pytest.raises(StoreUnreachable, match="nobody") as told:
        open_store(url, tmp_path, tmp_path / "keys.sqlite")
    assert "s3cret" not in str(told.value)


@pytest.mark.postgres
def test_a_server_that_ends_a_connection_is_found_again(postgres_database: str, tmp_path: Path) -> None:
    database = Database(postgres_database, tmp_path)
    parts = database.open()
    parts.store.append([append("d-1")])
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    assert database.run(ended)
    parts.store.append([append("d-1", 1)])
    database.run(ended)
    assert len(parts.store.load("deal/d-1")) == 2
    parts.close()
