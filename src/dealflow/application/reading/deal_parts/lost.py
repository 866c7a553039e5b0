"""The proofs of a deal that are lost: since when, why, until when, and the way back."""

from collections.abc import Iterator

from pydantic import AwareDatetime

from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.deal_parts.named import Named, stage_named
from dealflow.application.reading.deal_parts.nodes import NodeView, node_view
from dealflow.domain.deal.state import Deal, clock_key
from dealflow.domain.escalation.proof_lost import PROOF_LOST, way_back
from dealflow.domain.values.frozen import Frozen


class LostProofView(Frozen):
    """A node that is open again, with what is missing to pass it; `why` may be unknown.

    `due_at` is None where no clock runs because the deal is closed. `way_back` is the command, without its reason, that
    lets the deal stand in the node's stage.
    """

    node: NodeView
    stage: Named
    since: AwareDatetime
    why: str
    after_win: bool
    due_at: AwareDatetime | None
    run_out: bool
    way_back: str


def lost_proofs(deal: Deal, process: ProcessInForce) -> Iterator[LostProofView]:
    """In the order in which they were lost; nothing for a deal that is itself lost or cancelled."""
    definition = process.definition
    for lost in deal.proofs_lost:
        clock = deal.clocks.get(clock_key(PROOF_LOST, lost.node))
        yield LostProofView(
            node=node_view(definition.nodes[lost.node], deal, process),
            stage=stage_named(lost.stage, definition),
            since=lost.since,
            why=lost.why,
            after_win=lost.after_win,
            due_at=clock.due_at if clock else None,
            run_out=clock is not None and clock.stalled,
            way_back=way_back(deal.id, lost.stage, in_progress=deal.in_progress),
        )
