"""Whether what placed a deal can be told anew from some event on: only where nobody but a source and the engine has placed it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal, Outcome

# What the engine derives anew, and what places nothing.
_DERIVED = (
    e.ClockStarted,
    e.StallRecorded,
    e.StallEnded,
    e.EscalationRaised,
    e.RungReached,
    e.WarningGiven,
    e.GateLost,
    e.LinkedDealDue,
    e.ClaimAgrees,
    e.ClaimNotApplied,
)
_STAYS = (
    e.DealOpened,
    e.DealAmended,
    e.AmountConfirmed,
    e.OwnerChanged,
    e.FieldsCleared,
    e.EvidenceRecorded,
    e.EvidenceWithdrawn,
    e.EvidenceDisputed,
    e.EvidenceCorrected,
    e.EvidenceConfirmed,
    e.EvidenceRemovalConfirmed,
    e.EvidenceSetAside,
    e.EvidenceCountsAgain,
    e.MilestoneRecorded,
    e.MilestoneWithdrawn,
    e.ActivityRecorded,
    e.StepPlanned,
    e.StepDone,
    e.NodeReached,
    e.NodeReversed,
    e.NodeWaived,
    e.DatesCorrected,
)


class StandsAgain(NamedTuple):
    """Where a deal stands once more when it is told anew from an event on: the visit, and the outcome."""

    to_visit: int
    outcome: Outcome


def placed_by(recorded: Iterable[e.Recorded]) -> list[e.Recorded]:
    """What places the deal, in recorded order, without what was told anew since."""
    placed: list[e.Recorded] = []
    for one in recorded:
        match one.fact:
            case e.DatesCorrected(to_visit=int(), from_version=version):
                placed = [known for known in placed if known.stamp.version < version]
            case (
                e.StageClaimed()
                | e.StageAdvanced()
                | e.DealWon()
                | e.DealLost()
                | e.DealCancelled()
                | e.DealClosed()
                | e.DealReopened()
                | e.StageMovedBack()
            ):
                placed.append(one)
    return placed


def stands_again(recorded: Sequence[e.Recorded], deal: Deal, from_version: int) -> StandsAgain | None:
    """Where the deal stands without what placed it from this version on; None where a person has had a part in that.

    A lost proof bars it too: its clock has begun with what would be told anew.
    """
    placed = placed_by(recorded)
    removed = [one.fact for one in placed if one.stamp.version >= from_version]
    in_force = {one.stamp.version for one in placed}
    later = [one for one in recorded if one.stamp.version >= from_version]
    if deal.lost or not all(_may_be_told_anew(one, is_in_force=one.stamp.version in in_force) for one in later):
        return None
    begun = {visit for fact in removed if (visit := _begun(fact)) is not None}
    outcome = Outcome.OPEN
    for one in placed:
        if one.stamp.version < from_version:
            outcome = _outcome_after(one.fact, outcome)
    return StandsAgain(max(visit.number for visit in deal.visits if visit.number not in begun), outcome)


def _begun(fact: e.Fact) -> int | None:
    """The visit that begins with this fact."""
    match fact:
        case e.StageAdvanced() | e.DealReopened() | e.StageMovedBack():
            return fact.visit
        case e.StageClaimed() if fact.from_stage != fact.to_stage:
            return fact.visit
    return None


def _may_be_told_anew(one: e.Recorded, *, is_in_force: bool) -> bool:
    match one.fact:
        case e.StageClaimed() | e.StageAdvanced():
            return True
        case e.DealWon():
            return not is_in_force or one.fact.basis in ("claimed", "gate")
        case e.DealLost() | e.DealCancelled():
            return not is_in_force or one.fact.basis == "claimed"
        case e.DealClosed():
            return not is_in_force or one.fact.how in ("claimed", "last_gate", "closes_after")
        case e.DealReopened() | e.StageMovedBack():
            return not is_in_force or is_claimed_open(one.fact)
        case e.GateMet():
            return one.fact.how != "override"
        case _:
            return isinstance(one.fact, (*_DERIVED, *_STAYS))


def is_claimed_open(fact: e.DealReopened | e.StageMovedBack) -> bool:
    """Whether a claim has opened the deal again; a person, and a source that tells of a person's act, gives a reason."""
    return fact.origin is not None and not fact.reason and not fact.reopened_nodes


def _outcome_after(fact: e.Fact, before: Outcome) -> Outcome:
    match fact:
        case e.DealWon():
            return Outcome.WON
        case e.DealLost():
            return Outcome.LOST
        case e.DealCancelled():
            return Outcome.CANCELLED
        case e.DealReopened():
            return Outcome(fact.outcome)
        case e.StageMovedBack() if fact.reopens_outcome:
            return Outcome.OPEN
    return before
