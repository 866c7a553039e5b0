"""What every schedule says of who must be woken, and how it forgets nobody."""

from datetime import datetime, timedelta

from dealflow.application.ports.schedule import Mark, Schedule
from dealflow.application.ports.store import EventStore
from tests.support.deals.facts import AT
from tests.support.stores.appends import append, wants


def after(*, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    return AT + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def waiting(schedule: Schedule, now: datetime, limit: int = 100) -> list[str]:
    rows = schedule.waiting(now, grace_seconds=2, patience_seconds=60, limit=limit)
    return [row.deal_id for row in rows]


def test_a_row_says_what_the_deal_asked_for(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", facts=2, schedule=wants(due_hours=3))])
    row = schedule.get("d-1")
    assert row is not None
    assert (row.deal_id, row.opening, row.in_progress, row.version, row.next_due) == ("d-1", 1, True, 2, after(hours=3))
    assert (row.wake_version, row.wake_at, row.signalled_version, row.signalled_at) == (2, AT, 0, None)
    assert (row.seen_version, row.armed_at) == (0, None)
    assert schedule.get("none") is None


def test_an_instant_is_kept_to_the_microsecond(store: EventStore, schedule: Schedule) -> None:
    at = after(seconds=0.000001)
    store.append([append("d-1", schedule=wants(), at=at)])
    schedule.signalled("d-1", 1, at)
    row = schedule.get("d-1")
    assert row is not None
    assert (row.wake_at, row.signalled_at) == (at, at)


def test_a_wake_waits_once_its_grace_is_over(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    assert waiting(schedule, after(seconds=1.9)) == []
    assert waiting(schedule, after(seconds=2)) == ["d-1"]


def test_an_append_that_needs_no_wake_leaves_none(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants(wake=False))])
    assert waiting(schedule, after(hours=1)) == []


def test_a_wake_that_was_signalled_waits_again_when_patience_is_over(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    schedule.signalled("d-1", 1, after(seconds=3))
    assert waiting(schedule, after(seconds=62)) == []
    assert waiting(schedule, after(seconds=63)) == ["d-1"]
    schedule.signalled("d-1", 1, after(seconds=64))
    assert waiting(schedule, after(seconds=65)) == []


def test_what_a_look_appends_says_that_it_was_seen_and_what_it_waits_for(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants(due_hours=1))])
    store.append([append("d-1", 1, schedule=wants(due_hours=5, seen=True))])
    row = schedule.get("d-1")
    assert row is not None
    assert (row.version, row.wake_version, row.seen_version, row.armed_at) == (2, 2, 2, after(hours=5))
    assert waiting(schedule, after(hours=5)) == []
    assert waiting(schedule, after(hours=5, minutes=1)) == ["d-1"]


def test_a_look_and_what_comes_behind_it_in_one_transaction_leave_both(store: EventStore, schedule: Schedule) -> None:
    look, evidence = append("d-1", 1, schedule=wants(due_hours=5, seen=True)), append("d-1", 2, schedule=wants())
    store.append([append("d-1", schedule=wants(due_hours=1))])
    store.append([look, evidence])
    row = schedule.get("d-1")
    assert row is not None
    assert (row.version, row.wake_version, row.seen_version, row.armed_at) == (3, 3, 2, after(hours=5))
    assert waiting(schedule, after(seconds=2)) == ["d-1"]


def test_an_append_behind_a_look_leaves_what_it_waits_for(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants(due_hours=1, seen=True))])
    store.append([append("d-1", 1, schedule=wants(due_hours=2, wake=False))])
    row = schedule.get("d-1")
    assert row is not None
    assert (row.version, row.seen_version, row.armed_at) == (2, 1, after(hours=1))


def test_what_became_of_many_wakes_is_noted_at_once(store: EventStore, schedule: Schedule) -> None:
    store.append([append(deal, schedule=wants(due_hours=1)) for deal in ("d-1", "d-2", "d-3")])
    schedule.note([Mark("d-2", 1, after(hours=1), seen=True), Mark("d-1", 1, after(seconds=1), seen=False)])
    assert waiting(schedule, after(seconds=5)) == ["d-3"]
    first, second = schedule.get("d-1"), schedule.get("d-2")
    assert first and second
    assert (first.signalled_at, first.seen_version) == (after(seconds=1), 0)
    assert (second.signalled_at, second.seen_version, second.armed_at) == (None, 1, after(hours=1))


def test_a_wake_that_was_seen_waits_no_more(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    schedule.seen("d-1", 1, None)
    assert waiting(schedule, after(hours=1)) == []
    schedule.signalled("d-1", 1, AT)
    assert waiting(schedule, after(hours=1)) == []


def test_closing_waits_to_be_woken_too(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants(in_progress=False))])
    assert waiting(schedule, after(seconds=2)) == ["d-1"]


def test_a_clock_that_is_ahead_puts_no_wake_off(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants(), at=after(hours=1))])
    assert waiting(schedule, after(seconds=0)) == ["d-1"]
    # Small differences are everyday, and only lengthen the grace.
    assert waiting(schedule, after(hours=1, seconds=-1)) == []
    schedule.signalled("d-1", 1, after(hours=1))
    assert waiting(schedule, after(seconds=0)) == ["d-1"]
    schedule.signalled("d-1", 1, after(seconds=1))
    assert waiting(schedule, after(seconds=2)) == []


