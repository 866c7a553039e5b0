"""Events of clocks, stalls and escalations."""

import operator
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from dealflow.domain.deal.events.fact import Fact, PersonsAct
from dealflow.domain.process.calendar import Deadline

StallEnd = Literal["moved", "decided", "closed", "regained"]
DecisionKind = Literal["extend", "reassign", "waive", "back", "lose"]


class ClockStarted(Fact):
    """A clock with everything its deadline was computed from; `granted`: a person set it, later evidence does not shorten it.

    `node` is the node whose proof is lost; the clocks of a stage have none.
    """

    topic: ClassVar[str] = "deal.clock_started.v1"
    clock: str
    stage: str
    visit: int
    episode: int
    limit: str
    due: Deadline
    warn: Deadline | None = None
    granted: bool = False
    node: str | None = None


class WarningGiven(Fact):
    topic: ClassVar[str] = "deal.warning_given.v1"
    clock: str
    stage: str
    visit: int
    episode: int
    due_at: AwareDatetime
    recipients: tuple[str, ...] = ()
    node: str | None = None


class StallRecorded(Fact):
    """A clock ran out: `effective_at` is its deadline, however late it was noticed."""

    topic: ClassVar[str] = "deal.stall_recorded.v1"
    stall_id: str
    clock: str
    stage: str
    visit: int
    episode: int
    since: AwareDatetime
    limit: str
    missing: tuple[str, ...] = ()
    node: str | None = None


class StallEnded(Fact):
    topic: ClassVar[str] = "deal.stall_ended.v1"
    stall_id: str
    how: StallEnd


class EscalationRaised(Fact):
    """A stall was put before a person. `backlog`: from an import; it goes into a digest and stays out of response statistics."""

    topic: ClassVar[str] = "deal.escalation_raised.v1"
    stall_id: str
    backlog: bool
    counted_from: AwareDatetime
    next_at: AwareDatetime | None = None  # the first rung, when it is not due at once


class RungReached(Fact):
    """A step of the ladder: the recipients get a notice. `next_at` is the instant of the next step; None behind the last.

    The step that was reached last again: the deal or the house changed. `released` held a place of the steps so far and
    hold none any more; it is written only where there are some.
    """

    topic: ClassVar[str] = "deal.rung_reached.v1"
    stall_id: str
    rung: int
    recipients: tuple[str, ...]
    released: tuple[str, ...] = Field(default=(), exclude_if=operator.not_)
    high_risk: bool = False
    next_at: AwareDatetime | None = None


class EscalationDecided(PersonsAct):
    topic: ClassVar[str] = "deal.escalation_decided.v1"
    stall_id: str
    decision: DecisionKind
    reason: str
    details: dict[str, str] = {}
