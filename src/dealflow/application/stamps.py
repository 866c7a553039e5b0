"""Who appends, by which command, and the stamps of what they append."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dealflow.domain.deal.events import Fact, Stamp
from dealflow.domain.people.actor import Who


@dataclass(frozen=True, slots=True)
class CommandOrigin:
    """Who appends, by which command, and when; `batch` gathers the notices of an import into digests.

    `is_progress`: it is the deal's workflow that appends.
    """

    who: Who
    command_id: str
    recorded_at: datetime
    correlation_id: str | None = None
    cause: str = "command"
    batch: str | None = None
    is_progress: bool = False


def stamped(facts: Sequence[Fact], version: int, origin: CommandOrigin) -> tuple[tuple[Fact, Stamp], ...]:
    """The facts with the stamps that they have behind this version of their stream."""
    return tuple(
        (
            fact,
            Stamp(
                version=number,
                recorded_at=origin.recorded_at,
                actor=origin.who.actor,
                on_behalf_of=origin.who.on_behalf_of,
                command_id=origin.command_id,
                correlation_id=origin.correlation_id or origin.command_id,
                cause=origin.cause,
                token=origin.who.token,
            ),
        )
        for number, fact in enumerate(facts, start=version + 1)
    )
