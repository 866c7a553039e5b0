"""Follows the house: after each change of people or calendars the deals that it concerns are woken, and then it is done."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from dealflow.application.house.in_force import InForce
from dealflow.application.house.versions import OF_WAKES, Versions
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.open_stalls import OpenStalls, StalledDeal
from dealflow.application.ports.store import Append, Conflict, EventStore
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.domain.deal.events import HouseFollowed
from dealflow.domain.house.concern import changed_calendars, is_concerned
from dealflow.domain.house.streams import FOLLOWED_STREAM
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.ids import ENGINE
from dealflow.observability.logs import Log, emit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HouseReached:
    """How many versions of people and of calendars there are, or were when all that they concern had been woken."""

    people: int = 0
    calendars: int = 0


class FollowHouse:
    """Of the relay that works. What is still to be woken is known to it alone; what has been done is on record.

    A relay that ends in the middle leaves the record as it was, and the next one begins with the same change: a wake that
    comes twice finds nothing to do.
    """

    def __init__(
        self,
        store: EventStore,
        clock: UtcClock,
        people: InForce[Organisation],
        calendars: InForce[Any],
        open_stalls: OpenStalls,
        calendar_of: Callable[[ProcessRef], str | None],
    ) -> None:
        self._store, self._clock = store, clock
        self._people, self._calendars = people, calendars
        self._open_stalls, self._calendar_of = open_stalls, calendar_of
        self._done: HouseReached | None = None
        self._to: HouseReached | None = None
        self._left: deque[str] = deque()

    def read_files(self, *, leads: bool) -> None:
        """Put on record what has changed in this computer's files, where they are the ones that are followed."""
        for part in (self._people, self._calendars):
            part.follow_file(leads=leads)
        if not leads:
            # Another one may go on meanwhile.
            self._done = self._to = None
            self._left.clear()

    def to_wake(self, most: int) -> list[str]:
        """The next deals to be woken, by id; none where nothing is left, and then it is on record."""
        if self._to is None:
            self._begin()
        if self._to is not None and not self._left:
            self._finish(self._to)
        return [self._left.popleft() for _ in range(min(most, len(self._left)))]

    def not_woken(self, deal_ids: Iterable[str]) -> None:
        """These could not be woken, and the change is not done with."""
        self._left.extend(deal_ids)

    def _begin(self) -> None:
        if self._done is None:
            self._done = self._on_record()
        now = HouseReached(self._people.versions.number(), self._calendars.versions.number())
        if now == self._done:
            return
        self._left.extend(deal.deal_id for deal in self._concerned(self._done, now))
        self._to = now

    def _concerned(self, done: HouseReached, now: HouseReached) -> Iterator[StalledDeal]:
        # Each step by itself: who came and went meanwhile may have been told, or not, by a look in between.
        steps: list[tuple[Organisation | None, Organisation]] = [
            *_steps(self._people.versions, done.people, now.people)
        ]
        names = self._calendars_changed(done.calendars, now.calendars)
        for deal in self._open_stalls.stalled_deals():
            if any(is_concerned(deal.owner, deal.owned, before, after) for before, after in steps) or (
                names and self._calendar_of(deal.process) in names
            ):
                yield deal

    def _calendars_changed(self, done: int, now: int) -> frozenset[str]:
        content_of = self._calendars.versions.kept.content_of
        return frozenset(
            name
            for before, after in _steps(self._calendars.versions, done, now)
            for name in changed_calendars(content_of(before) if before is not None else {}, content_of(after))
        )

    def _on_record(self) -> HouseReached:
        number = self._store.length(FOLLOWED_STREAM)
        found = self._store.event(FOLLOWED_STREAM, number) if number else None
        if found is None or not isinstance(found.fact, HouseFollowed):
            return HouseReached()
        return HouseReached(found.fact.people, found.fact.calendars)

    def _finish(self, reached: HouseReached) -> None:
        number = self._store.length(FOLLOWED_STREAM)
        last = self._store.event(FOLLOWED_STREAM, number) if number else None
        now = self._clock.now()
        at = max(now, last.stamp.recorded_at) if last else now
        cause = f"{OF_WAKES}{reached.people}/{reached.calendars}"
        origin = CommandOrigin(Who(actor=ENGINE), f"{FOLLOWED_STREAM}/{number + 1}", at, cause=cause)
        fact = HouseFollowed(effective_at=at, people=reached.people, calendars=reached.calendars)
        try:
            self._store.append([Append(FOLLOWED_STREAM, number, stamped([fact], number, origin), FOLLOWED_STREAM)])
        except Conflict:
            # Another relay was faster; what it has put on record is looked at again.
            self._done = self._to = None
            return
        emit(Log.HOUSE_FOLLOWED, people=reached.people, calendars=reached.calendars)
        self._done, self._to = reached, None


def _steps(versions: Versions[T], done: int, now: int) -> Iterator[tuple[T | None, T]]:
    """Each version that is not followed yet, with the one before it."""
    before = versions.numbered(done).value if 0 < done < now else None
    for number in range(done + 1, now + 1):
        after = versions.numbered(number).value
        yield before, after
        before = after
