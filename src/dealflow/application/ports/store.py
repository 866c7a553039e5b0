"""The port of the event store: what is read of it for a decision, and what one transaction appends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dealflow.application.ports.schedule import ScheduleChange
from dealflow.domain.deal.events import Fact, Recorded, Stamp
from dealflow.domain.escalation.notice import Notice
from dealflow.domain.track.unique_values import ValueHolder
from dealflow.domain.values.phrase import Phrase, phrase


class Conflict(Exception):
    """Somebody appended to the stream meanwhile: load, decide and append again."""


class CommandRepeated(Exception):
    """The command of this key is in the store already."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


class StoreUnreachable(Exception):
    """The store cannot be used; the message says what and where, without secrets."""


class EventUnreadable(StoreUnreachable):
    """An event that cannot be read; the message names its stream, its version and the reason."""

    def __init__(self, stream: str, version: int, reason: Phrase) -> None:
        self.stream, self.version = stream, version
        super().__init__(
            phrase(
                "event {version} of {stream} cannot be read: {reason}", version=version, stream=stream, reason=reason
            )
        )


class ClockOff(StoreUnreachable):
    """An instant from outside that the store's clock does not bear out; nothing is written, for a stamp cannot be taken back."""

    def __init__(self, wrong: Phrase) -> None:
        super().__init__(
            phrase("{wrong}; nothing was changed. Set the clocks right (NTP), then try again", wrong=wrong)
        )


class OutcomeUnknown(StoreUnreachable):
    """The store went away while it committed: what was to be written may be there, and may be written again."""


class KeysUnavailable(StoreUnreachable):
    """Something personal was to be recorded and no key can be had for it; nothing is recorded, and the message says what to do."""


class KeyMissing(KeysUnavailable):
    """The keys are there, except those of `subjects`, whose earlier values cannot be read: only they are hindered."""

    def __init__(self, subjects: Sequence[str]) -> None:
        self.subjects = tuple(subjects)
        super().__init__(
            phrase(
                "the key of {subjects} is missing, so nothing personal is recorded for it; put a key file that has it back"
                " (`dealflow doctor` says which), or give it a new one, and what is encrypted under the old one stays lost:"
                " `dealflow customer rekey {first} --reason ...`",
                subjects=", ".join(subjects),
                first=subjects[0],
            )
        )


def command_key(principal: str, command_id: str) -> str:
    """By what a command is found: an id is one person's, whatever ids others have chosen. Neither has a line break in it."""
    return f"{principal}\n{command_id}"


def said_of_key(key: str) -> str:
    """The command of this key as people read it: its id, and whose it is."""
    # A damaged row may have anything in its place.
    principal, is_ours, command_id = str(key).partition("\n")
    return f"{command_id} ({principal})" if is_ours else key


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command that was accepted: `content` tells what was asked, `answer` is the JSON given for it.

    `key` is its `command_key`; a version before kept the id alone, which is nobody's key.
    `personal` is what of it is not to be stored in the clear: the store puts a digest of it under the subject's key into
    `content`, and a row that is read has none.
    """

    key: str
    content: str
    answer: str
    personal: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a stream, as a reader has found it: the next event carries the digest of its stored bytes."""

    version: int
    recorded_at: datetime
    digest: str


class Stream(list[Recorded]):
    """All events of one stream in order, with its head; a stream without events has none."""

    def __init__(self, events: Iterable[Recorded] = (), head: Head | None = None) -> None:
        super().__init__(events)
        self.head = head


@dataclass(frozen=True, slots=True)
class HeldBy:
    """Who holds a value that may stand once, by its key, in the order of their recording; each change is a revision."""

    key: str
    holders: tuple[ValueHolder, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Append:
    """New facts of one stream with everything that is written in the same transaction.

    `version` is that of the last event known (0: none); the stamps continue it. `head` is that event where the caller has
    read it, else the store reads it once more. `subject` names the key of personal fields: the customer's id, or
    `deal:<id>` where the customer is not known. `held` are the values that may stand once whose holders change, each as it
    is to be; a revision that does not follow the stored one is a Conflict. `about` is what people read of the deal's
    workflow, and is not written.
    """

    stream: str
    version: int
    facts: tuple[tuple[Fact, Stamp], ...]
    subject: str
    command: CommandRow | None = None
    notices: tuple[Notice, ...] = ()
    schedule: ScheduleChange | None = None
    held: tuple[HeldBy, ...] = ()
    about: str = ""
    head: Head | None = None


def recorded_by(append: Append) -> list[Recorded]:
    """The events of an append as they stand in their stream."""
    return [Recorded(stream=append.stream, stamp=stamp, fact=fact) for fact, stamp in append.facts]


@dataclass(frozen=True, slots=True)
class Correlated:
    """A stream with events of one correlation: the version of the first of them, and how many there are.

    `opens`: the first opens a deal.
    """

    stream: str
    first: int
    events: int
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """An event at its place in the log of the whole store; positions rise and have gaps."""

    position: int
    recorded: Recorded


class HeldValues(Protocol):
    """Who holds the values that may stand once, as a whole; every call raises StoreUnreachable."""

    def page(self, after: str, limit: int) -> list[HeldBy]:
        """The next behind a key, by key."""
        ...

    def put(self, changes: Sequence[HeldBy]) -> bool:
        """Write these revisions; False, and nothing is written, where one does not follow the stored one."""
        ...


class StoreReader(Protocol):
    """What a decision reads of a store; a group reads it once for all of its members."""

    def load(self, stream: str) -> Stream:
        """All events of one stream in order; empty when there is none."""
        ...

    def commands(self, keys: Sequence[str]) -> list[CommandRow]:
        """What was answered to the commands of these keys; one that was never accepted is absent."""
        ...

    def held(self, keys: Sequence[str]) -> dict[str, HeldBy]:
        """Who holds these values; a key that was never held is absent."""
        ...

    def streams(self, prefix: str) -> list[str]:
        """The names of all streams that begin so, sorted."""
        ...


class EventStore(StoreReader, Protocol):
    """The only truth. Streams are named `deal/<id>`, `process/<name>`, `customer/<id>`, `house/<what>`,
    `import/<source>`. The first event of each has version 1.
    """

    def load_many(self, streams: Sequence[str]) -> dict[str, Stream]:
        """The same for several streams at once; a stream without events is absent."""
        ...

    def length(self, stream: str) -> int:
        """How many events a stream has; 0 when there is none."""
        ...

    def event(self, stream: str, version: int) -> Recorded | None:
        """One event of a stream; None when there is none of this version."""
        ...

    def append(self, appends: Sequence[Append]) -> None:
        """All or nothing, in one transaction; return when it stands, though its answer be lost and it be tried again.

        Raise Conflict, CommandRepeated or StoreUnreachable, and nothing is written; OutcomeUnknown when nobody can say.
        """
        ...

    def correlated(
        self, correlation_id: str, behind: tuple[str, int] | None = None, before: tuple[str, int] | None = None
    ) -> list[Correlated]:
        """The streams with events of this correlation, by name.

        Only the log between two events is gone through, each told by its stream and version; without them, all of it.
        """
        ...

    def log(self, after: int, limit: int) -> list[Logged]:
        """The next events of the whole store behind a position, at most `limit`."""
        ...

    def head(self) -> int:
        """The last position of the log, 0 when it is empty."""
        ...
