"""The port of Temporal as the relay needs it: it starts and wakes workflows, and says when it cannot."""

from enum import StrEnum
from typing import Protocol

from dealflow.application.ports.schedule import Scheduled


class TemporalUnreachable(Exception):
    """Temporal cannot be used now; the message says which server and why."""


class Woken(StrEnum):
    """What waking came to: a signal, a run that begins at its first deadline, or nothing left to wake."""

    SIGNALLED = "signalled"
    DELAYED = "delayed"
    ENDED = "ended"


class WorkflowStarter(Protocol):
    """Temporal as the relay needs it; every call raises TemporalUnreachable while the server is away."""

    async def wake(self, row: Scheduled) -> Woken:
        """Make sure that the deal's workflow looks at it when it must."""
        ...

    async def wake_recipient(self, person_id: str, *, again: bool = False) -> None:
        """Make sure that the person's notices are looked at now; `again`: an earlier wake may still be on its way."""
        ...

    async def server_id(self) -> str:
        """The identity of the server's database."""
        ...
