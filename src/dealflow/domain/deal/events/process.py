"""Events of processes."""

import operator
from typing import Any, ClassVar

from pydantic import Field

from dealflow.domain.deal.events.fact import Fact, PersonsAct
from dealflow.domain.process.definition import Name, ProcessRef, Text


class ProcessPublished(PersonsAct):
    """An immutable version of a process with its whole definition; the wording stays readable for ever.

    `proposal` is the event of the stream by which somebody else proposed it, where a second person confirmed. `recipients`
    are the directors who are told.
    """

    topic: ClassVar[str] = "process.published.v1"
    process: ProcessRef
    definition: dict[str, Any]
    title: Text = {}
    proposal: int | None = Field(default=None, exclude_if=operator.not_)
    recipients: tuple[str, ...] = Field(default=(), exclude_if=operator.not_)


class ProcessProposed(PersonsAct):
    """A definition that becomes a version once a second person confirms its digest; `latest` is the version of then, or 0."""

    topic: ClassVar[str] = "process.proposed.v1"
    process: Name
    digest: str
    definition: dict[str, Any]
    title: Text = {}
    latest: int


class ProposalRejected(Fact):
    """What was proposed under this digest is proposed no more: taken back by who proposed it, or rejected by a second person."""

    topic: ClassVar[str] = "process.proposal_rejected.v1"
    process: Name
    digest: str
    reason: str
