"""What follows from the facts of a command: stages entered, nodes to judge, notes for the caller."""

from typing import Literal

from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import EvidenceStatus, NodeStatus
from dealflow.domain.track.gate import judge_again
from dealflow.domain.track.transition import entered

Note = Literal["kept_as_history", "claim_not_applied"]


class Effects:
    """Nodes and notes, gathered command by command. The nodes are judged once, after all commands of the envelope."""

    def __init__(self) -> None:
        self.nodes: dict[str, None] = {}
        self.notes: dict[Note, None] = {}

    def follow(self, draft: Draft, fact: e.Fact) -> None:
        """Do what follows from the fact that was just added to the draft."""
        match fact:
            case e.DealOpened() | e.StageAdvanced() | e.StageMovedBack():
                entered(draft)
            case e.StageClaimed():
                if fact.from_stage != fact.to_stage:
                    entered(draft)
            case e.DealReopened():
                self._reopened(draft)
            case e.DealAmended(amount=amount):
                if amount is not None:
                    self._judge_all(draft)
            case e.EvidenceRecorded(evidence_id=evidence_id) | e.EvidenceConfirmed(evidence_id=evidence_id):
                self._judge_kind(draft, draft.deal.evidence[evidence_id].kind)
            case e.EvidenceWithdrawn(evidence_id=evidence_id) | e.EvidenceDisputed(evidence_id=evidence_id):
                if draft.deal.in_progress:
                    judge_again(draft, evidence_id)
                self._note_history(draft)
            case e.MilestoneRecorded() | e.MilestoneWithdrawn() | e.ActivityRecorded():
                self._note_history(draft)
            case e.ClaimNotApplied():
                self.notes["claim_not_applied"] = None

    def _reopened(self, draft: Draft) -> None:
        for evidence in list(draft.deal.evidence.values()):
            if evidence.status is not EvidenceStatus.VALID:
                judge_again(draft, evidence.id)  # the evidence may have been withdrawn while the deal was closed
        self._judge_all(draft)
        entered(draft)

    def _note_history(self, draft: Draft) -> None:
        """On a closed deal a fact moves nothing."""
        if not draft.deal.in_progress:
            self.notes["kept_as_history"] = None

    def _judge_kind(self, draft: Draft, kind: str) -> None:
        """Judge the open nodes that this kind of evidence can bear on."""
        self._note_history(draft)
        for node in draft.context.process.nodes.values():
            if kind in node.standard.kinds:
                self._judge(draft, node.id)

    def _judge_all(self, draft: Draft) -> None:
        for node_id in draft.context.process.nodes:
            self._judge(draft, node_id)

    def _judge(self, draft: Draft, node_id: str) -> None:
        if draft.deal.in_progress and draft.deal.node(node_id).status is NodeStatus.OPEN:
            self.nodes[node_id] = None
