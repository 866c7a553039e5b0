"""The port of the outbox: the notices that wait for delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dealflow.domain.escalation.notice import Notice


@dataclass(frozen=True, slots=True)
class Waiting:
    """An undelivered notice with its tries so far."""

    notice: Notice
    attempts: int
    next_try_at: datetime
    last_error: str


class Outbox(Protocol):
    """Notices to deliver. Written by `EventStore.append`; a digest of an open batch waits until the batch is finished."""

    def recipients(self, limit: int) -> list[tuple[str, datetime]]:
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

    def superseded(self, keys: Sequence[str], reason: str) -> None:
        """These are over, or no longer their recipient's concern, and are not told."""
        ...

    def counts(self) -> dict[str, int]:
        """{waiting, delivered, abandoned, superseded, held} over all recipients; `held`: waits for its batch to be finished."""
        ...

    def batches(self) -> dict[str, datetime | None]:
        """When each batch was finished, by its name; None: it is open."""
        ...

    def open_batch(self, batch: str) -> None:
        """Begin to gather digests under this name; again: no change."""
        ...

    def finish_batch(self, batch: str, at: datetime) -> None:
        """Release what was gathered."""
        ...
