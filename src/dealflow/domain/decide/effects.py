"""What follows from the facts of a command: stages entered, nodes to judge, notes for the caller."""

from datetime import datetime
from typing import Literal

from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Deal, EvidenceStatus, NodeStatus, Outcome
from dealflow.domain.track.amounts import reading_amount
from dealflow.domain.track.gate import judge_again, judge_open_nodes
from dealflow.domain.track.transition import entered

# Why nodes are judged again, where it is not that a piece was taken away.
_AMENDED = "amended"
AmountSaid = e.DealAmended | e.AmountConfirmed | e.DealWon
Note = Literal["kept_as_history", "claim_not_applied", "amount_waits"]


class Effects:
    """Nodes and notes, gathered command by command. The nodes are judged once, after all commands of the envelope."""

    def __init__(self) -> None:
        self.nodes: dict[str, None] = {}
        self.amount_from: datetime | None = None
        self.notes: dict[Note, None] = {}

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
            case e.DealAmended() | e.AmountConfirmed() | e.DealWon():
                self._amount_said(draft, fact, before)
            case e.EvidenceRecorded(evidence_id=evidence_id) | e.EvidenceConfirmed(evidence_id=evidence_id):
                self._judge_kind(draft, draft.deal.evidence[evidence_id].kind)
                if isinstance(fact, e.EvidenceConfirmed) and not draft.deal.in_progress:
                    _judge_confirmed(draft, evidence_id, fact.effective_at)
            case e.EvidenceWithdrawn(evidence_id=evidence_id) | e.EvidenceDisputed(evidence_id=evidence_id):
                if _is_judged(draft.deal):
                    _judge_rest(draft, evidence_id)
                self._note_history(draft)
            case e.MilestoneRecorded() | e.MilestoneWithdrawn() | e.ActivityRecorded():
                self._note_history(draft)
            case e.ClaimNotApplied():
                self.notes["claim_not_applied"] = None

    def judge(self, draft: Draft) -> None:
        """Judge once, on all facts of the envelope: what the amount bears on, then the open nodes."""
        if self.amount_from is not None and _is_judged(draft.deal):
            judge_again(draft, reading_amount(draft.context.process), at=self.amount_from, why=_AMENDED)
        self.amount_from = None
        if draft.deal.in_progress:
            judge_open_nodes(draft, self.nodes)

    def _amount_said(self, draft: Draft, fact: AmountSaid, before: Deal | None) -> None:
        """Where it changes what a standard has to hold for, judge again from here on."""
        after = draft.deal
        if before and _of_amount(before) != _of_amount(after):
            self.amount_from = fact.effective_at
        if len(after.amounts) > 1 and not isinstance(fact, e.DealWon):
            self.notes["amount_waits"] = None

    def _reopened(self, draft: Draft, fact: e.DealReopened, before: Deal | None) -> None:
        """Judge all that changed while the deal was closed, and by the present amount what its win no longer rests on."""
        for evidence in list(draft.deal.evidence.values()):
            if evidence.status is not EvidenceStatus.VALID:
                _judge_rest(draft, evidence.id)
        lost_its_win = before is not None and before.win is not None and draft.deal.win is None
        since = fact.effective_at if lost_its_win else draft.deal.amount_since
        if since is not None:
            judge_again(draft, reading_amount(draft.context.process), at=since, why=_AMENDED)
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


def _is_judged(deal: Deal) -> bool:
    """On a closed deal that is won nothing moves; that its proof is lost or found is told at once."""
    return deal.in_progress or deal.outcome is Outcome.WON


def _judge_confirmed(draft: Draft, evidence_id: str, at: datetime) -> None:
    """What counts again on a closed deal that is won."""
    kind = draft.deal.evidence[evidence_id].kind
    if _is_judged(draft.deal):
        nodes = [node.id for node in draft.context.process.nodes.values() if kind in node.standard.kinds]
        judge_again(draft, nodes, at=at, why="confirmed", evidence=evidence_id)


def _of_amount(deal: Deal) -> tuple[object, ...]:
    return deal.amount, deal.amounts, deal.win and deal.win.amounts


def _judge_rest(draft: Draft, evidence_id: str) -> None:
    """Judge the reached nodes that rest on a piece that was taken away."""
    evidence = draft.deal.evidence[evidence_id]
    resting = [node for node, state in draft.deal.nodes.items() if evidence_id in state.evidence]
    judge_again(draft, resting, at=evidence.observed_at, why=evidence.status.value, evidence=evidence_id)
