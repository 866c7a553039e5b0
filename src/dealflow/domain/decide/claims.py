"""Claims: what another system says without proof places the deal, its standing and its outcome, never a node."""

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.decide import checks
from dealflow.domain.decide.effects import Effects
from dealflow.domain.decide.moves import win_beside_the_gate
from dealflow.domain.track.position import standing_index
from dealflow.domain.track.transition import close, end_stalls, entered
from dealflow.domain.values.refusal import Code


def claim_stage(draft: Draft, command: c.ClaimStage, effects: Effects) -> None:
    deal, process = draft.deal, draft.context.process
    if command.stage not in process.stage_index:
        raise checks.unknown(Code.UNKNOWN_STAGE, command.stage, process.stage_index)
    is_there = deal.stage == command.stage
    vouched = standing_index(process, tuple(stage for _, stage in deal.standings))
    if not deal.in_progress or (is_there and process.stage_index[command.stage] <= vouched):
        why = f"the deal is {deal.outcome}" if not deal.in_progress else "the deal is in this stage"
        _not_applied(draft, f"stage {command.stage}", why, command.origin, effects)
        return
    at = checks.observed(command.observed_at, draft)
    claim = e.StageClaimed(
        effective_at=at,
        origin=command.origin,
        from_stage=deal.stage,
        to_stage=command.stage,
        visit=deal.visit if is_there else deal.visit + 1,
    )
    if is_there:
        draft.add(claim)
        return
    end_stalls(draft, at, "moved")
    draft.add(claim)
    entered(draft)


def claim_outcome(draft: Draft, command: c.ClaimOutcome, effects: Effects) -> None:
    deal, at = draft.deal, checks.observed(command.observed_at, draft)
    if not deal.in_progress or deal.outcome.value == command.outcome:
        _not_applied(draft, f"outcome {command.outcome}", f"the deal is {deal.outcome}", command.origin, effects)
        return
    if command.outcome == "won":
        claim = e.DealWon(
            effective_at=at, origin=command.origin, stage=deal.stage, basis="claimed", amount=command.amount
        )
        win_beside_the_gate(draft, "claimed", at, claim=claim)
        return
    end_stalls(draft, at, "closed")
    ended: e.Fact = (
        e.DealLost(effective_at=at, origin=command.origin, reason=command.reason, basis="claimed")
        if command.outcome == "lost"
        else e.DealCancelled(effective_at=at, origin=command.origin, reason=command.reason, basis="claimed")
    )
    draft.add(ended)
    close(draft, at, "claimed", reason=command.reason)


def _not_applied(draft: Draft, claim: str, why: str, origin: e.Origin | None, effects: Effects) -> None:
    draft.add(e.ClaimNotApplied(effective_at=draft.at, origin=origin, claim=claim, why=why))
    effects.note("claim_not_applied")
