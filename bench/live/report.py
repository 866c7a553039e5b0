"""What one live feed did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveReport:
    """`events` of the log went in as `commands`; `seconds` run from the first one to the last deal that a workflow has seen."""

    deals: int
    events: int
    commands: int
    seconds: float

    @property
    def rate(self) -> float:
        """Events of the log a second."""
        return self.events / self.seconds
