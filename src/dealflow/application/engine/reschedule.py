"""Schedule rows written anew from the streams, where one was lost or says something else than its deal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from dealflow.application.engine.asked_of_schedule import AskedOfSchedule, asked_of_schedule
from dealflow.application.ports.schedule import Schedule, Scheduled
from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.domain.deal.events import Recorded
from dealflow.domain.deal.stream import DEAL_STREAMS

_PAGE = 200


def reschedule(
    store: EventStore,
    schedule: Schedule,
    at: datetime,
    *,
    dry_run: bool,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[str]:
    """The deals whose row differed from their stream; unless it is a dry run the row is written anew, with a wake."""
    streams = store.streams(DEAL_STREAMS)
    wrong: list[str] = []
    for start in range(0, len(streams), _PAGE):
        for asked in _asked(store, streams[start : start + _PAGE]):
            if _is_right(asked, schedule):
                continue
            wrong.append(asked.deal_id)
            if not dry_run:
                schedule.put(asked.deal_id, asked.version, asked.change, at)
        progress(min(start + _PAGE, len(streams)), len(streams))
    return wrong


def _asked(store: EventStore, streams: Sequence[str]) -> Iterator[AskedOfSchedule]:
    """Of those that can be read; one that cannot holds up no other, and `doctor --deep` names it."""
    try:
        loaded: Iterable[Sequence[Recorded]] = store.load_many(streams).values()
    except EventUnreadable:
        loaded = []
        for stream in streams:
            with suppress(EventUnreadable):
                loaded.append(store.load(stream))
    for recorded in loaded:
        if asked := asked_of_schedule(recorded):
            yield asked


def sleeps_too_long(row: Scheduled, due: datetime | None) -> bool:
    """Whether nobody is to look at the deal by its next deadline: its timer waits for a later instant, or none does.

    While a wake is outstanding somebody is to look anyway.
    """
    if not row.in_progress or due is None or row.wake_version > max(row.signalled_version, row.seen_version):
        return False
    if row.signalled_version > row.seen_version:
        return False
    return row.armed_at is None or row.armed_at > due


def _is_right(asked: AskedOfSchedule, schedule: Schedule) -> bool:
    row = schedule.get(asked.deal_id)
    if row is None:
        return False
    if max(row.wake_version, row.signalled_version, row.seen_version) > row.version:
        return False
    if row.version == asked.version and sleeps_too_long(row, asked.next_due):
        return False
    # The row is written with the events: a later version has moved on since the stream was read.
    has = (row.deal_id, row.version, row.run, row.opening, row.in_progress, row.next_due)
    return row.version > asked.version or has == asked
