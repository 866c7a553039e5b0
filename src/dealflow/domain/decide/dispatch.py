"""Command + deal + context -> facts, or a refusal: the one door to a deal for commands of every kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dealflow.domain.deal import commands as c
from dealflow.domain.deal.context import Context, Mode
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Fact
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide import claims, facts, moves
from dealflow.domain.decide.effects import Effects, Note
from dealflow.domain.decide.escalation import decide_escalation
from dealflow.domain.decide.progress import record_due
from dealflow.domain.track.gate import judge_open_nodes
from dealflow.domain.track.judge import Met, Verdict, verdict
from dealflow.domain.track.position import is_passed, statuses_of

_HANDLERS: dict[type[c.Act], Callable[[Draft, Any, Effects], None]] = {
    c.OpenDeal: facts.open_deal,
    c.AmendDeal: facts.amend,
    c.RecordEvidence: facts.record_evidence,
    c.WithdrawEvidence: facts.withdraw_evidence,
    c.DisputeEvidence: facts.dispute_evidence,
    c.ConfirmEvidence: facts.confirm_evidence,
    c.RecordMilestone: facts.record_milestone,
    c.PlanStep: facts.plan_step,
    c.CompleteStep: facts.complete_step,
    c.RecordActivity: facts.record_activity,
    c.ReassignDeal: moves.reassign,
    c.WaiveNode: moves.waive,
    c.OverrideGate: moves.override,
    c.MoveBack: moves.back,
    c.WinDeal: moves.win_deal,
    c.LoseDeal: moves.lose,
    c.CancelDeal: moves.cancel,
    c.CloseDeal: moves.close_deal,
    c.ReopenDeal: moves.reopen,
    c.DecideEscalation: decide_escalation,
    c.ClaimStage: claims.claim_stage,
    c.ClaimOutcome: claims.claim_outcome,
}
# These end a visit or the deal's life: what was due before is recorded first, so that no stall and no win is lost.
_ENDING = (c.DecideEscalation, c.MoveBack, c.WinDeal, c.LoseDeal, c.CancelDeal, c.CloseDeal)
# So do these, but what is claimed with other facts of one instant is judged with them, live as in an import.
_CLAIMS = (c.ClaimStage, c.ClaimOutcome)
# Facts of one instant are folded together before a closing is judged, in whatever order they were given.
_CLOSING = (c.WinDeal, c.LoseDeal, c.CancelDeal, c.CloseDeal, c.ClaimOutcome)


@dataclass(frozen=True, slots=True)
class Decision:
    """What happened and the deal after it; `verdicts` are those of the nodes that the commands bear on, `notes` what the
    caller should know.
    """

    facts: tuple[Fact, ...]
    deal: Deal
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    notes: tuple[Note, ...] = ()


def decide(deal: Deal | None, deal_id: str, commands: Sequence[c.Command], context: Context) -> Decision:
    """Judge commands that belong together as one; raise CommandRefused, and then nothing has happened."""
    draft = Draft(deal, deal_id, context)
    effects = apply(draft, commands)
    return Decision(tuple(draft.facts), draft.deal, _verdicts(draft, effects), tuple(effects.notes))


def apply(draft: Draft, commands: Sequence[c.Command]) -> Effects:
    """Fold the commands into the draft: facts first, then one judgement, then what closes the deal."""
    effects = Effects()
    if draft.context.mode is Mode.LIVE and any(isinstance(command, _CLAIMS) for command in commands):
        record_due(draft)
    for command in commands:
        if not isinstance(command, _CLOSING):
            _carry_out(draft, command, effects)
    if draft.opened and draft.deal.in_progress:
        judge_open_nodes(draft, effects.nodes)
    for command in commands:
        if isinstance(command, _CLOSING):
            _carry_out(draft, command, effects)
    return effects


def _carry_out(draft: Draft, command: c.Command, effects: Effects) -> None:
    if isinstance(command, _ENDING) and draft.context.mode is Mode.LIVE:
        record_due(draft)
    _HANDLERS[type(command)](draft, command, effects)


def _verdicts(draft: Draft, effects: Effects) -> tuple[tuple[str, Verdict], ...]:
    context, statuses = draft.context, statuses_of(draft.deal) if draft.opened else {}
    found = (
        (node, verdict(context.process.nodes[node], draft.deal, context.process, context.rules))
        for node in effects.nodes
    )
    # A node that a later one meets is passed: what its own standard lacks is of no use to anyone.
    return tuple(
        (node, each) for node, each in found if isinstance(each, Met) or not is_passed(node, context.process, statuses)
    )
