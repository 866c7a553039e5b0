"""What the check of the seal reads: the chain of seals, what of it still stands as it was sealed, and the rows that change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

# Kinds of rows that change, each with a mark of its own.
Marked = Literal["schedule", "notice", "batch", "lease", "value"]


@dataclass(frozen=True, slots=True)
class SealedEvents:
    """The events of one append: versions and positions in the log follow one another."""

    stream: str
    first: int
    position: int
    digests: tuple[str, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.digests) - 1


@dataclass(frozen=True, slots=True)
class SealedStream:
    """A stream as it stood when the store was sealed: the digest of its last event, and one over all its positions."""

    stream: str
    length: int
    digest: str
    positions: str


@dataclass(frozen=True, slots=True)
class SealedSchedule:
    """What an append has said of its deal's row in the schedule."""

    deal_id: str
    version: int
    opening: int
    in_progress: bool
    next_due: datetime | None
    wake: bool
    run: int = 1


@dataclass(frozen=True, slots=True)
class Begun:
    """A chain begins, or begins anew: from here on, with everything that stood then."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """One link of the chain: what it covers, by digests. `holds` is None where its key is not here.

    `follows`: it may come behind a seal of another key, by that key's own word.
    """

    number: int
    key_id: str
    holds: bool | None
    follows: bool = True
    events: SealedEvents | None = None
    streams: tuple[SealedStream, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    notices: Mapping[str, str] = field(default_factory=dict)
    held: tuple[str, ...] = ()  # keys of values that may stand once
    schedule: SealedSchedule | None = None
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class StillThere:
    """What of some seals stands now: digests by place, id or key; what is not there is absent."""

    events: Mapping[tuple[str, int], str]
    positions: Mapping[tuple[str, int], int]
    streams: Mapping[str, str]  # the digest over the positions of a SealedStream
    commands: Mapping[str, str]
    notices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row that changes: whether its mark is of it, None where that key is not here; `is_new`: unmarked, as it was made."""

    key: str
    key_id: str
    changes: int
    holds: bool | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class SealState:
    """How the store is sealed: how many links the chain has, the key of the next one, and whether that is here.

    `begun` is where a store that was not sealed from its first event on began; `is_gone`: there are events, and no seals.
    """

    seals: int
    key_id: str
    is_here: bool
    begun: Begun | None = None
    is_gone: bool = False


class Sealing(Protocol):
    """Looks after the chain; nothing else is changed by it."""

    def state(self) -> SealState:
        """As it is now."""
        ...

    def new_key(self) -> str:
        """Add a key, by which nothing is sealed yet; raise StoreUnreachable where the key before is not here."""
        ...

    def rotate_to(self, key_id: str) -> None:
        """Seal by this key from now on, unless it has sealed before."""
        ...

    def begin_anew(self, reason: str) -> SealState:
        """Seal everything as it stands by a new key, and keep the chain before it."""
        ...


class SealRows(Protocol):
    """Pages behind a number or a key; what is read later is never older than what was read before."""

    def seals(self, after: int, limit: int) -> list[StoredSeal]:
        """The next links of the chain, by number."""
        ...

    def still_there(self, seals: Sequence[StoredSeal]) -> StillThere:
        """What they cover, as it is now."""
        ...

    def marked(self, kind: Marked, after: str, limit: int) -> list[MarkedRow]:
        """Rows that change, by key."""
        ...
