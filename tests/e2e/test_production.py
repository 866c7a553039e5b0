"""docker-compose.yml without Docker: its scripts, commands, variables and health checks, on a PostgreSQL and a Temporal server.

One system for all tests of this file, which use it one after the other, as its users would.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.running import servers
from tests.support.running.production import Production
from tests.support.running.temporal_on_postgres import programs
from tests.support.waiting import until

pytestmark = [
    pytest.mark.temporal,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.usefixtures("temporal_program"),
]

CONTACT = ("--field", "channel=wechat", "--field", "phone=+86 139 0000 1234", "--field", "added_on=2026-11-20")
PARTS = ("postgres", "temporal", "worker", "relay")
ALERTS = ROOT / "docs" / "operations" / "alerts.yaml"
NOWHERE = "127.0.0.1:9"


@pytest.fixture(scope="module")
def production() -> Iterator[Production]:
    if not programs().folder.exists():
        reason = "Temporal's server for PostgreSQL is not built: `make temporal-server` does it"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    # Not pytest's folder: as root PostgreSQL runs as a user of its own, who may not enter that one.
    folder = Path(tempfile.mkdtemp(prefix="dealflow-production-"))
    folder.chmod(0o755)
    running = Production(folder, programs(), servers.temporal_program())
    try:
        yield running
    finally:
        running.end()
        shutil.rmtree(folder)


def open_deal(production: Production, deal: str, **more: str) -> None:
    asked = ("--process", "standard-sale", "--amount", "100,000 CNY", "--id", deal)
    production.json("deal", "open", "Forty seats", *asked, **more)


def make_contact(production: Production, deal: str, **more: str) -> None:
    production.json("evidence", "record", deal, "messenger_contact", *CONTACT, **more)


def stage_of(production: Production, deal: str) -> str:
    return str(production.json("deal", "show", deal)["stage"]["id"])


def arrives(production: Production, deal: str) -> bool:
    """Whether it comes to the second stage, while what ended is started again."""

    def look() -> bool:
        production.restart_what_ended()
        return stage_of(production, deal) == "meeting"

    return until(look)


def is_well(production: Production) -> None:
    """Fail with what is wrong when everything is checked against everything."""

    def look() -> bool:
        production.restart_what_ended()
        return production.dealflow("doctor", "--deep").returncode == 0

    assert until(look), production.dealflow("doctor", "--deep").stdout


@contextmanager
def only_it_ends(production: Production, part: str) -> Iterator[None]:
    """Inside, the part is killed and started again, and no other ends of it."""
    before = dict(production.restarts)
    production.kill(part)
    yield
    ended = {name for name, count in production.restarts.items() if count > before.get(name, 0)}
    assert ended == {part}


def test_everything_starts_in_its_order_and_gets_healthy(production: Production) -> None:
    production.up()
    for part in PARTS:
        assert production.gets_healthy(part), (part, production.check(part), production.logged(part)[-3000:])
    assert production.restarts == {}, production.logged(next(iter(production.restarts)))[-3000:]


def test_a_deal_moves(production: Production) -> None:
    production.json("process", "publish", "/app/process_defs/standard-sale.yaml")
    open_deal(production, "d-1")
    make_contact(production, "d-1")
    assert arrives(production, "d-1")
    assert "deal.stage_advanced" in production.logged("worker")
    is_well(production)


def test_each_part_answers_prometheus_with_what_the_alerts_ask_for(production: Production) -> None:
    served = {part: production.metrics(part) for part in ("worker", "relay", "temporal")}
    # Counted by channel, so not there before the first notice.
    later = {"dealflow_notices_delivered_total", "dealflow_notices_failed_total"}
    asked = set(re.findall(r"\b(?:dealflow|temporal)_\w+", ALERTS.read_text())) - later
    assert {name for name in asked if not re.search(rf"\b{name}\b", served["worker"] + served["relay"])} == set()
    assert re.search(r"^dealflow_store_up 1\.0$", served["relay"], re.MULTILINE)
    # What command lines in other containers record stands in the store, and the relay reads it there.
    assert re.search(r"^dealflow_log_position [1-9]", served["relay"], re.MULTILINE)
    assert re.search(r"^service_requests\{", served["temporal"], re.MULTILINE)


def test_a_second_start_finds_everything_done(production: Production) -> None:
    production.up()
    assert stage_of(production, "d-1") == "meeting"


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("update dealflow.stored_events set topic = ''", "permission denied for table stored_events"),
        ("delete from dealflow.stored_events", "permission denied for table stored_events"),
        ("truncate dealflow.stored_events", "permission denied for table stored_events"),
        ("alter table dealflow.stored_events disable trigger all", "must be owner of table stored_events"),
        ("update dealflow.commands set answer = ''", "permission denied for table commands"),
        ("delete from dealflow.commands", "permission denied for table commands"),
        ("update dealflow.store_version set version = 0", "permission denied for table store_version"),
        ("drop table dealflow.notices", "must be owner of table notices"),
        ("delete from dealflow_keys.keys", "permission denied for table keys"),
        ("create schema elsewhere", "permission denied for database dealflow"),
    ],
)
def test_what_is_recorded_cannot_be_changed_by_those_who_record(
    production: Production, statement: str, refusal: str
) -> None:
    asked = production.ask("dealflow", "DEALFLOW_DB_PASSWORD", statement)
    assert asked.returncode != 0 and refusal in asked.stderr


def test_temporal_s_role_cannot_look_into_dealflow_s_database(production: Production) -> None:
    asked = production.ask("temporal", "TEMPORAL_DB_PASSWORD", "select 1")
    assert asked.returncode != 0 and 'permission denied for database "dealflow"' in asked.stderr
    guessed = production.ask("dealflow", "TEMPORAL_DB_PASSWORD", "select 1")
    assert guessed.returncode != 0 and "password authentication failed" in guessed.stderr


def test_a_key_of_personal_data_can_be_destroyed_for_good(production: Production) -> None:
    for statement in (
        "update dealflow_keys.keys set secret = null where subject = 'nobody'",
        "vacuum dealflow_keys.keys",
    ):
        asked = production.ask("dealflow", "DEALFLOW_DB_PASSWORD", statement)
        # Who may not vacuum is only warned.
        assert (asked.returncode, asked.stderr) == (0, "")


def test_a_killed_worker_leaves_the_deals_to_the_next(production: Production) -> None:
    with only_it_ends(production, "worker"):
        open_deal(production, "worker")
        make_contact(production, "worker")
        assert stage_of(production, "worker") == "first_contact"
        assert arrives(production, "worker")
    is_well(production)


def test_a_killed_relay_leaves_lost_wakes_to_the_next(production: Production) -> None:
    with only_it_ends(production, "relay"):
        # From a place that cannot reach Temporal: only a relay can wake these.
        open_deal(production, "relay", DEALFLOW_TEMPORAL_ADDRESS=NOWHERE)
        make_contact(production, "relay", DEALFLOW_TEMPORAL_ADDRESS=NOWHERE)
        assert stage_of(production, "relay") == "first_contact"
        assert arrives(production, "relay")
    is_well(production)


def test_while_temporal_is_killed_commands_succeed_and_the_deals_move_when_it_is_back(production: Production) -> None:
    with only_it_ends(production, "temporal"):
        open_deal(production, "temporal")
        make_contact(production, "temporal")
        assert stage_of(production, "temporal") == "first_contact"
        assert arrives(production, "temporal")
    is_well(production)


def test_while_postgresql_is_killed_commands_say_so_and_count_once_when_sent_again(production: Production) -> None:
    open_deal(production, "postgres")
    with only_it_ends(production, "postgres"):
        record = ("evidence", "record", "postgres", "messenger_contact", *CONTACT, "--command-id", "sent-twice")
        refused = production.dealflow(*record)
        assert refused.returncode == 3, refused.stdout + refused.stderr
        assert production.gets_healthy("postgres")
        for _ in range(2):
            production.json(*record)
        assert arrives(production, "postgres")
    entries = production.json("deal", "history", "postgres")["entries"]
    topics = [entry["topic"] for entry in entries]
    assert (topics.count("deal.evidence_recorded.v1"), topics.count("deal.stage_advanced.v1")) == (1, 1)
    is_well(production)


def test_after_the_computer_starts_again_everything_finds_its_way_whichever_comes_first(production: Production) -> None:
    open_deal(production, "everything")
    production.kill("worker", "relay")
    make_contact(production, "everything")
    production.kill("temporal", "postgres")
    # Docker starts what ran before in no order, and waits for nothing.
    for part in ("relay", "worker", "temporal", "postgres"):
        production.start(part)
    assert production.gets_healthy("postgres")
    assert arrives(production, "everything")
    is_well(production)


def test_each_part_ends_cleanly_and_in_time_when_it_is_stopped(production: Production) -> None:
    assert {part: production.stop(part) for part in reversed(PARTS)} == dict.fromkeys(PARTS, 0)
    for part in ("worker", "relay"):
        assert '"event": "part.stopped"' in production.logged(part).splitlines()[-1]
