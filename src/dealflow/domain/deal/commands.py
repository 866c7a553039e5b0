"""The commands to a deal, each with its fields. Only the shape is checked here."""

import operator
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator

from dealflow.domain.deal.events import Customer, DecisionKind, Link, Origin
from dealflow.domain.people.actor import Who as Who  # noqa: PLC0414  commands are given together with who gives them
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.ids import MAX_COMMAND_ID, GivenDealId
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.written.digits import DecimalMark
from dealflow.domain.values.written.read_as import ReadAs

_SURROGATE = re.compile("[\ud800-\udfff]")
ClaimedOutcome = Literal["won", "lost", "cancelled"]


class Act(Frozen):
    """Something asked of a deal; `origin` says which row of an import asks it."""

    origin: Origin | None = None


class OpenDeal(Act):
    """`opened_at` lies in the past for an import, else it is the instant of the command."""

    act: Literal["open"] = "open"
    title: str
    process: ProcessRef
    owner: str | None = None
    customer: Customer | None = None
    amount: Money | None = None
    attributes: dict[str, str] = {}
    opened_at: AwareDatetime | None = None
    linked_from: Link | None = None


class AmendDeal(Act):
    """Change fields; a field that is not named stays. A person gives a reason.

    `confirm`: nothing changes, the amount named is the one in force and is agreed to. `as_won`: it was so at the win.
    """

    act: Literal["amend"] = "amend"
    title: str | None = None
    customer: Customer | None = None
    amount: Money | None = None
    attributes: dict[str, str] | None = None
    reason: str = ""
    confirm: bool = False
    as_won: bool = False


class ClearFields(Act):
    """Another system has emptied these fields of the deal; attributes by their names."""

    act: Literal["clear"] = "clear"
    fields: tuple[Literal["owner", "customer", "amount"], ...] = ()
    attributes: tuple[str, ...] = ()