def test_a_signal_by_a_clock_that_is_ahead_does_not_excuse_a_timer(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    schedule.signalled("d-1", 1, after(hours=9))
    schedule.seen("d-1", 1, after(hours=5))
    assert waiting(schedule, after(hours=5, seconds=60)) == ["d-1"]


def test_a_timer_that_did_not_fire_waits_when_patience_is_over(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    schedule.seen("d-1", 1, after(hours=5))
    assert waiting(schedule, after(hours=5, seconds=59)) == []
    assert waiting(schedule, after(hours=5, seconds=60)) == ["d-1"]
    schedule.signalled("d-1", 1, after(hours=5, seconds=61))
    assert waiting(schedule, after(hours=5, seconds=62)) == []
    assert waiting(schedule, after(hours=5, seconds=121)) == ["d-1"]
    schedule.seen("d-1", 1, after(hours=9))
    assert waiting(schedule, after(hours=6)) == []


def test_the_timer_of_a_closed_deal_is_nobodys(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    schedule.seen("d-1", 1, after(hours=5))
    store.append([append("d-1", 1, schedule=wants(wake=False, in_progress=False))])
    assert waiting(schedule, after(hours=9)) == []


def test_a_later_wake_does_not_put_off_one_that_is_outstanding(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    store.append([append("d-1", 1, schedule=wants(), at=after(seconds=1.5))])
    store.append([append("d-1", 2, schedule=wants(wake=False), at=after(seconds=1.6))])
    row = schedule.get("d-1")
    assert row is not None
    assert (row.version, row.wake_version, row.wake_at) == (3, 2, AT)
    assert waiting(schedule, after(seconds=2)) == ["d-1"]


def test_a_wake_after_one_that_was_seen_has_its_own_age(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    schedule.seen("d-1", 1, None)
    store.append([append("d-1", 1, schedule=wants(), at=after(hours=1))])
    row = schedule.get("d-1")
    assert row is not None
    assert row.wake_at == after(hours=1)


def test_what_was_seen_is_never_unseen_by_a_slower_worker(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", facts=5, schedule=wants())])
    schedule.seen("d-1", 5, after(hours=5))
    schedule.seen("d-1", 3, after(hours=1))
    schedule.signalled("d-1", 5, after(hours=2))
    schedule.signalled("d-1", 4, after(hours=3))
    row = schedule.get("d-1")
    assert row is not None
    assert (row.seen_version, row.armed_at) == (5, after(hours=5))
    assert (row.signalled_version, row.signalled_at) == (5, after(hours=2))


def test_a_new_opening_has_no_timer_yet(store: EventStore, schedule: Schedule) -> None:
    store.append([append("d-1", schedule=wants())])
    schedule.seen("d-1", 1, after(hours=1))
    store.append([append("d-1", 1, schedule=wants(opening=2), at=after(hours=5))])
    row = schedule.get("d-1")
    assert row is not None
    assert (row.opening, row.armed_at, row.seen_version, row.wake_version) == (2, None, 1, 2)


def test_the_oldest_wait_comes_first_and_only_so_many(store: EventStore, schedule: Schedule) -> None:
    for minutes, deal in enumerate(["d-c", "d-a", "d-b", "d-d"]):
        store.append([append(deal, schedule=wants(), at=after(minutes=minutes))])
    schedule.seen("d-d", 1, after(seconds=-30))
    schedule.signalled("d-c", 1, after(minutes=9))
    assert waiting(schedule, after(minutes=60)) == ["d-d", "d-a", "d-b", "d-c"]
    assert waiting(schedule, after(minutes=60), limit=2) == ["d-d", "d-a"]
    assert waiting(schedule, after(minutes=9.5)) == ["d-d", "d-a", "d-b"]


def test_deals_in_progress_are_paged_by_id(store: EventStore, schedule: Schedule) -> None:
    deals = ["d-10", "d-2", "D-1", "中", "é"]
    store.append([append(deal, schedule=wants(in_progress=deal != "d-2")) for deal in deals])
    first = schedule.in_progress(limit=3)
    rest = schedule.in_progress(first[-1].deal_id, 3)
    assert [row.deal_id for row in first + rest] == ["D-1", "d-10", "é", "中"]


def test_a_lost_row_is_written_anew_but_never_over_a_later_one(store: EventStore, schedule: Schedule) -> None:
    schedule.put("d-1", 4, wants(due_hours=1), AT)
    store.append([append("d-2", facts=5, schedule=wants(due_hours=2))])
    schedule.put("d-2", 4, wants(due_hours=1), AT)
    found = {row.deal_id: (row.version, row.next_due) for row in schedule.in_progress()}
    assert found == {"d-1": (4, after(hours=1)), "d-2": (5, after(hours=2))}


def test_a_row_that_is_written_anew_forgets_what_was_seen_of_versions_that_are_not_there(
    store: EventStore, schedule: Schedule
) -> None:
    store.append([append("d-1", facts=2, schedule=wants(due_hours=1))])
    schedule.signalled("d-1", 9, AT)
    schedule.seen("d-1", 9, after(hours=30))
    assert waiting(schedule, after(hours=2)) == []
    schedule.put("d-1", 2, wants(due_hours=1), AT)
    row = schedule.get("d-1")
    assert row is not None
    assert (row.wake_version, row.signalled_version, row.seen_version, row.armed_at) == (2, 0, 0, None)
    assert waiting(schedule, after(hours=2)) == ["d-1"]


def test_news_of_a_deal_without_a_row_changes_nothing(schedule: Schedule) -> None:
    schedule.seen("none", 1, AT)
    schedule.signalled("none", 1, AT)
    assert schedule.in_progress() == []
