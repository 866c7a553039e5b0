"""Claims: what another system says without proof places the deal, its standing and its outcome, never a node."""

from datetime import datetime

from dealflow.domain.clocks.stall import stalls_ended
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.evolve.amounts import proving
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide import checks
from dealflow.domain.decide.amend import amount_of
from dealflow.domain.decide.moves import Lost, Won, won_beside_the_gate
from dealflow.domain.track.amounts import reading_amount
from dealflow.domain.track.gate import judge_again
from dealflow.domain.track.transition import deal_closed
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code


def claim_stage(
    deal: Deal, command: c.ClaimStage, context: Context
) -> tuple[e.StallEnded | e.StageClaimed | e.ClaimNotApplied, ...]:
    process = context.process
    if command.stage not in process.stage_index:
        raise checks.unknown(Code.UNKNOWN_STAGE, command.stage, process.stage_index)
    if not deal.in_progress:
        return (checks.not_applied(f"stage {command.stage}", f"the deal is {deal.outcome}", command.origin, context),)
    is_there = deal.stage == command.stage
    at = checks.observed(command.observed_at, context)
    claim = e.StageClaimed(
        effective_at=at,
        origin=command.origin,
        from_stage=deal.stage,
        to_stage=command.stage,
        visit=deal.visit if is_there else deal.visit + 1,
    )
    return (claim,) if is_there else (*stalls_ended(deal, at, "moved"), claim)


def claim_outcome(
    deal: Deal, command: c.ClaimOutcome, context: Context
) -> tuple[Won | Lost | e.DealCancelled | e.ClaimNotApplied, ...]:
    at, origin = checks.observed(command.observed_at, context), command.origin
    if not deal.in_progress or deal.outcome.value == command.outcome:
        return (checks.not_applied(f"outcome {command.outcome}", f"the deal is {deal.outcome}", origin, context),)
    if command.outcome == "won":
        amount = amount_of(command.amount)
        claim = e.DealWon(
            effective_at=at,
            origin=origin,
            stage=deal.stage,
            basis="claimed",
            amount=amount,
            confirms=amount is not None,
        )
        is_news = amount is not None and (amount, proving(amount)) != (deal.amount, deal.amounts)
        judged = _judged_by(amount, deal, at, context) if amount is not None and is_news else None
        return won_beside_the_gate(deal, "claimed", at, context, claim=claim, judged=judged)
    lost_or_cancelled = (
        e.DealLost(effective_at=at, origin=origin, reason=command.reason, basis="claimed")
        if command.outcome == "lost"
        else e.DealCancelled(effective_at=at, origin=origin, reason=command.reason, basis="claimed")
    )
    *ended, closed = deal_closed(deal, at, "claimed", reason=command.reason)
    return *ended, lost_or_cancelled, closed


def _judged_by(amount: Money, deal: Deal, at: datetime, context: Context) -> Deal:
    """The deal with its nodes as this amount has them."""
    draft = Draft(deal, deal.id, context)
    draft.add(e.DealAmended(effective_at=at, amount=amount, confirms=True))
    judge_again(draft, reading_amount(context.process), at=at, why="amended")
    return draft.deal
