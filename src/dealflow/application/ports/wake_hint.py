"""The port of the hint that follows an append: it wakes workflows at once, where it can."""

from collections.abc import Callable, Iterable
from typing import Protocol

from dealflow.application.ports.schedule import Scheduled


class WakeHint(Protocol):
    """A hint to the workflows after an append; may fail in silence, since the relay makes wakes certain."""

    def wake(self, row: Scheduled, about: str) -> bool:
        """Wake or start the deal's workflow, by its schedule as an append has just left it; whether Temporal took it.

        `about` is what people read of the workflow.
        """
        ...

    def wake_recipients(self, recipients: Iterable[str]) -> bool:
        """Wake the workflows of these recipients of notices; whether Temporal took it."""
        ...


# Called when there is something to wake: most commands wake nobody and load no client. None: no server is known.
ReachHint = Callable[[], WakeHint | None]
