"""What events of a deal's life change in it: its data, its outcome, its end and its reopening."""

from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve.amounts import amended_amount, claimed_amount, cleared_amount
from dealflow.domain.deal.evolve.handler import Handlers, put
from dealflow.domain.deal.evolve.track import reopen_nodes
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.seller_path import EnteredStage, PathEnded
from dealflow.domain.deal.state import Closed, Deal, InProgress, Outcome, Step, Visit, Win


def _amended(deal: Deal, fact: e.DealAmended, _: e.Stamp) -> Deal:
    amended = replace(
        deal,
        title=deal.title if fact.title is None else fact.title,
        customer=deal.customer if fact.customer is None else fact.customer,
        attributes=deal.attributes if fact.attributes is None else fact.attributes,
    )
    if fact.customer is not None and fact.customer.id != (deal.customer and deal.customer.id):
        kept = (*deal.former_customers, fact.customer_was) if fact.keeps_values and fact.customer_was else ()
        amended = replace(amended, former_customers=kept)
    return amended_amount(amended, fact)


def _fields_cleared(deal: Deal, fact: e.FieldsCleared, _: e.Stamp) -> Deal:
    kept = {name: text for name, text in deal.attributes.items() if name not in fact.attributes}
    cleared = replace(
        deal,
        owner=None if "owner" in fact.cleared else deal.owner,
        customer=None if "customer" in fact.cleared else deal.customer,
        attributes=kept if fact.attributes else deal.attributes,
    )
    return cleared_amount(cleared, fact.effective_at) if "amount" in fact.cleared else cleared


def _owner_changed(deal: Deal, fact: e.OwnerChanged, _: e.Stamp) -> Deal:
    return replace(deal, owner=fact.owner)


def _claim_not_applied(deal: Deal, _fact: e.ClaimNotApplied, _: e.Stamp) -> Deal:
    return replace(deal, claims_not_applied=deal.claims_not_applied + 1)


def _won(deal: Deal, fact: e.DealWon, stamp: e.Stamp) -> Deal:
    deal = claimed_amount(deal, fact)
    win = Win(
        at=fact.effective_at,
        basis=fact.basis,
        unproven=fact.unproven,
        version=stamp.version,
        stage=fact.stage,
        amount=deal.amount,
        amounts=deal.amounts_in_force,
        amount_since=deal.amount_since,
    )
    return replace(deal, outcome=Outcome.WON, win=win)


def _lost(deal: Deal, fact: e.DealLost, _: e.Stamp) -> Deal:
    return replace(deal, outcome=Outcome.LOST, loss_reason=fact.reason)


def _cancelled(deal: Deal, fact: e.DealCancelled, _: e.Stamp) -> Deal:
    return replace(deal, outcome=Outcome.CANCELLED, loss_reason=fact.reason)


def _closed(deal: Deal, fact: e.DealClosed, stamp: e.Stamp) -> Deal:
    # A win directly before it, at the same instant, is part of the closing act: reopening takes it back.
    won_by_it = deal.win and (deal.win.version, deal.win.at) == (stamp.version - 1, fact.effective_at)
    before = Outcome.WON if deal.win and not won_by_it else Outcome.OPEN
    life = Closed(at=fact.effective_at, version=stamp.version, how=fact.how, outcome_before=before)
    left = replace(deal.visits[-1], left_at=fact.effective_at)
    ended = PathEnded(fact.effective_at, stamp.version)
    return replace(deal, life=life, clocks={}, ready=None, visits=(*deal.visits[:-1], left), path=(*deal.path, ended))


def _reopened(deal: Deal, fact: e.DealReopened, _: e.Stamp) -> Deal:
    visit = Visit(stage=fact.stage, number=fact.visit, entered_at=fact.effective_at, how="reopened")
    opened = replace(
        deal,
        life=InProgress(),
        opening=fact.opening,
        outcome=Outcome(fact.outcome),
        win=deal.win if fact.outcome == "won" else None,
        loss_reason=None,
        stage=fact.stage,
        visits=(*deal.visits, visit),
        milestones_from=fact.counts_from,
        lost_episodes={},
        path=(*deal.path, EnteredStage(fact.effective_at, fact.stage, fact.counts_from, fact.counts_from)),
    )
    return reopen_nodes(opened, fact.reopened_nodes, fact.effective_at, fact.counts_from)


def _step_planned(deal: Deal, fact: e.StepPlanned, _: e.Stamp) -> Deal:
    step = Step(what=fact.what, by=fact.by, node=fact.node, planned_at=fact.effective_at)
    return replace(deal, steps=put(deal.steps, fact.step_id, step))


def _step_done(deal: Deal, fact: e.StepDone, _: e.Stamp) -> Deal:
    step = deal.steps.get(fact.step_id)
    if step is None:
        return deal
    return replace(deal, steps=put(deal.steps, fact.step_id, replace(step, done_at=fact.effective_at)))


def _linked_deal(deal: Deal, fact: e.LinkedDealDue, _: e.Stamp) -> Deal:
    return replace(deal, linked=(*deal.linked, fact.linked_deal_id))


HANDLERS: Handlers = {
    e.DealAmended: _amended,
    e.OwnerChanged: _owner_changed,
    e.FieldsCleared: _fields_cleared,
    e.ClaimNotApplied: _claim_not_applied,
    e.DealWon: _won,
    e.DealLost: _lost,
    e.DealCancelled: _cancelled,
    e.DealClosed: _closed,
    e.DealReopened: _reopened,
    e.StepPlanned: _step_planned,
    e.StepDone: _step_done,
    e.LinkedDealDue: _linked_deal,
}
