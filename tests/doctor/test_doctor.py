"""`doctor` names what is wrong and what to do, changes nothing, and tells no secret."""

import json
import socket
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dealflow.adapters.store.rows.tables import SCHEMA_VERSION
from dealflow.application.engine.parts import LeaseState, RunningPart, What
from dealflow.application.health.diagnosis import examined
from dealflow.application.health.state import (
    CalendarState,
    Health,
    OutboxState,
    PeopleState,
    RunningState,
    StoreState,
    TemporalState,
    ViewState,
    WorkState,
)
from dealflow.bootstrap import open_system
from dealflow.doctor import examine
from dealflow.embedded.home_lock import hold
from dealflow.settings import Settings
from tests.support.paths import GOLDEN

FIRST_SCHEMA = GOLDEN / "store-version-1.sql"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=2)
MINUTE = timedelta(minutes=1)


def part(what: What, host: str = "a", **more: Any) -> RunningPart:
    """One that has run for two hours and gave its last sign a moment ago."""
    given = {
        "id": f"{what}-{host}",
        "what": what,
        "host": host,
        "pid": 7,
        "version": "0.1.0",
        "started_at": LONG_AGO,
        "seen_at": NOW - timedelta(seconds=3),
        "store_since": LONG_AGO,
        "temporal": "reached",
        "temporal_since": LONG_AGO,
    }
    return RunningPart(**(given | more))


def parts(*given: RunningPart, lease_until: datetime = NOW + timedelta(seconds=8)) -> RunningState:
    """What runs, and a relay on `a` that works, or worked until then."""
    return RunningState(
        at=NOW, parts=given, relay_lease=LeaseState(holder="relay-a", since=LONG_AGO, until=lease_until)
    )


WORKER, RELAY, VIEWS = part("worker"), part("relay"), part("views")
WELL = Health(
    at=NOW,
    version="0.1.0",
    host="a",
    home="/home/me/.dealflow",
    embedded="dealflow up, process 7",
    store=StoreState(place="SQLite", schema_version=SCHEMA_VERSION, events=5, last_position=5, deals=2, in_progress=2),
    people=PeopleState(file="people.yaml", declared=True, people=3),
    processes=("standard-sale@1",),
    temporal=TemporalState(address="127.0.0.1:7233", workers=1, deal_workflows=2, person_workflows=0),
    running=parts(WORKER, RELAY, VIEWS),
    work=WorkState(),
    outbox=OutboxState(delivered=4),
    views=ViewState(position=5, head=5),
)


def with_changes(**changes: Any) -> Health:
    return WELL.model_copy(update=changes)


def test_where_nothing_is_wrong_nothing_is_said() -> None:
    found = examined(WELL)
    assert found.healthy and found.problems == () and found.advice == ()


