"""A waker that wakes nobody: as if Temporal could not be reached by the command."""

from collections.abc import Iterable
from datetime import datetime


class SilentWaker:
    """Says that it did not succeed; the relay has to."""

    def wake(self, deal_id: str, opening: int, version: int, next_due: datetime | None) -> bool:
        return False

    def tell(self, recipients: Iterable[str]) -> bool:
        return False
