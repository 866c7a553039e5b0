"""What the use cases need from outside: a store of facts with its outbox and schedule, a clock, and somebody to wake."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from dealflow.domain.deal.events import Fact, Recorded, Stamp
from dealflow.domain.escalation.notice import Notice


class Conflict(Exception):
    """Somebody appended to the stream meanwhile: load, decide and append again."""


class CommandRepeated(Exception):
    """The command id is in the store already."""

    def __init__(self, command_id: str) -> None:
        self.command_id = command_id
        super().__init__(command_id)


class StoreUnreachable(Exception):
    """The store cannot be used; the message says what and where, without secrets."""


class EventUnreadable(StoreUnreachable):
    """An event that cannot be read; the message names its stream, its version and the reason."""

    def __init__(self, stream: str, version: int, reason: str) -> None:
        self.stream, self.version = stream, version
        super().__init__(f"event {version} of {stream} cannot be read: {reason}")


class OutcomeUnknown(StoreUnreachable):
    """The store went away while it committed: what was to be written may be there, and may be written again."""


class TemporalUnreachable(Exception):
    """Temporal cannot be used now; the message says which server and why."""


@dataclass(frozen=True, slots=True)
class CommandRow:
    """A command that was accepted: `content` is the digest of what was asked, `answer` the JSON given for it."""

    command_id: str
    content: str
    answer: str


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """What an append means for the deal's workflow; `wake`: it must be woken for this version.

    `seen`: it is the workflow's own look that appends, and what it waits for from now on is `next_due`.
    """

    opening: int
    in_progress: bool
    next_due: datetime | None
    wake: bool
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Append:
    """New facts of one stream with everything that is written in the same transaction.

    `version` is that of the last event known (0: none); the stamps continue it. `subject` names the key of personal
    fields: the customer's id, or `deal:<id>` where the customer is not known. `about` is what people read of the deal's
    workflow, and is not written.
    """

    stream: str
    version: int
    facts: tuple[tuple[Fact, Stamp], ...]
    subject: str
    command: CommandRow | None = None
    notices: tuple[Notice, ...] = ()
    schedule: ScheduleChange | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """An event at its place in the log of the whole store; positions rise and have gaps."""

    position: int
    recorded: Recorded


class Reading(Protocol):
    """What a decision reads of a store; a group reads it once for all of its members."""

    def load(self, stream: str) -> list[Recorded]:
        """All events of one stream in order; empty when there is none."""
        ...

    def command(self, command_id: str) -> CommandRow | None:
        """What was answered to this command, None when it was never accepted."""
        ...

    def streams(self, prefix: str) -> list[str]:
        """The names of all streams that begin so, sorted."""
        ...


class EventStore(Reading, Protocol):
    """The only truth. Streams are named `deal/<id>`, `process/<name>`; the first event of each has version 1."""

    def load_many(self, streams: Sequence[str]) -> dict[str, list[Recorded]]:
        """The same for several streams at once; a stream without events is absent."""
        ...

    def append(self, appends: Sequence[Append]) -> None:
        """All or nothing, in one transaction; return when it stands, though its answer be lost and it be tried again.

        Raise Conflict, CommandRepeated or StoreUnreachable, and nothing is written; OutcomeUnknown when nobody can say.
        """
        ...

    def commands(self, command_ids: Sequence[str]) -> list[CommandRow]:
        """The same for several commands at once; one that was never accepted is absent."""
        ...

    def log(self, after: int, limit: int) -> list[Logged]:
        """The next events of the whole store behind a position, at most `limit`."""
        ...

    def head(self) -> int:
        """The last position of the log, 0 when it is empty."""
        ...


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The schedule of one deal: what its stream asks for, what was signalled, and what its workflow has seen and armed."""

    deal_id: str
    opening: int
    in_progress: bool
    version: int
    next_due: datetime | None
    wake_version: int  # last version that needs a wake
    wake_at: datetime | None  # since when a wake has been outstanding, when the last one was appended if none is
    signalled_version: int
    signalled_at: datetime | None
    seen_version: int
    armed_at: datetime | None  # the instant that the workflow's timer waits for


class Mark(NamedTuple):
    """What has become of a deal's wake for one version: a signal at this instant, or a look that waits for it (`seen`)."""

    deal_id: str
    version: int
    at: datetime | None
    seen: bool


class Schedule(Protocol):
    """One row per deal, beside the events and written with them; rebuilt from them when lost."""

    def waiting(self, now: datetime, *, grace_seconds: float, patience_seconds: float, limit: int) -> list[Scheduled]:
        """Deals to be woken, oldest first.

        A wake older than `grace_seconds` that was neither signalled nor seen; a signal, or an armed instant of a deal in progress,
        that is older than `patience_seconds` and still not seen.
        """
        ...

    def signalled(self, deal_id: str, version: int, at: datetime) -> None:
        """A wake for this version reached Temporal."""
        ...

    def seen(self, deal_id: str, version: int, armed_at: datetime | None) -> None:
        """The workflow looked at the deal at this version and now waits for `armed_at` (None: nothing is due, ever)."""
        ...

    def note(self, marks: Sequence[Mark]) -> None:
        """All of these in one transaction: what `signalled` and `seen` note of one."""
        ...

    def in_progress(self, after: str = "", limit: int = 1000) -> list[Scheduled]:
        """Deals in progress by id, a page behind `after`."""
        ...

    def get(self, deal_id: str) -> Scheduled | None:
        """The row of one deal."""
        ...

    def put(self, deal_id: str, version: int, change: ScheduleChange, at: datetime) -> None:
        """Write what the deal asks for as of its version, for a row that was lost; a row of a later version stays."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """An undelivered notice with its tries so far."""

    notice: Notice
    attempts: int
    next_try_at: datetime
    last_error: str


class Outbox(Protocol):
    """Notices to deliver. Written by `EventStore.append`; a digest of an open batch waits until the batch is finished."""

    def recipients(self, now: datetime, limit: int) -> list[tuple[str, datetime]]:
        """People with a notice that may be told now or later, with the earliest instant at which that is."""
        ...

    def waiting(self, recipient: str, limit: int = 10_000) -> list[Waiting]:
        """The recipient's undelivered notices whose batch, if any, is finished, oldest first."""
        ...

    def all_wait(self, keys: Sequence[str]) -> bool:
        """Whether every one of these still waits: nobody has delivered one, or given it up, since they were read."""
        ...

    def delivered(self, keys: Sequence[str], channel: str, at: datetime) -> None:
        """These reached the person."""
        ...

    def failed(self, keys: Sequence[str], error: str, next_try_at: datetime | None) -> None:
        """These did not; None: no channel of this person will ever take them (`abandoned`, shown by `doctor`)."""
        ...

    def counts(self) -> dict[str, int]:
        """{waiting, delivered, abandoned, held} over all recipients; `held`: waits for its batch to be finished."""
        ...

    def open_batch(self, batch: str) -> None:
        """Begin to gather digests under this name; again: no change."""
        ...

    def finish_batch(self, batch: str, at: datetime) -> None:
        """Release what was gathered."""
        ...


class UtcClock(Protocol):
    """The only source of the present instant outside workflows."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class WakeHint(Protocol):
    """A hint to the workflows after an append; may fail in silence, since the relay makes wakes certain."""

    def wake(self, row: Scheduled, about: str) -> bool:
        """Wake or start the deal's workflow, by its schedule as an append has just left it; whether Temporal took it.

        `about` is what people read of the workflow.
        """
        ...

    def tell(self, recipients: Iterable[str]) -> bool:
        """Wake the recipients' PersonNotices; whether Temporal took it."""
        ...
