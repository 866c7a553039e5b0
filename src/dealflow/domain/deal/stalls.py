"""The state of a stall and of its escalation. Each is a union of cases, so that an illegal state cannot be written."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from dealflow.domain.deal.events import DecisionKind, StallEnd
from dealflow.domain.deal.replace import replace


@dataclass(frozen=True)
class NotRaised:
    """Nobody has been asked yet."""


@dataclass(frozen=True)
class Raised:
    """The stall was put before a person. `rung` is the last step of the ladder that was reached, -1 before the first;
    `recipients` have heard of it and have it before them; `told` is each telling, by step and person, of those as well who
    have it no more. `next_rung_at` is None behind the last step, and once the stall has ended.
    """

    at: datetime
    counted_from: datetime
    backlog: bool = False
    rung: int = -1
    next_rung_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    high_risk: bool = False
    told: tuple[tuple[int, str], ...] = ()

    @property
    def heard(self) -> tuple[str, ...]:
        """Everybody who was told, in the order in which they were."""
        return tuple(dict.fromkeys(person for _, person in self.told))


@dataclass(frozen=True)
class Decided:
    """A person has answered what was raised, and so ended the stall."""

    raised: Raised
    decision: DecisionKind
    by: str
    at: datetime


# An answer that keeps the stall open (acknowledged, snoozed) becomes a case of both unions, and holds what it answers.
OpenEscalation = NotRaised | Raised
Escalation = OpenEscalation | Decided


@dataclass(frozen=True)
class RecordedStall:
    """A clock that ran out: the facts that hold while the stall is open and after its end."""

    id: str
    clock: str
    stage: str
    visit: int
    episode: int
    due_at: datetime
    since: datetime
    limit: str
    missing: tuple[str, ...]
    recorded_at: datetime
    node: str | None


@dataclass(frozen=True)
class OpenStall(RecordedStall):
    """The deal still stands where its clock ran out."""

    escalation: OpenEscalation = NotRaised()


@dataclass(frozen=True)
class EndedStall(RecordedStall):
    """The deal moved, was closed, a person decided, or a lost proof was regained. No rung of the ladder follows."""

    ended_at: datetime
    how: StallEnd
    escalation: Escalation


Stall = OpenStall | EndedStall


def raised_of(escalation: Escalation) -> Raised | None:
    """When and how the stall was put before a person; None when it was not."""
    match escalation:
        case NotRaised():
            return None
        case Raised():
            return escalation
        case Decided(raised=raised):
            return raised
        case never:
            assert_never(never)


def ended(stall: OpenStall, at: datetime, how: StallEnd, decided: Decided | None = None) -> EndedStall:
    """The stall after its end; the next rung is taken away."""
    escalation: Escalation = decided or stall.escalation
    if isinstance(escalation, Raised):
        escalation = replace(escalation, next_rung_at=None)
    return EndedStall(
        id=stall.id,
        clock=stall.clock,
        stage=stall.stage,
        visit=stall.visit,
        episode=stall.episode,
        due_at=stall.due_at,
        since=stall.since,
        limit=stall.limit,
        missing=stall.missing,
        recorded_at=stall.recorded_at,
        node=stall.node,
        ended_at=at,
        how=how,
        escalation=escalation,
    )


def decided(stall: Stall, decision: DecisionKind, by: str, at: datetime) -> Decided:
    """The answer to a stall. A person may answer before the engine raises the stall; then the answer counts as the raising."""
    raised = raised_of(stall.escalation) or Raised(at=at, counted_from=stall.due_at)
    return Decided(replace(raised, next_rung_at=None), decision, by, at)
