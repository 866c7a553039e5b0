"""A store whose seals somebody has removed and which says that it is older: no upgrade seals what it says now."""

from typing import Any

import pytest

from dealflow.adapters.store.rows.tables import SCHEMA_VERSION
from tests.support.running.prepared_home import PreparedHomes
from tests.support.running.typed_commands import CommandLine
from tests.support.stores.databases import on_each_database
from tests.support.stores.raw_rows import run

pytestmark = on_each_database


class Tampered:
    """A sealed home with one deal, whose seals can be removed."""

    def __init__(self, cli: CommandLine, url: str) -> None:
        self.cli, self.url = cli, url

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return run(self.url, self.cli.home, statement, *values)

    def says_it_is(self, schema: int) -> None:
        self.run("DROP TABLE seals")
        self.run("UPDATE store_version SET version = ?", schema)

    def tables(self) -> list[tuple[Any, ...]]:
        if self.url:
            return self.run("SELECT tablename FROM pg_tables WHERE schemaname = 'dealflow' ORDER BY tablename")
        return self.run("SELECT name FROM sqlite_master ORDER BY name")


@pytest.fixture
def home(database: str, bare: CommandLine, prepared: PreparedHomes) -> Tampered:
    if database:
        bare.publish()
    else:
        prepared.with_process("standard-sale", bare.home)
    bare.write_people()
    bare.open("d-1", "anna", "--customer", "acme", "--amount", "1000 CNY")
    return Tampered(bare, database)


@pytest.mark.parametrize("schema", [2, 3, 4])
def test_the_upgrade_refuses_and_changes_nothing_and_doctor_says_why(home: Tampered, schema: int) -> None:
    home.says_it_is(schema)
    tables = home.tables()
    for _ in range(2):
        stopped = home.cli("store", "upgrade")
        assert (stopped.code, stopped.out) == (3, "")
        assert "somebody has removed them" in stopped.err and "store seal --anew --reason" in stopped.err
    assert home.run("SELECT version FROM store_version") == [(schema,)]
    assert home.tables() == tables
    doctor = home.cli("doctor", "--json")
    (problem,) = [one for one in doctor.json["problems"] if one["part"] == "store"]
    assert doctor.code == 1 and "somebody has removed them" in problem["says"] and "--anew" in problem["do"]
    assert home.tables() == tables


def test_without_its_keys_a_store_that_must_have_seals_is_refused_too(home: Tampered) -> None:
    home.says_it_is(4)
    (home.cli.home / "seal.keys").unlink()
    assert home.cli("store", "upgrade").code == 3
    assert "somebody has removed them" in home.cli("doctor").out


def test_begun_anew_it_is_on_record_and_then_brought_up_to_date(home: Tampered) -> None:
    home.says_it_is(3)
    home.cli.done("store", "seal", "--anew", "--reason", "The seals were removed")
    done = home.cli.json("store", "upgrade")
    assert (done["schema_before"], done["schema_after"]) == (3, SCHEMA_VERSION)
    assert "The seals were removed" in home.cli.done("store", "seal")
    assert home.cli("doctor", "--deep", "--json").json["deep"]["findings"] == []


def test_a_store_without_events_has_lost_no_seal(home: Tampered) -> None:
    home.run("DELETE FROM stored_events")
    home.says_it_is(3)
    assert home.cli.json("store", "upgrade")["schema_after"] == SCHEMA_VERSION
