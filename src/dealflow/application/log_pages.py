"""The log page by page, past events that cannot be read."""

from dataclasses import dataclass

from dealflow.application.ports.store import EventStore, EventUnreadable, Logged


@dataclass(frozen=True, slots=True)
class Page:
    """The next events, or one that cannot be read; a follower goes on behind `end`."""

    events: tuple[Logged, ...]
    end: int
    tail: str = ""
    unreadable: EventUnreadable | None = None


def next_page(store: EventStore, after: int, limit: int) -> Page | None:
    """What stands behind a position; None at the end of the log."""
    while True:
        try:
            events = store.log(after, limit)
        except EventUnreadable as error:
            if limit == 1:
                return Page((), end=_position_of(error, store, after), unreadable=error)
            limit //= 2
        else:
            return Page(tuple(events), end=events[-1].position, tail=tail_of(events[-1])) if events else None


def tail_of(logged: Logged) -> str:
    """Which event stands at a position: the same in a restored store only if it is the same history."""
    stamp = logged.recorded.stamp
    return f"{logged.recorded.stream} {stamp.version} {stamp.command_id} {stamp.recorded_at.isoformat()}"


def _position_of(error: EventUnreadable, store: EventStore, after: int) -> int:
    """The position of the event that cannot be read: the first from which on the log no longer begins with it."""
    low, high = after + 1, store.head()
    while low < high:
        middle = (low + high) // 2
        if _begins_with(error, store, middle):
            low = middle + 1
        else:
            high = middle
    return low


def _begins_with(error: EventUnreadable, store: EventStore, after: int) -> bool:
    try:
        store.log(after, 1)
    except EventUnreadable as found:
        return (found.stream, found.version) == (error.stream, error.version)
    return False
