"""A home of an older version: told, not touched, and brought up to date by one command with its numbers unchanged."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dealflow.adapters.store.rows.tables import SCHEMA_VERSION
from dealflow.adapters.store.upgrade import SqlUpgrade
from dealflow.application.engine.parts import HeartbeatState, Identity
from dealflow.bootstrap import open_system
from tests.support.deals.facts import AT
from tests.support.files.lost_keys import KeysOf
from tests.support.paths import GOLDEN
from tests.support.running import servers
from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import FOR_ANNA, CommandLine
from tests.support.stores.raw_rows import run

# Made by the version before the schema changed: sqlite3's `.dump` of its file.
FIRST_SCHEMA = GOLDEN / "store-version-1.sql"
# What the second schema did not have.
NEW_TABLES = ("unique_values", "store_identity", "seals", "personal_keys", "personal_keys_known")
_POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


class Home:
    """A home with two deals of one customer, whose rows can be made those of an older version."""

    def __init__(self, cli: CommandLine, url: str) -> None:
        self.cli, self.url = cli, url

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return run(self.url, self.cli.home, statement, *values)

    def paid(self, deal: str, receipt: str) -> tuple[str, ...]:
        words = (
            "evidence",
            "record",
            deal,
            "payment",
            "--field",
            "amount=100 CNY",
            "--field",
            f"receipt={receipt}",
            "--field",
            "paid_on=2026-11-20",
        )
        return (*words, *FOR_ANNA)

    def readings(self) -> list[Any]:
        asked = (("deal", "list", "--all"), ("inventory",), ("deal", "history", "d-1"), ("deal", "history", "d-2"))
        read = [self.cli.json(*words) for words in asked]
        return [{name: value for name, value in document.items() if name != "as_of"} for document in read]

    def made_older(self, schema: int = 2) -> None:
        for table in NEW_TABLES:
            self.run(f"DROP TABLE {table}")
        (self.cli.home / "seal.keys").unlink()
        KeysOf(self.url, self.cli.home / "keys.sqlite").run("DROP TABLE key_file")
        self.run("UPDATE store_version SET version = ?", schema)


@pytest.fixture(params=["sqlite", _POSTGRES])
def home(
    request: pytest.FixtureRequest,
    bare: CommandLine,
    prepared: PreparedHomes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Home]:
    """Two deals of one customer, each with a receipt of its own."""

    def tell(folder: Path, url: str = "") -> None:
        if url:
            monkeypatch.setenv("DEALFLOW_DATABASE_URL", url)
        told = Home(CommandLine(folder, capsys), url)
        told.cli.publish()
        told.cli.write_people()
        for deal, receipt in (("d-1", "R-1"), ("d-2", "R-2")):
            told.cli.open(deal, "anna", "--customer", "acme", "--amount", "1000 CNY")
            told.cli.done(*told.paid(deal, receipt))

    name = f"two deals of one customer on {request.param}"
    if request.param == "sqlite":
        prepared.copy(name, tell, bare.home)
        yield Home(bare, "")
        return
    postgres: servers.Postgres = request.getfixturevalue("postgres")
    url = prepared.copy_with_database(name, postgres, tell, bare.home)
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", url)
    yield Home(bare, url)
    postgres.drop_database(url)


def test_every_other_command_stops_before_it_and_changes_nothing(home: Home) -> None:
    home.made_older()
    for words in (("deal", "list"), home.paid("d-1", "R-3"), ("reconcile",)):
        stopped = home.cli(*words)
        assert (stopped.code, stopped.out) == (3, "")
        assert "its schema is 2" in stopped.err and "dealflow store upgrade" in stopped.err
    doctor = home.cli("doctor")
    assert doctor.code == 1 and "dealflow store upgrade" in doctor.out + doctor.err
    assert home.run("SELECT version FROM store_version") == [(2,)]


def test_it_is_upgraded_with_its_numbers_unchanged_and_again_nothing(home: Home) -> None:
    before = home.readings()
    home.made_older()
    done = home.cli.json("store", "upgrade")
    assert (done["schema_before"], done["schema_after"], done["values"], done["twice"]) == (2, SCHEMA_VERSION, 2, [])
    assert home.readings() == before
    again = home.cli("store", "upgrade")
    assert (again.code, again.err) == (0, "") and f"is up to date: schema {SCHEMA_VERSION}" in again.out
    assert home.cli.json("store", "upgrade")["changed"] is False
    refused = home.cli(*home.paid("d-2", "r-1"))
    assert refused.code == 1 and "of deal d-1" in refused.err


def test_a_sealed_store_keeps_its_seals_and_has_its_rows_put_right(home: Home) -> None:
    home.cli.done("customer", "add", "acme-2", "--wecom", "WX-1")
    before = home.readings()
    seals = home.run("SELECT number, seal FROM seals ORDER BY number")
    # The fourth schema knew a value, and an id, by the dash that it is written with.
    home.run("DELETE FROM unique_values")
    home.run("UPDATE external_ids SET digest = 'as-written'")
    home.run("UPDATE store_version SET version = 4")
    stopped = home.cli("deal", "list")
    assert (stopped.code, stopped.out) == (3, "") and "its schema is 4" in stopped.err
    done = home.cli.json("store", "upgrade")
    assert (done["schema_before"], done["schema_after"], done["values"]) == (4, SCHEMA_VERSION, 2)
    assert home.readings() == before
    assert home.run("SELECT number, seal FROM seals ORDER BY number") == seals
    assert home.cli("doctor", "--deep", "--json").json["deep"]["findings"] == []
    refused = home.cli(*home.paid("d-2", "R\N{EN DASH}1"))
    assert refused.code == 1 and "of deal d-1" in refused.err
    assert "acme-2" in home.cli.done("customer", "show", "wecom:WX\N{EN DASH}1")


def test_values_that_are_twice_on_record_are_listed_and_both_count_until_one_changes(home: Home) -> None:
    home.run("DELETE FROM unique_values")  # the older version did not look at other deals
    home.cli.done(*home.paid("d-2", "R-1"), "--id", "copy")
    before = home.readings()
    home.made_older()
    said = home.cli.done("store", "upgrade")
    assert "On record twice" in said and "copy of d-2" in said
    assert home.readings() == before


@pytest.mark.parametrize("ended_before", ["the last step", "the version"])
def test_whoever_is_ended_amid_it_begins_anew(home: Home, monkeypatch: pytest.MonkeyPatch, ended_before: str) -> None:
    def ended(*_: object) -> bool:
        raise KeyboardInterrupt

    home.made_older()
    with monkeypatch.context() as patched:
        if ended_before == "the version":
            patched.setattr(
                "dealflow.adapters.store.upgrade.PUT_VERSION", "INSERT INTO no_such_table (a, b) VALUES (?)"
            )
        else:
            patched.setattr(SqlUpgrade, "finish", ended)
        assert home.cli("store", "upgrade").code != 0
    assert home.run("SELECT version FROM store_version") == [(2,)]
    assert home.run("SELECT COUNT(*) FROM unique_values") == [(0,)]
    assert home.cli.json("store", "upgrade")["values"] == 2


def test_parts_that_run_are_named_first(home: Home) -> None:
    with open_system(home.cli.settings()) as system:
        part = Identity("w-1", "worker", "farm", 77, "0.1.0")
        system.parts.running.note(
            part, HeartbeatState(AT - AT, store_was_away=False, temporal="unknown", temporal_error="")
        )
    home.made_older()
    stopped = home.cli("store", "upgrade")
    assert stopped.code == 3 and "the worker on farm (process 77) runs; stop it and try again" in stopped.err
    with_part = home.run("SELECT version FROM store_version")
    assert with_part == [(2,)]


def test_a_newer_store_and_an_empty_folder_are_told(home: Home, tmp_path: Path) -> None:
    home.run("UPDATE store_version SET version = 7")
    newer = home.cli("store", "upgrade")
    assert newer.code == 3 and "newer dealflow: its schema is 7" in newer.err
    if not home.url:
        (tmp_path / "empty").mkdir()
        none = CommandLine(tmp_path / "empty", home.cli._capture)("store", "upgrade")  # noqa: SLF001  the same capture
        assert none.code == 3 and "no store" in none.err
        assert not list((tmp_path / "empty").iterdir())


@pytest.mark.postgres
def test_in_a_database_without_tables_it_makes_them(
    bare: CommandLine, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALFLOW_DATABASE_URL", postgres_database)
    made = bare.json("store", "upgrade")
    assert (made["schema_before"], made["changed"]) == (0, True)
    assert bare.json("store", "upgrade")["changed"] is False
    assert bare.json("deal", "list")["total"] == 0


def test_a_store_of_the_first_schema_is_brought_up_to_date_with_all_it_holds(bare: CommandLine) -> None:
    with closing(sqlite3.connect(bare.home / "store.sqlite")) as file:
        file.executescript(FIRST_SCHEMA.read_text(encoding="utf-8"))
    assert bare.json("store", "upgrade")["schema_after"] == SCHEMA_VERSION
    with open_system(bare.settings()) as system:
        parts = system.parts
        assert [recorded.stamp.version for recorded in parts.store.load("deal/d-1")] == [1, 2, 3]
        row = parts.schedule.get("d-1")
        assert row is not None and (row.version, row.wake_version, row.seen_version) == (3, 3, 2)
        assert parts.store.commands(["cmd-2"])
        assert parts.outbox.counts()["delivered"] == 1


@pytest.mark.parametrize("damage", ["lost", "moved", "garbled", "invented"])
def test_what_the_index_says_otherwise_than_the_deals_is_found_and_put_right(home: Home, damage: str) -> None:
    right = home.run("SELECT key, holders FROM unique_values ORDER BY key")
    key, holders = right[0]
    match damage:
        case "lost":
            home.run("DELETE FROM unique_values WHERE key = ?", key)
        case "moved":
            home.run("UPDATE unique_values SET holders = ? WHERE key = ?", right[1][1], key)
        case "garbled":
            home.run("UPDATE unique_values SET holders = ? WHERE key = ?", "[[", key)
        case _:
            home.run("INSERT INTO unique_values (key, base, revision, holders) VALUES ('x', 0, 1, ?)", holders)
    (finding,) = [
        one for one in home.cli("doctor", "--deep", "--json").json["deep"]["findings"] if one["check"] == "value"
    ]
    assert "store reindex" in finding["do"]
    assert home.cli.json("store", "reindex")["mended"] == 1
    assert home.run("SELECT key, holders FROM unique_values WHERE holders <> '[]' ORDER BY key") == right
    assert home.cli.done("store", "reindex") == "Nothing differs.\n"
    assert home.cli(*home.paid("d-2", "R-1")).code == 1
