"""What is due for a deal at an instant: clocks that ran out, gates that are met, warnings and rungs, in time order."""

from dealflow.domain.clocks.stall import stall_recorded
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.state import Deal
from dealflow.domain.escalation.ladder import escalate
from dealflow.domain.track.position import open_nodes
from dealflow.domain.track.transition import make_transition


def progress(deal: Deal, context: Context) -> list[e.Fact]:
    """Everything that is due at `context.at`. On its own result it gives nothing more."""
    draft = Draft(deal, deal.id, context)
    record_due(draft)
    escalate(draft)
    return draft.facts


def record_due(draft: Draft) -> None:
    """Record stalls and make transitions up to the draft's instant; a deadline comes before facts of the same instant."""
    while draft.opened and draft.deal.in_progress:
        deal = draft.deal
        due = (clock for clock in deal.running_clocks if clock.due_at <= draft.at)
        first = min(due, key=lambda clock: clock.due_at, default=None)
        ready = deal.ready if deal.ready and deal.ready.ready_at <= draft.at else None
        if first and (ready is None or first.due_at <= ready.ready_at):
            missing = (first.node,) if first.node else open_nodes(deal, draft.context.process, first.stage)
            draft.add(stall_recorded(deal, first, missing))
        elif ready:
            make_transition(draft)
        else:
            return
