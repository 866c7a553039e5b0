"""The deal side and the telling side as scripts: each look gives the next answer, and the last one for ever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from dealflow.application.commands.answers import Progressed
from dealflow.application.notices.deliver import Delivered

# An answer, how to make one from the instant of the look, or what goes wrong.
Look = Progressed | Exception | Callable[[datetime], Progressed]
Telling = Delivered | Exception | Callable[[datetime], Delivered]


@dataclass
class ScriptedDeals:
    """Answers each look of a workflow from a script and remembers when it was asked."""

    looks: Sequence[Look]
    asked_at: list[datetime] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def progress(self, deal_id: str, opening: int, now: datetime, *, run: int = 1) -> Progressed:
        """The next answer of the script."""
        with self._lock:
            look = self.looks[min(len(self.asked_at), len(self.looks) - 1)]
            self.asked_at.append(now)
        if isinstance(look, Exception):
            raise look
        return look if isinstance(look, Progressed) else look(now)


@dataclass
class ScriptedDelivering:
    """Answers each delivery from a script and remembers when it was asked."""

    tellings: Sequence[Telling]
    asked_at: list[datetime] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def deliver(
        self, person_id: str, now: datetime, is_stopping: Callable[[], bool], is_given_up: Callable[[], bool]
    ) -> Delivered:
        """The next answer of the script."""
        telling = self.tellings[min(len(self.asked_at), len(self.tellings) - 1)]
        self.asked_at.append(now)
        self.during()
        if isinstance(telling, Exception):
            raise telling
        return telling if isinstance(telling, Delivered) else telling(now)


def waits(until: datetime | None = None) -> Progressed:
    """The deal goes on; nothing is due before `until`."""
    return Progressed(deal_id="d", version=1, closed=False, next_due=until, waits_for="learn: need_confirmed")


CLOSED = Progressed(deal_id="d", version=2, closed=True)
