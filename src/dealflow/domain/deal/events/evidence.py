"""Events of evidence, milestones, steps and activities."""

from typing import ClassVar

from pydantic import AwareDatetime

from dealflow.domain.deal.events.fact import Fact, PersonsAct
from dealflow.domain.process.definition import Side
from dealflow.domain.process.rules import FieldValue


class EvidenceRecorded(Fact):
    """`effective_at` is when it was observed, `reported_at` when it reached a system; `personal` names the encrypted fields."""

    topic: ClassVar[str] = "deal.evidence_recorded.v1"
    evidence_id: str
    kind: str
    side: Side
    fields: dict[str, FieldValue] = {}
    personal: tuple[str, ...] = ()
    reported_at: AwareDatetime
    author: str
    note: str = ""


class EvidenceWithdrawn(PersonsAct):
    """`effective_at` is when the piece was observed, for by what is known now it never counted.

    `confirmed`: it counts at once. Else what the piece says against a node stands until somebody above the owner confirms.
    """

    topic: ClassVar[str] = "deal.evidence_withdrawn.v1"
    evidence_id: str
    reason: str
    confirmed: bool = True


class EvidenceDisputed(PersonsAct):
    """`confirmed` as for a withdrawal."""

    topic: ClassVar[str] = "deal.evidence_disputed.v1"
    evidence_id: str
    reason: str
    confirmed: bool = True


class EvidenceCorrected(PersonsAct):
    """The piece as it should have been recorded: its kind, author and the instant of its recording stay.

    `effective_at` is the earlier of the old and the new observed time. The event holds the whole piece, so that a reading as
    of an instant between the two has it. `confirmed` as for a withdrawal.
    """

    topic: ClassVar[str] = "deal.evidence_corrected.v1"
    evidence_id: str
    kind: str
    side: Side
    fields: dict[str, FieldValue] = {}
    personal: tuple[str, ...] = ()
    observed_at: AwareDatetime
    reported_at: AwareDatetime
    author: str
    reason: str
    confirmed: bool = True


class EvidenceRemovalConfirmed(PersonsAct):
    """Somebody above the owner agrees to what another took away or corrected: it speaks against no node any more."""

    topic: ClassVar[str] = "deal.evidence_removal_confirmed.v1"
    evidence_id: str
    reason: str


class EvidenceSetAside(Fact):
    """A unique value of `field` is twice on record, and the other piece was recorded first: this one counts for nothing.

    So it comes out where deals get one customer; a value is never recorded twice. `effective_at` is the instant of that act.
    """

    topic: ClassVar[str] = "deal.evidence_set_aside.v1"
    evidence_id: str
    field: str
    first_deal: str
    first: str


class EvidenceCountsAgain(Fact):
    """The unique value of `field` is on record once more only here: what was set aside for it counts from here on."""

    topic: ClassVar[str] = "deal.evidence_counts_again.v1"
    evidence_id: str
    field: str


class EvidenceConfirmed(PersonsAct):
    """The evidence counts from here on, after a dispute, a move back or a reopening."""

    topic: ClassVar[str] = "deal.evidence_confirmed.v1"
    evidence_id: str
    reason: str


class MilestoneRecorded(Fact):
    topic: ClassVar[str] = "deal.milestone_recorded.v1"
    milestone: str
    stage: str
    fields: dict[str, FieldValue] = {}
    personal: tuple[str, ...] = ()


class MilestoneWithdrawn(Fact):
    """The milestone was not so. `effective_at` is its own instant, so that a reading as of any later one is without it."""

    topic: ClassVar[str] = "deal.milestone_withdrawn.v1"
    milestone: str
    stage: str
    reason: str


class StepPlanned(Fact):
    topic: ClassVar[str] = "deal.step_planned.v1"
    step_id: str
    what: str
    by: AwareDatetime
    node: str | None = None


class StepDone(Fact):
    topic: ClassVar[str] = "deal.step_done.v1"
    step_id: str
    note: str = ""


class ActivityRecorded(Fact):
    """An act of the seller that proves nothing of the customer."""

    topic: ClassVar[str] = "deal.activity_recorded.v1"
    what: str
    reported_at: AwareDatetime
