"""The computer's clock: the only place outside workflows that asks for the present instant."""

from datetime import UTC, datetime


class SystemClock:
    """The present instant, aware, UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)
