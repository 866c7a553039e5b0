"""Every instant from outside is held against the store's clock, on both databases, and only a setting of tests lifts it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.store.store_clock import StoreClock
from dealflow.application.health.diagnosis import examined
from dealflow.application.health.state import Health, PeopleState, StoreState, TemporalState
from dealflow.application.ports.store import ClockOff
from dealflow.domain.values.phrase import phrase
from dealflow.settings import Settings, SettingsError
from dealflow.worker import activities_of
from dealflow_workflows.contracts import DeliverRequest, ProgressRequest
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.stores.databases import DATABASES, database_params
from tests.support.workers.moved_clock import with_moved_clock

YEAR = timedelta(days=365)
MINUTE = timedelta(minutes=1)
WRONG = (11 * MINUTE, YEAR * 50, YEAR * 200, -11 * MINUTE, -YEAR * 50)
IN_2100 = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def real_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production."""
    monkeypatch.delenv("DEALFLOW_TESTS_MOVE_CLOCKS")


@pytest.fixture(params=database_params(*DATABASES))
def running(request: pytest.FixtureRequest, tmp_path: Path, real_clock: None) -> Iterator[RunningSystem]:
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    with running_system(tmp_path / "house", "127.0.0.1:1", database=url) as running:
        running.open("d1")
        yield running


def events(running: RunningSystem) -> int:
    return running.system.parts.count_events()


@pytest.mark.parametrize("moved", WRONG, ids=str)
def test_a_command_from_a_computer_with_another_time_is_refused_and_changes_nothing(
    running: RunningSystem, moved: timedelta
) -> None:
    before, clock = events(running), with_moved_clock(running.system)
    clock.moved = moved
    with pytest.raises(ClockOff, match="store's clock, which says"):
        running.open("d2")
    assert events(running) == before and not running.system.store.load("deal/d2")
    clock.moved = timedelta(minutes=5)
    running.open("d2")
    clock.moved = timedelta(0)
    running.prove_need("d1")


@pytest.mark.parametrize("now", [IN_2100, datetime(9999, 12, 31, tzinfo=UTC)])
def test_an_activity_that_is_called_with_another_year_does_nothing(running: RunningSystem, now: datetime) -> None:
    acts, calls = activities_of(running.system), ActivityEnvironment()
    before, row = events(running), running.row("d1")
    with pytest.raises(ClockOff, match="lies ahead of the store's clock"):
        calls.run(acts.progress_deal, ProgressRequest(deal_id="d1", opening=1, now=now))
    with pytest.raises(ClockOff):
        calls.run(acts.deliver_notices, DeliverRequest(person_id=running.seller, now=now))
    assert (events(running), running.row("d1")) == (before, row)
    running.prove_need("d1")
    calls.run(acts.progress_deal, ProgressRequest(deal_id="d1", opening=1, now=SystemClock().now()))
    assert running.deal("d1").stage == "sign"
    assert running.deal("d1").recorded_at < SystemClock().now() + MINUTE


def test_so_does_whoever_asks_the_deal_itself(running: RunningSystem) -> None:
    before = events(running)
    with pytest.raises(ClockOff):
        running.system.deals.progress("d1", 1, IN_2100)
    assert events(running) == before


class _Clocks:
    """A database whose clock and last stamp a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 29, 12, tzinfo=UTC)
        self.last: datetime | None = None
        self.asked = 0

    def ask(self) -> datetime:
        self.asked += 1
        return self.now


def test_an_append_before_what_the_log_has_is_refused() -> None:
    clocks = _Clocks()
    clocks.last = clocks.now + timedelta(minutes=19)
    clock = StoreClock(clocks.ask, lambda: clocks.last)
    clock.check_append([clocks.now + timedelta(minutes=9, seconds=30)])
    with pytest.raises(ClockOff, match="before the last event of the store"):
        clock.check_append([clocks.now])


def test_the_database_is_asked_again_before_anybody_is_refused_and_seldom_else() -> None:
    clocks = _Clocks()
    clock = StoreClock(clocks.ask, lambda: clocks.last)
    for _ in range(100):
        clock.check_append([clocks.now])
        clock.appended([clocks.now])
    assert clocks.asked == 1
    # A computer that slept: the database has gone on, and this one did not count it.
    clocks.now += timedelta(hours=8)
    clock.check_append([clocks.now])
    assert clocks.asked == 2


def test_what_this_process_has_written_counts_as_well() -> None:
    clocks = _Clocks()
    clocks.last = clocks.now
    clock = StoreClock(clocks.ask, lambda: clocks.last)
    late = clocks.now + timedelta(minutes=9)
    clock.check_append([late])
    clock.appended([late])
    clocks.last = late
    with pytest.raises(ClockOff):
        clock.check_append([clocks.now - timedelta(minutes=2)])


@pytest.mark.parametrize("value", ["1", "true", "yes", "this is a test"])
def test_nobody_lifts_it_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DEALFLOW_TESTS_MOVE_CLOCKS", value)
    with pytest.raises(SettingsError):
        Settings.load(home=tmp_path)
    monkeypatch.delenv("DEALFLOW_TESTS_MOVE_CLOCKS")
    (tmp_path / "settings.toml").write_text('tests_move_clocks = "this is a test and no production"\n')
    with pytest.raises(SettingsError, match="unknown key"):
        Settings.load(home=tmp_path)


def health(**found: object) -> Health:
    nothing = Health(
        at=SystemClock().now(),
        version="",
        home="",
        store=StoreState(place=phrase("here")),
        people=PeopleState(file="people.yaml", declared=True),
    )
    return nothing.model_copy(update=found)


def test_doctor_says_when_it_is_lifted() -> None:
    said = [str(one.says) for one in examined(health(clocks_moved=True)).advice]
    assert any("DEALFLOW_TESTS_MOVE_CLOCKS is set" in one for one in said)
    assert not any("MOVE_CLOCKS" in one.says for one in examined(health()).advice)


@pytest.mark.parametrize(("guarded_by", "is_elsewhere", "told"), [("", True, 1), ("mtls", True, 0), ("", False, 0)])
def test_doctor_says_where_temporal_is_open_to_whoever_reaches_it(
    guarded_by: str, is_elsewhere: bool, told: int
) -> None:
    temporal = TemporalState(address="temporal.example:7233", guarded_by=guarded_by, is_elsewhere=is_elsewhere)
    said = [one for one in examined(health(temporal=temporal)).advice if "without mTLS" in one.says]
    assert len(said) == told and all("TEMPORAL_API_KEY" in one.do for one in said)
