"""The port of the seal of a single event, for whoever is about to do what cannot be taken back by its word."""

from typing import Literal, Protocol

# As it was sealed; not so, or never sealed; its key is not here, so that nobody can say.
EventVerdict = Literal["whole", "altered", "unknown"]


class EventSeals(Protocol):
    """Looks at one event and its seal, and not at the whole chain. It raises StoreUnreachable."""

    def of(self, stream: str, version: int) -> EventVerdict:
        """How this event stands."""
        ...
