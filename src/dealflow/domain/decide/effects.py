"""What follows from the facts of a command: stages entered, nodes to judge, notes for the caller."""

from datetime import datetime
from typing import Literal

from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Closed, Deal, Evidence, EvidenceStatus, NodeStatus, Outcome
from dealflow.domain.escalation.ladder import hand_on
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.amounts import reading_amount
from dealflow.domain.track.gate import judge_again, judge_open_nodes, reach_earlier
from dealflow.domain.track.judge import Verdict, same_value, speaks_against
from dealflow.domain.track.transition import entered

# Why nodes are judged again, where it is not that a piece was taken away.
_AMENDED, _RECORDED, _CONFIRMED, _CORRECTED = "amended", "recorded", "confirmed", "corrected"
_SET_ASIDE = "set_aside"
_TURNED = (e.NodeReached, e.NodeReversed, e.ProofLost, e.ProofRegained)
_CHANGES = (e.EvidenceWithdrawn, e.EvidenceDisputed, e.EvidenceCorrected, e.EvidenceRemovalConfirmed)
AmountSaid = e.DealAmended | e.AmountConfirmed | e.DealWon | e.FieldsCleared
Note = Literal[
    "kept_as_history",
    "judged_though_closed",
    "claim_not_applied",
    "amount_waits",
    "waits_for_confirmation",
    "holds_former_value",
]


class Effects:
    """Nodes and notes, gathered command by command. The nodes are judged once, after all commands of the envelope."""

    def __init__(self) -> None:
        self.nodes: dict[str, None] = {}
        self.amount_from: datetime | None = None
        self.changed: dict[
            str, tuple[str, datetime]
        ] = {}  # evidence by id: what was done with it last, since when it counts
        self.notes: dict[Note, None] = {}
        # Of the last judgement, after which only what follows from it was added; none where the deal is closed.
        self.verdicts: dict[str, Verdict] = {}

    def follow(self, draft: Draft, fact: e.Fact, before: Deal | None) -> None:
        """Do what follows from the fact that was just added to the draft; `before` is the deal without it."""
        match fact:
            case e.DealOpened() | e.StageAdvanced():
                entered(draft)
            case e.StageMovedBack():
                if fact.reopens_outcome:
                    self.amount_from = fact.effective_at  # what the win rested on is judged by the present amount
                entered(draft)
            case e.StageClaimed():
                if fact.from_stage != fact.to_stage:
                    entered(draft)
            case e.DealReopened():
                self._reopened(draft, fact, before)
            case e.DealAmended() | e.AmountConfirmed() | e.DealWon() | e.FieldsCleared():
                self._amount_said(draft, fact, before)
            case e.EvidenceRecorded(evidence_id=evidence_id):
                self._changed(draft, evidence_id, _RECORDED)
            case e.EvidenceConfirmed(evidence_id=evidence_id) | e.EvidenceRemovalConfirmed(evidence_id=evidence_id):
                self._changed(draft, evidence_id, _CONFIRMED)
            case e.EvidenceWithdrawn(evidence_id=evidence_id) | e.EvidenceDisputed(evidence_id=evidence_id):
                self._changed(draft, evidence_id, draft.deal.evidence[evidence_id].status.value)
            case e.EvidenceCorrected(evidence_id=evidence_id):
                self._changed(draft, evidence_id, _CORRECTED, fact.effective_at)
            case e.EvidenceSetAside(evidence_id=evidence_id):
                self._set_aside(draft, evidence_id, _SET_ASIDE, fact.effective_at)
            case e.EvidenceCountsAgain(evidence_id=evidence_id):
                self._set_aside(draft, evidence_id, _CONFIRMED, fact.effective_at)
            case e.MilestoneRecorded() | e.MilestoneWithdrawn() | e.ActivityRecorded():
                self._note_history(draft)
            case e.ClaimNotApplied():
                self.notes["claim_not_applied"] = None

    def judge(self, draft: Draft) -> None:
        """Judge once, on all facts of the envelope: what the amount and the evidence bear on, then the open nodes."""
        verdicts: dict[str, Verdict] = {}
        if draft.deal.is_judged:
            if self.amount_from is not None:
                verdicts = judge_again(draft, reading_amount(draft.context.process), at=self.amount_from, why=_AMENDED)
            for evidence_id, (what, since) in self.changed.items():
                verdicts |= _judge_again(draft, evidence_id, what, since)
        self.amount_from = None
        self.changed.clear()
        self.verdicts = {}
        if draft.deal.in_progress:
            self.verdicts = verdicts | judge_open_nodes(draft, [node for node in self.nodes if node not in verdicts])

    def conclude(self, draft: Draft) -> None:
        """What was said to move nothing has turned proofs of a closed deal, or may once it is confirmed: then this is what is
        said of it. An open stall follows the deal to its new owner.
        """
        if any(isinstance(fact, e.OwnerChanged) for fact in draft.facts):
            hand_on(draft)
        judged = (*_TURNED, *_CHANGES) if draft.deal.is_judged else _TURNED
        if "kept_as_history" in self.notes and any(isinstance(fact, judged) for fact in draft.facts):
            del self.notes["kept_as_history"]
            self.notes["judged_though_closed"] = None

    def _changed(self, draft: Draft, evidence_id: str, what: str, since: datetime | None = None) -> None:
        """Judge the nodes that this evidence bears on, once all is on record; from its observed time on, or from earlier."""
        evidence = draft.deal.evidence[evidence_id]
        _, before = self.changed.get(evidence_id, (what, evidence.observed_at))
        self.changed[evidence_id] = what, min(before, since or evidence.observed_at)
        if evidence.waits:
            self.notes["waits_for_confirmation"] = None
            if _holds_several(evidence, draft.context.process):
                self.notes["holds_former_value"] = None
        self._note_history(draft)
        for node in draft.context.process.bearing_on(evidence.kind):
            self._judge(draft, node)

    def _set_aside(self, draft: Draft, evidence_id: str, what: str, since: datetime) -> None:
        """Judge the nodes that this evidence bears on, from the instant on at which it begins or ceases to count."""
        self.changed.setdefault(evidence_id, (what, since))
        for node in draft.context.process.bearing_on(draft.deal.evidence[evidence_id].kind):
            self._judge(draft, node)

    def _amount_said(self, draft: Draft, fact: AmountSaid, before: Deal | None) -> None:
        """Where it changes what a standard has to hold for, judge again from here on."""
        after = draft.deal
        if before and _of_amount(before) != _of_amount(after):
            self.amount_from = fact.effective_at
        is_said = isinstance(fact, e.DealAmended | e.AmountConfirmed) and fact.amount is not None
        if set(after.amounts) - {after.amount} and is_said:
            self.notes["amount_waits"] = None

    def _reopened(self, draft: Draft, fact: e.DealReopened, before: Deal | None) -> None:
        """Judge all that changed while the deal was closed, and by the present amount what its win no longer rests on."""
        for evidence in list(draft.deal.evidence.values()):
            since = min(version.observed_at for version in (evidence, *evidence.earlier))
            if evidence.status is not EvidenceStatus.VALID:
                _judge_again(draft, evidence.id, evidence.status.value, since)
            elif evidence.set_aside:
                _judge_again(draft, evidence.id, _SET_ASIDE, fact.effective_at)
            elif evidence.earlier:
                _judge_again(draft, evidence.id, _CORRECTED, since)
            elif evidence.counts_from > fact.counts_from:
                _judge_again(draft, evidence.id, _RECORDED, since)
        lost_its_win = before is not None and before.win is not None and draft.deal.win is None
        amount_from = fact.effective_at if lost_its_win else draft.deal.amount_since
        if amount_from is not None:
            judge_again(draft, reading_amount(draft.context.process), at=amount_from, why=_AMENDED)
        if before is not None and before.outcome is not Outcome.WON:
            draft.add(*_open_before(draft, before, fact.reopened_nodes))
        self._judge_all(draft)
        entered(draft)

    def _note_history(self, draft: Draft) -> None:
        """On a closed deal a fact moves nothing."""
        if not draft.deal.in_progress:
            self.notes["kept_as_history"] = None

    def _judge_all(self, draft: Draft) -> None:
        for node_id in draft.context.process.nodes:
            self._judge(draft, node_id)

    def _judge(self, draft: Draft, node_id: str) -> None:
        if draft.deal.in_progress and draft.deal.node(node_id).status is NodeStatus.OPEN:
            self.nodes[node_id] = None


