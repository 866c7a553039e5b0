"""The port of the clock."""

from datetime import datetime
from typing import Protocol


class UtcClock(Protocol):
    """The only source of the present instant outside workflows."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...
