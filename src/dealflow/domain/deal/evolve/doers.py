"""Who has done what to a deal, as far as it bars them: the owners who worked on it, and those who decided on it."""

from dealflow.domain.deal import events as e
from dealflow.domain.deal.replace import replace_in
from dealflow.domain.deal.state import Deal

_WORK: frozenset[type[e.Fact]] = frozenset(
    (
        e.EvidenceRecorded,
        e.EvidenceWithdrawn,
        e.EvidenceDisputed,
        e.EvidenceCorrected,
        e.MilestoneRecorded,
        e.MilestoneWithdrawn,
        e.StepPlanned,
        e.StepDone,
        e.ActivityRecorded,
        e.DealAmended,
    )
)
_DECISION: frozenset[type[e.Fact]] = frozenset(
    (
        e.NodeWaived,
        e.EvidenceConfirmed,
        e.EvidenceRemovalConfirmed,
        e.AmountConfirmed,
        e.EscalationDecided,
        e.DealAmended,
        e.DealWon,
        e.GateMet,
    )
)
_NOTED = _WORK | _DECISION


def opened_as_owner(fact: e.DealOpened, stamp: e.Stamp) -> frozenset[str]:
    """Whoever opened the deal for themselves and said what it is worth, by which its proofs are judged."""
    if fact.owner is None or fact.amount is None or fact.origin is not None or stamp.cause == "import":
        return frozenset()
    return frozenset({fact.owner} & {stamp.actor, stamp.on_behalf_of})


def note_doers(before: Deal, after: Deal, fact: e.Fact, stamp: e.Stamp) -> None:
    """Put on the fresh state `after` who worked on the deal while owning it, and who decided on it in this opening.

    What an import says of the past nobody of the house did.
    """
    kind = type(fact)
    if kind is e.DealReopened:
        replace_in(after, decided_by=frozenset())
    if kind not in _NOTED or fact.origin is not None or stamp.cause == "import":
        return
    if kind not in _DECISION and before.owner in before.worked_as_owner:
        return  # nothing more can become of it
    doers = {stamp.actor, stamp.on_behalf_of}
    if isinstance(fact, e.EvidenceRecorded):
        doers.add(fact.author)
    if before.owner in doers and before.owner is not None and kind in _WORK:
        replace_in(after, worked_as_owner=before.worked_as_owner | {before.owner})
    if kind in _DECISION and _decides(fact):
        replace_in(after, decided_by=before.decided_by | {doer for doer in doers if doer is not None})


def _decides(fact: e.Fact) -> bool:
    """Whether a person passed judgement with it; a gate that is met and an owner's amendment are none."""
    match fact:
        case e.DealWon():
            return fact.basis == "person"
        case e.GateMet():
            return fact.how == "override"
        case e.DealAmended():
            return fact.confirms
    return True
