"""Gauges of the store: how much waits and since when, on both databases, asked for rarely however often it is scraped."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dealflow.adapters.store import StoreParts
from dealflow.adapters.telemetry.store_gauges import StoreGauges
from dealflow.application.ports.store import StoreUnreachable
from dealflow.observability import metrics as m
from dealflow.observability.metrics import Metric
from tests.adapters.store.conftest import Database
from tests.support.deals.facts import AT
from tests.support.deals.house import StoppedClock
from tests.support.stores.appends import append, notice, wants


@pytest.fixture
def parts(database: Database) -> StoreParts:
    return database.open()


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def gauges(parts: StoreParts, at: datetime, position: Callable[[], int] = lambda: 0) -> dict[Metric, object]:
    found = StoreGauges(parts.tallies, parts.store, position, StoppedClock(at))()
    assert all(labels == () for _, labels, _ in found)
    return {metric: value for metric, _, value in found}


def test_an_empty_store_waits_for_nothing(parts: StoreParts) -> None:
    found = gauges(parts, AT)
    assert found.pop(m.STORE_UP) == 1
    assert len(found) == 11 and set(found.values()) == {0.0}


def test_deals_are_counted_while_they_are_in_progress_and_wakes_until_they_are_sent(parts: StoreParts) -> None:
    parts.store.append([append("a", schedule=wants(due_hours=1)), append("b", schedule=wants(wake=False))])
    parts.store.append([append("c", schedule=wants(in_progress=False), at=after(3))])
    found = gauges(parts, after(10))
    assert (found[m.IN_PROGRESS], found[m.WAKES_WAITING], found[m.OLDEST_WAKE]) == (2, 2, 600)
    parts.schedule.signalled("a", 1, after(4))
    found = gauges(parts, after(10))
    assert (found[m.WAKES_WAITING], found[m.OLDEST_WAKE]) == (1, 420)


def test_a_deal_is_overdue_when_nobody_has_looked_since_its_signal_or_its_deadline(parts: StoreParts) -> None:
    parts.store.append([append(deal, schedule=wants(due_hours=1)) for deal in ("a", "b", "c")])
    parts.schedule.signalled("a", 1, after(2))
    for deal, armed in (("b", after(5)), ("c", after(30))):
        parts.schedule.signalled(deal, 1, AT)
        parts.schedule.seen(deal, 1, armed)
    found = gauges(parts, after(10))
    assert (found[m.OVERDUE], found[m.OLDEST_OVERDUE]) == (2, 480)
    parts.schedule.seen("a", 1, after(60))
    found = gauges(parts, after(10))
    assert (found[m.OVERDUE], found[m.OLDEST_OVERDUE]) == (1, 300)


def test_the_age_of_the_outbox_goes_on_through_failures_and_leaves_out_what_an_import_holds(parts: StoreParts) -> None:
    parts.store.append(
        [append("a", notices=[notice("n-1"), notice("n-2", minutes=5), notice("n-3", batch="import", minutes=-60)])]
    )
    found = gauges(parts, after(10))
    assert (found[m.OUTBOX_WAITING], found[m.OUTBOX_AGE], found[m.OUTBOX_OVERDUE]) == (2, 600, 600)
    parts.outbox.failed(["n-1"], "452 mailbox full", after(40))
    found = gauges(parts, after(10))
    assert (found[m.OUTBOX_AGE], found[m.OUTBOX_OVERDUE]) == (600, 300)
    parts.outbox.delivered(["n-2"], "file", after(10))
    found = gauges(parts, after(10))
    assert (found[m.OUTBOX_WAITING], found[m.OUTBOX_AGE], found[m.OUTBOX_OVERDUE]) == (1, 600, 0)
    parts.outbox.finish_batch("import", after(10))
    assert gauges(parts, after(10))[m.OUTBOX_WAITING] == 2


def test_the_board_is_as_old_as_the_first_event_that_it_lacks(parts: StoreParts) -> None:
    parts.store.append([append("a")])
    behind = parts.store.head()
    parts.store.append([append("b", at=after(3)), append("c", at=after(5))])
    found = gauges(parts, after(10), lambda: behind)
    assert (found[m.PROJECTION_EVENTS], found[m.PROJECTION_SECONDS]) == (2, 420)
    found = gauges(parts, after(10), parts.store.head)
    assert (found[m.PROJECTION_EVENTS], found[m.PROJECTION_SECONDS]) == (0, 0)


def test_the_store_is_asked_four_times_a_minute_at_most(parts: StoreParts) -> None:
    given = StoreGauges(parts.tallies, parts.store, lambda: 0, StoppedClock(AT))
    first = given()
    parts.store.append([append("a", schedule=wants())])
    assert given() == first
    at_once = StoreGauges(parts.tallies, parts.store, lambda: 0, StoppedClock(AT), every_seconds=0)
    at_once()
    parts.store.append([append("b", schedule=wants())])
    assert (m.IN_PROGRESS, (), 2.0) in at_once()


def test_a_store_that_is_away_is_down_and_nothing_else_is_claimed_of_it(parts: StoreParts) -> None:
    def away() -> int:
        raise StoreUnreachable("the store cannot be used")

    assert gauges(parts, AT, away) == {m.STORE_UP: 0}