@pytest.mark.parametrize(
    ("changes", "part", "says"),
    [
        ({"store": StoreState(place="SQLite", error="the disk is full")}, "store", "the disk is full"),
        ({"calendar_problems": ("calendars.yaml:3:1: no zone",)}, "calendars", "calendars.yaml:3:1"),
        ({"people": PeopleState(file="p", declared=True, problems=("p:4:2: twice",))}, "people", "p:4:2: twice"),
        ({"people": PeopleState(file="p", declared=True, unreachable={"anna": "no"})}, "people", "anna cannot be reached"),
        ({"temporal": TemporalState(error="refused")}, "temporal", "refused"),
        ({"temporal": TemporalState(workers=0, queue="dealflow")}, "worker", "no worker polls the queue 'dealflow'"),
        ({"temporal": TemporalState(workers=1, deal_workflows=0)}, "temporal", "only 0 have a workflow"),
        ({"work": WorkState(waiting_wakes=3, oldest_wake=LONG_AGO)}, "relay", "3 deals wait to be woken"),
        ({"work": WorkState(overdue=2, oldest_overdue=LONG_AGO)}, "worker", "2 deals should have been looked at"),
        ({"notice_problems": ("escalation.en.txt:1: no",)}, "notices", "escalation.en.txt:1: no"),
        ({"outbox": OutboxState(abandoned=1)}, "outbox", "1 notice was given up"),
        ({"outbox": OutboxState(held=9)}, "outbox", "9 notices wait for an import to finish"),
        ({"outbox": OutboxState(waiting=1, oldest_due=LONG_AGO)}, "outbox", "1 notice waits since"),
        ({"views": ViewState(faults=("deal d-1",))}, "views", "could not take in deal d-1"),
        ({"views": ViewState(head=9, behind=8, oldest=LONG_AGO)}, "views", "8 events behind, the oldest of 2026-11-24 10:00"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_what_to_do(changes: dict[str, Any], part: str, says: str) -> None:
    found = examined(with_changes(**changes))
    assert not found.healthy
    [problem] = found.problems
    assert problem.part == part and says in problem.says and problem.do


@pytest.mark.parametrize(
    "changes",
    [
        {"work": WorkState(waiting_wakes=3, oldest_wake=NOW - timedelta(seconds=10))},
        {"outbox": OutboxState(waiting=3, oldest_due=NOW - timedelta(seconds=10))},
        {"outbox": OutboxState(waiting=3, oldest_due=NOW - timedelta(minutes=10), gather_minutes=15)},
        {"work": WorkState(overdue=3, oldest_overdue=NOW - timedelta(seconds=10))},
        {"views": ViewState(head=90_000, behind=90_000, oldest=NOW - timedelta(minutes=2))},
        {"running": parts(WORKER, RELAY), "views": ViewState(head=9, behind=8, oldest=LONG_AGO)},
    ],
)
def test_what_is_just_under_way_is_no_fault(changes: dict[str, Any]) -> None:
    assert examined(with_changes(**changes)).healthy


@pytest.mark.parametrize(
    ("state", "kind", "says"),
    [
        (parts(), "worker", "no worker and no relay runs, and none ever has"),
        (parts(RELAY), "worker", "no worker runs, and none ever has"),
        (parts(WORKER), "relay", "no relay runs, and none ever has"),
        (
            parts(WORKER, part("relay", stopped_at=NOW - MINUTE, seen_at=NOW - MINUTE)),
            "relay",
            "no relay runs: the relay on a (process 7) was stopped at 2026-11-24 11:59:00 UTC",
        ),
        (
            parts(WORKER, part("relay", seen_at=NOW - 2 * MINUTE)),
            "relay",
            "no relay runs: the relay on a (process 7) was last seen 2026-11-24 11:58:00 UTC, and ended without a word",
        ),
        (
            parts(WORKER, part("worker", "b", temporal="away", temporal_error="refused"), RELAY),
            "worker",
            "the worker on b (process 7) has not reached Temporal since 2026-11-24 10:00:00 UTC: refused",
        ),
        (
            parts(WORKER, RELAY, part("relay", "b"), lease_until=NOW - MINUTE),
            "relay",
            "2 relays run, and none has worked since 2026-11-24 11:59:00 UTC",
        ),
        (
            parts(WORKER, part("worker", "b", clock_ahead_seconds=-90.04), RELAY),
            "clocks",
            "the clock of b is 90.0 s behind the database's",
        ),
    ],
)
def test_what_is_wrong_with_the_parts_is_told_with_since_when(state: RunningState, kind: str, says: str) -> None:
    [problem] = examined(with_changes(running=state)).problems
    assert (problem.part, problem.says) == (kind, says) and problem.do


def test_the_clock_of_this_computer_is_compared_too() -> None:
    store = WELL.store.model_copy(update={"clock_ahead_seconds": 3.0})
    [problem] = examined(with_changes(host="here", store=store)).problems
    assert problem.says == "the clock of here is 3.0 s ahead of the database's"


def test_a_clock_that_differs_by_little_and_a_relay_that_just_began_are_no_fault() -> None:
    begun = part("relay", temporal_since=NOW - timedelta(seconds=5))
    state = parts(part("worker", clock_ahead_seconds=1.5), begun, lease_until=LONG_AGO)
    assert examined(with_changes(running=state)).healthy


def test_where_temporal_is_not_reached_it_is_told_since_when_others_do_not_or_do() -> None:
    away = TemporalState(error="refused")
    cut_off = parts(part("worker", temporal="away", temporal_error="refused"), part("relay", temporal="unknown"))
    [problem] = examined(with_changes(temporal=away, running=cut_off)).problems
    assert problem.says == "refused; the worker on a (process 7) has not reached it since 2026-11-24 10:00:00 UTC"
    [problem] = examined(with_changes(temporal=away)).problems
    assert problem.says == "refused; the worker on a (process 7) reaches it since 2026-11-24 10:00:00 UTC"
    assert "from this computer" in problem.do


def test_a_part_that_died_while_others_go_on_is_advice_until_its_host_has_another() -> None:
    dead = part("worker", "b", pid=9, seen_at=NOW - 3 * MINUTE)
    found = examined(with_changes(running=parts(WORKER, RELAY, dead)))
    [advice] = found.advice
    assert found.healthy
    assert (
        advice.says
        == "the worker on b (process 9) ended without a word, last seen 2026-11-24 11:57:00 UTC; others go on"
    )
    replaced = parts(WORKER, RELAY, dead, part("worker", "b", started_at=NOW - 2 * MINUTE))
    assert examined(with_changes(running=replaced)).advice == ()


def test_a_part_of_another_version_is_advice() -> None:
    found = examined(with_changes(running=parts(WORKER, part("relay", version="0.0.9"))))
    [advice] = found.advice
    assert found.healthy and advice.says == "the relay on a (process 7) is dealflow 0.0.9, and this is 0.1.0"


def test_workers_that_poll_another_queue_are_no_workers_of_this_one() -> None:
    wrong = examined(with_changes(temporal=TemporalState(workers=0, queue="dealflow")))
    assert [problem.part for problem in wrong.problems] == ["worker"]
    none = examined(with_changes(temporal=TemporalState(workers=0, queue="dealflow"), running=parts(RELAY)))
    assert [problem.says for problem in none.problems] == ["no worker runs, and none ever has"]


def test_while_workflows_are_being_started_none_is_missed() -> None:
    starting = with_changes(
        temporal=TemporalState(workers=1, deal_workflows=1),
        work=WorkState(waiting_wakes=1, oldest_wake=NOW - timedelta(seconds=1)),
    )
    assert examined(starting).healthy


def test_advice_is_no_fault() -> None:
    found = examined(
        with_changes(
            people=PeopleState(file="people.yaml"),
            processes=(),
            unknown_settings=("DEALFLOW_HOM is not a setting",),
            calendars=(CalendarState(name="china-office", version="v", provisional_from=2026),),
        )
    )
    assert found.healthy
    assert [advice.part for advice in found.advice] == ["settings", "people", "processes", "calendars"]


def test_a_folder_without_a_store_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "new"
    found = examine(Settings.load(home))
    assert not found.healthy
    assert [problem.part for problem in found.problems] == ["store", "temporal"]
    assert not home.exists()


def test_who_runs_the_folder_and_since_when_is_told_as_people_write_times(tmp_path: Path) -> None:
    with hold(tmp_path, "up", datetime(2026, 11, 24, 17, 28, 59, 214_850, tzinfo=UTC)):
        assert examine(Settings.load(tmp_path)).found.embedded.endswith(", since 2026-11-24 17:28:59 UTC")


def test_a_store_without_a_server_is_read_all_the_same(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    with open_system(settings):
        pass
    before = set(tmp_path.iterdir())
    found = examine(settings)
    assert [problem.part for problem in found.problems] == ["temporal", "worker"]
    assert all("dealflow up" in problem.do for problem in found.problems)
    store = found.found.store
    assert (store.schema_version, store.events, store.deals, store.in_progress) == (SCHEMA_VERSION, 0, 0, 0)
    assert store.version.startswith("SQLite 3.")
    assert before == set(tmp_path.iterdir())


def test_broken_people_are_told_with_their_place_and_unreachable_ones_by_name(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    people = tmp_path / "people.yaml"
    people.write_text("people:\n  - {id: anna, name: Anna, channels: [{id: x, url: 'nosuch://there'}]}\n")
    with open_system(settings):
        pass
    assert "anna" in examine(settings).found.people.unreachable
    people.write_text("people:\n  - {id: anna, nam: Anna}\n")
    problems = examine(settings).found.people.problems
    assert problems and all(str(people) in problem for problem in problems)


def test_a_people_file_that_a_setting_names_and_that_is_not_there_is_told(tmp_path: Path) -> None:
    with open_system(Settings.load(tmp_path)):
        pass
    settings = Settings.load(tmp_path, people=tmp_path / "none.yaml")
    (problem,) = examine(settings).found.people.problems
    assert "none.yaml:1:1: error: the file cannot be read" in problem


def test_a_broken_notice_text_is_told_with_its_place(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    settings.notices.mkdir()
    (settings.notices / "escalation.en.txt").write_text("Subject: $deel_id\n")
    [problem] = [one for one in examine(settings).problems if one.part == "notices"]
    assert "escalation.en.txt:1: there is no value '$deel_id'; did you mean '$deal_id'?" in problem.says


def test_a_store_of_an_older_schema_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as file:
        file.executescript(FIRST_SCHEMA.read_text(encoding="utf-8"))
    found = examine(Settings.load(tmp_path))
    [problem] = [problem for problem in found.problems if problem.part == "store"]
    assert (
        problem.says == f"the store is of an older version: its schema is 1, this version works with {SCHEMA_VERSION}"
    )
    assert "dealflow store upgrade" in problem.do
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as file:
        assert file.execute("SELECT version FROM store_version").fetchall() == [(1,)]


def test_a_database_without_a_store_is_told_and_left_as_it_is(tmp_path: Path, postgres_database: str) -> None:
    found = examine(Settings.load(tmp_path, database_url=postgres_database))
    assert "there is no store in PostgreSQL" in found.found.store.error
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT to_regnamespace('dealflow')").fetchone() == (None,)


def test_parts_that_never_answer_are_away(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent_address = f"127.0.0.1:{silent.getsockname()[1]}"
        found = examine(
            Settings.load(tmp_path, database_url=f"postgresql://{silent_address}/none", temporal_address=silent_address)
        )
    assert [problem.part for problem in found.problems] == ["store", "temporal"]


def test_no_secret_is_told(tmp_path: Path) -> None:
    settings = Settings.load(
        tmp_path,
        database_url="postgresql://me:s3cret@127.0.0.1:9/none",
        webhook_secret="s3cret",
        default_channels=["json://me:s3cret@there/"],
    )
    said = examine(settings).model_dump_json()
    assert "s3cret" not in said
    assert json.loads(said)["found"]["store"]["error"]


def test_a_store_on_postgresql_is_read_without_its_password(tmp_path: Path, postgres_database: str) -> None:
    settings = Settings.load(tmp_path, database_url=postgres_database)
    with open_system(settings):
        pass
    store = examine(settings).found.store
    assert store.place.startswith("PostgreSQL") and store.error == ""
    assert (store.schema_version, store.events, store.deals) == (SCHEMA_VERSION, 0, 0)