class ActWithFields(Act):
    """`fields` as given (text, numbers, money as text).

    `zone` is where a time without an offset is read, `decimal` the decimal mark, where whoever gives them knows it. They
    belong to what is asked: sent again, the same texts mean the same, whatever the day.
    """

    fields: dict[str, Any] = {}
    zone: str | None = None
    decimal: DecimalMark | None = None

    @field_validator("fields", mode="after")
    @classmethod
    def _of_characters(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not _is_written_out(value):
            raise ValueError(phrase("half of a character (a lone surrogate) is no text"))
        return value

    @field_validator("zone", mode="after")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return ZoneInfo(value).key if value is not None else None
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(phrase("is not a zone such as Asia/Shanghai or UTC")) from error


def _is_written_out(value: object) -> bool:
    """Whether all texts of the value can be stored, those inside lists and mappings too."""
    if isinstance(value, str):
        return value.isascii() or _SURROGATE.search(value) is None
    if isinstance(value, dict):
        return all(_is_written_out(each) for item in value.items() for each in item)
    return not isinstance(value, list | tuple) or all(map(_is_written_out, value))


class RecordEvidence(ActWithFields):
    """`observed_at` is when the fact happened, not when it is recorded."""

    act: Literal["record_evidence"] = "record_evidence"
    evidence_id: str
    kind: str
    observed_at: AwareDatetime | None = None
    author: str | None = None
    note: str = ""


class WithdrawEvidence(Act):
    """`confirms`: agree to what another withdrew, so that it speaks against no node any more."""

    act: Literal["withdraw_evidence"] = "withdraw_evidence"
    evidence_id: str
    reason: str
    confirms: bool = False


class DisputeEvidence(Act):
    """`confirms`: agree to what another disputed, so that it speaks against no node any more."""

    act: Literal["dispute_evidence"] = "dispute_evidence"
    evidence_id: str
    reason: str
    confirms: bool = False


class CorrectEvidence(ActWithFields):
    """`fields` are those that were wrong, an empty text clears one; `confirms`: agree to what another corrected."""

    act: Literal["correct_evidence"] = "correct_evidence"
    evidence_id: str
    observed_at: AwareDatetime | None = None
    reason: str
    confirms: bool = False


class ConfirmEvidence(Act):
    act: Literal["confirm_evidence"] = "confirm_evidence"
    evidence_id: str
    reason: str


class RecordMilestone(ActWithFields):
    act: Literal["record_milestone"] = "record_milestone"
    milestone: str
    observed_at: AwareDatetime | None = None


class WithdrawMilestone(Act):
    act: Literal["withdraw_milestone"] = "withdraw_milestone"
    milestone: str
    reason: str


class PlanStep(Act):
    act: Literal["plan_step"] = "plan_step"
    step_id: str
    what: str
    by: AwareDatetime
    node: str | None = None


class CompleteStep(Act):
    act: Literal["complete_step"] = "complete_step"
    step_id: str
    note: str = ""


class RecordActivity(Act):
    act: Literal["record_activity"] = "record_activity"
    what: str
    observed_at: AwareDatetime | None = None


class ReassignDeal(Act):
    """Give the deal to another owner, for a reason; only what an import says needs none.

    `alone_is_known`: nobody but the new owner may then decide on it, and that is meant.
    """

    act: Literal["reassign"] = "reassign"
    owner: str
    reason: str = ""
    alone_is_known: bool = Field(default=False, exclude_if=operator.not_)


class WaiveNode(Act):
    act: Literal["waive"] = "waive"
    node: str
    reason: str


class OverrideGate(Act):
    """Let the deal leave its stage although the gate is not met."""

    act: Literal["override"] = "override"
    reason: str


class MoveBack(Act):
    """`nodes` are open again; none named: those of the target stage and of the later ones."""

    act: Literal["back"] = "back"
    to: str
    reason: str
    nodes: tuple[str, ...] | None = None


class WinDeal(Act):
    act: Literal["win"] = "win"
    reason: str


class LoseDeal(Act):
    act: Literal["lose"] = "lose"
    reason: str
    note: str = ""


class CancelDeal(Act):
    act: Literal["cancel"] = "cancel"
    reason: str


class CloseDeal(Act):
    """End the life of a won deal."""

    act: Literal["close"] = "close"
    reason: str


class ReopenDeal(Act):
    """`nodes` are open again; none named: those of the stage and of the later ones."""

    act: Literal["reopen"] = "reopen"
    reason: str
    to: str | None = None
    nodes: tuple[str, ...] | None = None


class DecideEscalation(Act):
    """Answer a stall's escalation; `escalation` is the stall's id, or empty for the only open one of the deal.

    `alone_is_known` is that of `ReassignDeal`.
    """

    act: Literal["decide"] = "decide"
    escalation: str = ""
    decision: DecisionKind
    reason: str
    until: AwareDatetime | None = None
    lasting: Duration | None = None
    to: str | None = None  # the new owner of `reassign`, the stage of `back`
    node: str | None = None
    lost_reason: str | None = None
    alone_is_known: bool = Field(default=False, exclude_if=operator.not_)


class ClaimStage(Act):
    """Another system says the deal stands in this stage since `observed_at`, or since now."""

    act: Literal["claim_stage"] = "claim_stage"
    stage: str
    observed_at: AwareDatetime | None = None


class ClaimOutcome(Act):
    """Another system says how the deal ended; `amount` is the value of a win, `reason` of a loss."""

    act: Literal["claim_outcome"] = "claim_outcome"
    outcome: ClaimedOutcome
    observed_at: AwareDatetime | None = None
    amount: Money | None = None
    reason: str = "not_given"


class ClaimOpen(Act):
    """Another system says the deal is open again, which it had called won, lost or cancelled."""

    act: Literal["claim_open"] = "claim_open"
    observed_at: AwareDatetime | None = None


Command = Annotated[
    OpenDeal
    | AmendDeal
    | ClearFields
    | RecordEvidence
    | WithdrawEvidence
    | DisputeEvidence
    | CorrectEvidence
    | ConfirmEvidence
    | RecordMilestone
    | WithdrawMilestone
    | PlanStep
    | CompleteStep
    | RecordActivity
    | ReassignDeal
    | WaiveNode
    | OverrideGate
    | MoveBack
    | WinDeal
    | LoseDeal
    | CancelDeal
    | CloseDeal
    | ReopenDeal
    | DecideEscalation
    | ClaimStage
    | ClaimOutcome
    | ClaimOpen,
    Field(discriminator="act"),
]


class Envelope(Frozen):
    """Commands for one deal that are judged together, under one id: sent twice they have one effect and the same answer.

    `read_as` is what an edge has read from a person's words before it made the commands; the answer repeats it.
    """

    command_id: Annotated[str, Field(min_length=1, max_length=MAX_COMMAND_ID)]
    deal_id: GivenDealId
    who: Who
    commands: Annotated[tuple[Command, ...], Field(min_length=1)]
    correlation_id: str | None = None
    cause: str = "command"
    read_as: tuple[ReadAs, ...] = ()
