"""What can happen to a deal or a process: facts in the past tense, each a data format with a topic that never changes."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import AwareDatetime

from dealflow.domain.process.calendar import Deadline
from dealflow.domain.process.definition import ProcessRef, Side, Text
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money

Basis = Literal["gate", "override", "claimed", "person"]
ClosedHow = Literal["last_gate", "closes_after", "person", "lost", "cancelled", "claimed"]
StallEnd = Literal["moved", "decided", "closed"]
DecisionKind = Literal["extend", "reassign", "waive", "back", "lose"]
TOPICS: dict[str, type["Fact"]] = {}


class Origin(Frozen):
    """Where an imported fact stands in another system: `key` makes the same fact the same on every import."""

    source: str
    row: str
    key: str


class Stamp(Frozen):
    """What the store knows of one event: its place in the stream, who caused it, by which command, and when it was recorded."""

    version: int
    recorded_at: AwareDatetime
    actor: str
    on_behalf_of: str | None = None
    command_id: str
    correlation_id: str
    cause: str


class Fact(Frozen):
    """Something that is so from `effective_at` on; `origin` says which row of an import it came from."""

    topic: ClassVar[str]
    effective_at: AwareDatetime
    origin: Origin | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if cls.topic in TOPICS:
            raise TypeError(f"topic {cls.topic} is taken by {TOPICS[cls.topic].__name__}")
        TOPICS[cls.topic] = cls


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it stands in a stream."""

    stream: str
    stamp: Stamp
    fact: Fact


class Customer(Frozen):
    """The customer of a deal; the name may be a person's and is stored encrypted."""

    id: str
    name: str | None = None


class Link(Frozen):
    """The deal and node that this deal follows from."""

    deal_id: str
    kind: str
    node: str


class DealOpened(Fact):
    topic: ClassVar[str] = "deal.opened.v1"
    deal_id: str
    title: str
    process: ProcessRef
    stage: str
    owner: str | None = None
    customer: Customer | None = None
    amount: Money | None = None
    attributes: dict[str, str] = {}
    linked_from: Link | None = None


class DealAmended(Fact):
    """The fields that were set anew; a field that is not named stays."""

    topic: ClassVar[str] = "deal.amended.v1"
    title: str | None = None
    customer: Customer | None = None
    amount: Money | None = None
    attributes: dict[str, str] | None = None


class OwnerChanged(Fact):
    topic: ClassVar[str] = "deal.owner_changed.v1"
    owner: str
    previous: str | None = None
    reason: str = ""


class StageClaimed(Fact):
    """Another system says the deal stands in this stage: it places the deal and its standing, never a node.

    Where the deal is there already, `visit` is the present one, and only the standing is claimed.
    """

    topic: ClassVar[str] = "deal.stage_claimed.v1"
    from_stage: str
    to_stage: str
    visit: int
    basis: Literal["claimed"] = "claimed"


class ClaimNotApplied(Fact):
    """A claim that contradicts a closed deal: kept, listed, without effect."""

    topic: ClassVar[str] = "deal.claim_not_applied.v1"
    claim: str
    why: str


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


class EvidenceWithdrawn(Fact):
    topic: ClassVar[str] = "deal.evidence_withdrawn.v1"
    evidence_id: str
    reason: str


class EvidenceDisputed(Fact):
    topic: ClassVar[str] = "deal.evidence_disputed.v1"
    evidence_id: str
    reason: str


class EvidenceConfirmed(Fact):
    """The evidence counts from here on, after a dispute, a move back or a reopening."""

    topic: ClassVar[str] = "deal.evidence_confirmed.v1"
    evidence_id: str
    reason: str


class NodeReached(Fact):
    """A judgement: the evidence named met the node's standard as that version of the process has it."""

    topic: ClassVar[str] = "deal.node_reached.v1"
    node: str
    evidence: tuple[str, ...]
    process: str


class NodeReversed(Fact):
    """A judgement undone: without the evidence named, what is left does not meet the standard, or only from later on."""

    topic: ClassVar[str] = "deal.node_reversed.v1"
    node: str
    evidence: tuple[str, ...]
    why: str


class NodeWaived(Fact):
    topic: ClassVar[str] = "deal.node_waived.v1"
    node: str
    reason: str


class GateMet(Fact):
    """The stage may be left; `ready_at` is the instant that counts in a race against a deadline."""

    topic: ClassVar[str] = "deal.gate_met.v1"
    stage: str
    visit: int
    how: Literal["nodes", "milestones", "both", "optional_node", "closes_after", "override"]
    ready_at: AwareDatetime
    reason: str = ""


