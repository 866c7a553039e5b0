"""A waker that wakes nobody: as if Temporal could not be reached by the command."""

from collections.abc import Iterable

from dealflow.application.ports.schedule import Scheduled


class SilentWaker:
    """Says that it did not succeed; the relay has to."""

    def wake(self, row: Scheduled, about: str) -> bool:
        return False

    def wake_recipients(self, recipients: Iterable[str]) -> bool:
        return False
