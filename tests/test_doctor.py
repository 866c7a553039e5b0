"""`doctor` names what is wrong and what to do, changes nothing, and tells no secret."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dealflow.application.health import (
    CalendarState,
    Health,
    OutboxState,
    PeopleState,
    StoreState,
    TemporalState,
    ViewState,
    WorkState,
    examined,
)
from dealflow.bootstrap import open_system
from dealflow.doctor import examine
from dealflow.embedded.home_lock import hold
from dealflow.settings import Settings

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=2)
WELL = Health(
    at=NOW,
    version="0.1.0",
    home="/home/me/.dealflow",
    embedded="dealflow up, process 7",
    store=StoreState(place="SQLite", schema_version=1, events=5, last_position=5, deals=2, in_progress=2),
    people=PeopleState(file="people.yaml", declared=True, people=3),
    processes=("standard-sale@1",),
    temporal=TemporalState(address="127.0.0.1:7233", workers=1, deal_workflows=2, person_workflows=0),
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
        ({"outbox": OutboxState(abandoned=1)}, "outbox", "1 notices were given up"),
        ({"outbox": OutboxState(held=9)}, "outbox", "9 notices wait for an import to finish"),
        ({"outbox": OutboxState(waiting=1, oldest_due=LONG_AGO)}, "outbox", "1 notices wait, the oldest since"),
        ({"views": ViewState(faults=("deal d-1",))}, "views", "could not take in deal d-1"),
        ({"views": ViewState(position=1, head=90_000)}, "views", "89999 events behind"),
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
        {"views": ViewState(position=1, head=900)},
        {"embedded": "", "views": ViewState(position=1, head=90_000)},
    ],
)
def test_what_is_just_under_way_is_no_fault(changes: dict[str, Any]) -> None:
    assert examined(with_changes(**changes)).healthy


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
    assert [problem.part for problem in found.problems] == ["temporal"]
    assert "dealflow up" in found.problems[0].do
    store = found.found.store
    assert (store.schema_version, store.events, store.deals, store.in_progress) == (2, 0, 0, 0)
    assert before <= set(tmp_path.iterdir())


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


def test_a_broken_notice_text_is_told_with_its_place(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    settings.notices.mkdir()
    (settings.notices / "escalation.en.txt").write_text("Subject: $deel_id\n")
    [problem] = [one for one in examine(settings).problems if one.part == "notices"]
    assert "escalation.en.txt:1: there is no value '$deel_id'; did you mean '$deal_id'?" in problem.says


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
    assert (store.schema_version, store.events, store.deals) == (2, 0, 0)
