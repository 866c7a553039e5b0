"""The port of the rows by which a store knows its keys: compared with the events and the keys, and put right."""

from dataclasses import dataclass
from typing import Protocol

from dealflow.domain.values.phrase import Phrase


@dataclass(frozen=True, slots=True)
class KeyDifference:
    """A row that is not as it must be, and what it says instead; with the event that names the key first, where one does."""

    key_id: str
    says: Phrase
    stream: str = ""
    version: int | None = None


class KeyRows(Protocol):
    """Both read the whole log, and raise StoreUnreachable. Neither makes nor destroys a key by itself."""

    def differing(self) -> list[KeyDifference]:
        """The rows that are not as the events and the keys have it, by key."""
        ...

    def put_right(self) -> int:
        """Write them as they must be; one that nobody can know stays. How many were written."""
        ...