class GateLost(Fact):
    """The gate was met and is no longer: evidence behind it was withdrawn or disputed before the deal moved."""

    topic: ClassVar[str] = "deal.gate_lost.v1"
    stage: str
    visit: int


class StageAdvanced(Fact):
    """`pass_through`: the gate of the stage that was left had been met before the deal entered it."""

    topic: ClassVar[str] = "deal.stage_advanced.v1"
    from_stage: str
    to_stage: str
    visit: int
    pass_through: bool = False


class StageMovedBack(Fact):
    """The nodes named are open again; evidence counts for them when recorded or confirmed after this event."""

    topic: ClassVar[str] = "deal.stage_moved_back.v1"
    from_stage: str
    to_stage: str
    visit: int
    reopened_nodes: tuple[str, ...]
    reopens_outcome: bool
    reason: str


class DealWon(Fact):
    """`unproven`: required nodes up to the winning stage that were not passed at that instant."""

    topic: ClassVar[str] = "deal.won.v1"
    stage: str
    basis: Basis
    unproven: tuple[str, ...] = ()
    amount: Money | None = None
    reason: str = ""


class DealLost(Fact):
    topic: ClassVar[str] = "deal.lost.v1"
    reason: str
    basis: Basis
    note: str = ""


class DealCancelled(Fact):
    topic: ClassVar[str] = "deal.cancelled.v1"
    reason: str
    basis: Basis


class DealClosed(Fact):
    """The deal's life has ended; its outcome is told by its own event."""

    topic: ClassVar[str] = "deal.closed.v1"
    how: ClosedHow
    stage: str
    reason: str = ""


class DealReopened(Fact):
    """A new opening: `counts_from` is the version of the closing act, facts recorded since then count for the reopened nodes."""

    topic: ClassVar[str] = "deal.reopened.v1"
    opening: int
    stage: str
    visit: int
    outcome: Literal["open", "won"]
    reopened_nodes: tuple[str, ...]
    counts_from: int
    reason: str


class MilestoneRecorded(Fact):
    topic: ClassVar[str] = "deal.milestone_recorded.v1"
    milestone: str
    stage: str
    fields: dict[str, FieldValue] = {}
    personal: tuple[str, ...] = ()


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


class ClockStarted(Fact):
    """A clock with everything its deadline was computed from; `granted`: a person set it, later evidence does not shorten it."""

    topic: ClassVar[str] = "deal.clock_started.v1"
    clock: str
    stage: str
    visit: int
    episode: int
    limit: str
    due: Deadline
    warn: Deadline | None = None
    granted: bool = False


class WarningGiven(Fact):
    topic: ClassVar[str] = "deal.warning_given.v1"
    clock: str
    stage: str
    visit: int
    episode: int
    due_at: AwareDatetime
    recipients: tuple[str, ...] = ()


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


class StallEnded(Fact):
    topic: ClassVar[str] = "deal.stall_ended.v1"
    stall_id: str
    how: StallEnd


class EscalationRaised(Fact):
    """A stall put before a person; `backlog`: it came with an import, is told in a digest, and stays out of response statistics."""

    topic: ClassVar[str] = "deal.escalation_raised.v1"
    stall_id: str
    backlog: bool
    counted_from: AwareDatetime
    next_at: AwareDatetime | None = None  # the first rung, when it is not due at once


class RungReached(Fact):
    """A step of the ladder: these people are told; `next_at` is the next step's instant, when there is one."""

    topic: ClassVar[str] = "deal.rung_reached.v1"
    stall_id: str
    rung: int
    recipients: tuple[str, ...]
    high_risk: bool = False
    next_at: AwareDatetime | None = None


class EscalationDecided(Fact):
    topic: ClassVar[str] = "deal.escalation_decided.v1"
    stall_id: str
    decision: DecisionKind
    reason: str
    details: dict[str, str] = {}


class LinkedDealDue(Fact):
    """A node that opens another deal was reached: the deal named is due, and its own stream says when it was opened."""

    topic: ClassVar[str] = "deal.linked_deal_due.v1"
    linked_deal_id: str
    kind: str
    node: str


class ProcessPublished(Fact):
    """An immutable version of a process with its whole definition; the wording stays readable for ever."""

    topic: ClassVar[str] = "process.published.v1"
    process: ProcessRef
    definition: dict[str, Any]
    title: Text = {}


class CustomerErased(Fact):
    """The customer's key was destroyed; personal fields can never be read again."""

    topic: ClassVar[str] = "customer.erased.v1"
    customer_id: str
    reason: str