def _holds_several(evidence: Evidence, process: ProcessDefinition) -> bool:
    """Whether a unique value of the piece is another than it was before a correction in doubt."""
    if evidence.status is EvidenceStatus.WITHDRAWN:
        return False
    unique = process.unique_fields.get(evidence.kind, {})
    return any(len({same_value(each.fields.get(name)) for each in evidence.versions}) > 1 for name in unique)


def _of_amount(deal: Deal) -> tuple[object, ...]:
    return deal.amount, deal.amounts, deal.win and deal.win.amounts


def _open_before(draft: Draft, before: Deal, reopened: tuple[str, ...]) -> list[e.NodeReversed]:
    """The nodes that this reopening opens and that an amendment of the closed deal had opened before."""
    if before.amount_since is None or not isinstance(before.life, Closed) or before.amount_since < before.life.at:
        return []
    nodes = [node for node in reading_amount(draft.context.process) if node in reopened]
    judged = Draft(before, before.id, draft.context)
    judge_again(judged, nodes, at=before.amount_since, why=_AMENDED)
    reversals = (fact for fact in judged.facts if isinstance(fact, e.NodeReversed))
    return [fact for fact in reversals if judged.deal.node(fact.node).status is NodeStatus.OPEN]


def _judge_again(draft: Draft, evidence_id: str, what: str, since: datetime) -> dict[str, Verdict]:
    """Judge the nodes that the piece bears on. One that was only recorded can open none but those that it speaks against."""
    evidence, process = draft.deal.evidence[evidence_id], draft.context.process
    bearing = process.bearing_on(evidence.kind)
    if what == _RECORDED:
        bearing = tuple(n for n in bearing if speaks_against(process.nodes[n].standard, evidence, draft.deal))
    verdicts = judge_again(draft, bearing, at=since, why=what, evidence=evidence_id)
    if what == _CORRECTED:
        reach_earlier(draft, bearing, evidence_id)
    return verdicts
