"""What the invariant check reads: the rows of the store as they stand, a page at a time, damaged ones as well."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.store import CommandRow
from dealflow.domain.deal.events import Recorded
from dealflow.domain.values.phrase import NOTHING, Phrase


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event's row: its bytes, their digest, the one it carries of its predecessor, and what it says or why it cannot."""

    stream: str
    version: int
    digest: str
    previous: str
    recorded: Recorded | None
    fault: Phrase = NOTHING
    stored: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """An entry of the outbox; `batch_known` is whether there is such a batch, `fault` says why its text cannot be read."""

    key: str
    recipient: str
    state: str
    deal_id: str
    batch: str | None
    batch_known: bool
    last_error: str
    is_dated: bool  # it says by which channel and when it was delivered
    fault: Phrase = NOTHING


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A row that cannot be what was written: its table, its key, and what is wrong with it; of an event where it stands."""

    table: str
    key: str
    says: Phrase
    stream: str = ""
    version: int | None = None


class StoreRows(Protocol):
    """Pages behind a key, by key; what is read later is never older than what was read before."""

    def streams(self, after: str, limit: int) -> list[tuple[str, int]]:
        """Names of streams of every kind, with the number of their events."""
        ...

    def heads(self, streams: Sequence[str]) -> dict[str, int]:
        """The last version of each stream that has events."""
        ...

    def events(self, streams: Sequence[str]) -> list[StoredEvent]:
        """All events of these streams, by stream and version."""
        ...

    def events_at(self, places: Sequence[tuple[str, int]]) -> list[StoredEvent]:
        """The events at these streams and versions, in any order."""
        ...

    def commands(self, after: str, limit: int) -> list[CommandRow]:
        """Accepted commands."""
        ...

    def commands_of(self, keys: Sequence[str]) -> list[CommandRow]:
        """Those of these keys that were accepted."""
        ...

    def schedule(self, after: str, limit: int) -> list[Scheduled]:
        """Rows of the schedule, also of deals that have ended."""
        ...

    def schedule_of(self, deal_ids: Sequence[str]) -> list[Scheduled]:
        """The rows of these deals."""
        ...

    def notices(self, after: str, limit: int) -> list[StoredNotice]:
        """Entries of the outbox, delivered ones as well."""
        ...

    def damaged(self) -> Iterable[DamagedRow]:
        """Rows that no other of these readings can take; those leave them out, or fail."""
        ...

    def notice_keys(self, keys: Sequence[str]) -> set[str]:
        """Those of these keys that are in the outbox."""
        ...
