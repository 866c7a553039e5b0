"""What every event is: a fact with its instant and origin, and the stamp that the store puts on it."""

import operator
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import AwareDatetime, Field

from dealflow.domain.values.frozen import Frozen

TOPICS: dict[str, type["Fact"]] = {}


class Origin(Frozen):
    """Where an imported fact stands in another system: `key` makes the same fact the same on every import.

    `inferred`: no row of the source says it, it follows from another. It is written only where it is so.
    """

    source: str
    row: str
    key: str
    inferred: bool = Field(default=False, exclude_if=operator.not_)


class Stamp(Frozen):
    """What the store knows of one event: its place in the stream, who caused it, by which command, and when it was recorded.

    `token` is the id of the token by which the actor came; it is written only where there was one.
    """

    version: int
    recorded_at: AwareDatetime
    actor: str
    on_behalf_of: str | None = None
    command_id: str
    correlation_id: str
    cause: str
    token: str | None = Field(default=None, exclude_if=operator.not_)

    @property
    def is_of_another_deal(self) -> bool:
        """Whether an act on another deal led to it: its command id is that one's with a part behind it."""
        return self.cause.startswith(("linked:", "value:", "customer:"))


class Fact(Frozen):
    """Something that is so from `effective_at` on; `origin` says which row of an import it came from."""

    topic: ClassVar[str]
    effective_at: AwareDatetime
    origin: Origin | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if "topic" not in vars(cls):
            return
        if cls.topic in TOPICS:
            raise TypeError(f"topic {cls.topic} is taken by {TOPICS[cls.topic].__name__}")
        TOPICS[cls.topic] = cls


class PersonsAct(Fact):
    """What somebody above the owner does, or has to agree to.

    `alone`: nobody else was left, so whoever did it would have been barred. It is written only where it is so.
    """

    alone: bool = Field(default=False, exclude_if=operator.not_)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it stands in a stream."""

    stream: str
    stamp: Stamp
    fact: Fact
