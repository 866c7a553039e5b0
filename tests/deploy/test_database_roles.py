"""What docker-compose.yml does to the database, without Docker and without Temporal: two roles, tables, rights, an upgrade.

tests/e2e/test_production.py runs all of its services where Temporal's server for PostgreSQL is built.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running.production import Production
from tests.support.running.temporal_on_postgres import programs

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

PHONE = "+86 139 0000 1234"
CONTACT = ("--field", "channel=wechat", "--field", f"phone={PHONE}", "--field", "added_on=2026-11-20")


@pytest.fixture(scope="module")
def production() -> Iterator[Production]:
    """PostgreSQL with its two roles and no table; nothing of Temporal's is run."""
    # Not pytest's folder: as root PostgreSQL runs as a user of its own, who may not enter that one.
    folder = Path(tempfile.mkdtemp(prefix="dealflow-roles-"))
    folder.chmod(0o755)
    running = Production(folder, programs(), folder / "no-temporal")
    try:
        running.start("postgres")
        assert running.gets_healthy("postgres")
        yield running
    finally:
        running.end()
        shutil.rmtree(folder)


def as_owner(production: Production, statement: str) -> str:
    asked = production.ask("dealflow_owner", "DEALFLOW_OWNER_PASSWORD", statement)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip()


def test_in_an_empty_database_the_owner_makes_the_tables(production: Production) -> None:
    assert "is made: schema" in production.run_once("tables")
    production.run_once("rights")
    assert as_owner(production, "select count(*) from dealflow.stored_events") == "0"


def test_the_other_role_does_everything_that_people_do_with_seal_and_keys(production: Production) -> None:
    production.json("process", "publish", "/app/process_defs/standard-sale.yaml")
    opened = ("deal", "open", "Forty seats", "--process", "standard-sale", "--id", "d-1", "--amount", "100,000 CNY")
    production.json(*opened, "--customer", "ACME", "--customer-id", "acme")
    production.json("evidence", "record", "d-1", "messenger_contact", *CONTACT)
    assert PHONE in production.dealflow("deal", "show", "d-1").stdout
    production.json("store", "seal", "--rotate")
    production.json("evidence", "record", "d-1", "reply", "--field", "text=Yes")
    deep = production.dealflow("doctor", "--deep", "--json").stdout
    assert '"findings": []' in deep, deep


def test_what_one_key_hides_can_be_erased_by_that_role(production: Production) -> None:
    production.json("customer", "erase", "acme", "--reason", "asked for it")
    shown = production.dealflow("deal", "show", "d-1").stdout
    assert PHONE not in shown and "ACME" not in shown


def test_a_store_of_the_version_before_waits_for_its_owner_and_is_as_it_was_afterwards(production: Production) -> None:
    before = production.json("deal", "history", "d-1")["entries"]
    as_owner(production, "update dealflow.store_version set version = version - 1")
    stopped = production.dealflow("deal", "list")
    assert stopped.returncode == 3 and "dealflow store upgrade" in stopped.stderr
    assert production.dealflow("store", "upgrade").returncode == 3
    assert "is brought from schema" in production.run_once("tables")
    production.run_once("rights")
    assert production.json("deal", "history", "d-1")["entries"] == before
    production.json("evidence", "record", "d-1", "reply", "--field", "text=Again")
    assert "is up to date" in production.run_once("tables")
