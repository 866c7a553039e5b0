"""What the commands of one envelope leave to be settled together: nodes to judge, and what the caller should be told."""

from typing import Literal

from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import NodeStatus

Note = Literal["kept_as_history", "claim_not_applied"]


class Effects:
    """Gathered while commands are applied one by one; judged once, when all of them are on record."""

    def __init__(self) -> None:
        self.nodes: dict[str, None] = {}
        self.notes: dict[Note, None] = {}

    def note(self, note: Note) -> None:
        """Tell the caller."""
        self.notes[note] = None

    def judge_kind(self, draft: Draft, kind: str) -> None:
        """Judge the open nodes that this kind of evidence can bear on; on a closed deal it is history."""
        if not draft.deal.in_progress:
            self.note("kept_as_history")
            return
        for node in draft.context.process.nodes.values():
            if kind in node.standard.kinds and draft.deal.node(node.id).status is NodeStatus.OPEN:
                self.nodes[node.id] = None

    def judge_all(self, draft: Draft) -> None:
        """Judge every open node."""
        for node_id in draft.context.process.nodes:
            if draft.deal.in_progress and draft.deal.node(node_id).status is NodeStatus.OPEN:
                self.nodes[node_id] = None
