"""The store's clock: what an append, or any instant from outside, is held against, so that one wrong clock moves no time."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from dealflow.application.ports.store import ClockOff
from dealflow.domain.values.phrase import Phrase, phrase

TOLERANCE = timedelta(minutes=10)
# So long the database's clock is told by this computer's count of seconds, which no setting of its clock changes.
_ASK_EVERY_SECONDS = 60.0


class StoreClock:
    """Safe to use from several threads. `ask` is the database's clock, `last` the last stamp of the log where there is one.

    `is_moved`: a test moves clocks, and nothing is refused.
    """

    def __init__(
        self, ask: Callable[[], datetime], last: Callable[[], datetime | None], *, is_moved: bool = False
    ) -> None:
        self._ask, self._last, self._is_moved = ask, last, is_moved
        self._known: tuple[datetime, float] | None = None
        self._newest: datetime | None = None
        self._lock = Lock()

    def check_append(self, stamps: Iterable[datetime]) -> None:
        """Raise ClockOff where events would be stamped off the database's clock, or before what the log has."""
        at = max(stamps, default=None)
        if at is None or self._is_moved:
            return
        if self._fault(at, is_append=True):
            # What is wrong may be what was known: ask again before anybody is refused.
            self._forget()
            if wrong := self._fault(at, is_append=True):
                raise ClockOff(wrong)

    def appended(self, stamps: Iterable[datetime]) -> None:
        """Events with these stamps stand in the log."""
        at = max(stamps, default=None)
        with self._lock:
            if at is not None and self._newest is not None:
                self._newest = max(self._newest, at)

    def check_instant(self, at: datetime) -> None:
        """Raise ClockOff for an instant from outside that is ahead of the database's clock."""
        if self._is_moved or not self._fault(at, is_append=False):
            return
        self._forget()
        if wrong := self._fault(at, is_append=False):
            raise ClockOff(wrong)

    def _fault(self, at: datetime, *, is_append: bool) -> Phrase | None:
        now, newest = self._now()
        known = {"at": f"{at:%Y-%m-%d %H:%M:%S} UTC", "now": f"{now:%Y-%m-%d %H:%M:%S} UTC"}
        if at > now + TOLERANCE:
            return phrase("the instant {at} lies ahead of the store's clock, which says {now}", **known)
        if not is_append:
            return None
        if at < now - TOLERANCE:
            return phrase("the instant {at} lies behind the store's clock, which says {now}", **known)
        if newest is not None and at < newest - TOLERANCE:
            last = f"{newest:%Y-%m-%d %H:%M:%S} UTC"
            return phrase(
                "the instant {at} lies before the last event of the store, of {last}", at=known["at"], last=last
            )
        return None

    def _now(self) -> tuple[datetime, datetime | None]:
        with self._lock:
            if self._known is None or monotonic() - self._known[1] > _ASK_EVERY_SECONDS:
                self._newest = self._last()
                self._known = (self._ask(), monotonic())
            asked, since = self._known
            return asked + timedelta(seconds=monotonic() - since), self._newest

    def _forget(self) -> None:
        with self._lock:
            self._known = None
