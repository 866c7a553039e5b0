"""What events change of a deal's amount: the one in force, those that a standard has to hold for, and the one that was won."""

from datetime import datetime

from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve.handler import Handlers
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.state import Deal
from dealflow.domain.values.money import Money


def proving(amount: Money | None) -> tuple[Money, ...]:
    """The amount as the only one that a standard has to hold for; 0 is no amount."""
    return (amount,) if amount and amount.minor else ()


def amended_amount(deal: Deal, fact: e.DealAmended) -> Deal:
    """The amount that the amendment names: beside the earlier ones, or in their place."""
    if fact.amount is None:
        return deal
    if fact.confirms or fact.origin:
        deal = _confirmed(deal, fact.amount, fact.effective_at)
    else:
        before = (amount for amount in deal.amounts if amount != fact.amount)
        amounts = (*before, *proving(fact.amount))
        deal = replace(deal, amount=fact.amount, amounts=amounts, amount_since=fact.effective_at)
    return _as_won(deal, fact.amount, fact.effective_at) if fact.as_won else deal


def claimed_amount(deal: Deal, fact: e.DealWon) -> Deal:
    """The amount that another system named with its win. A win by the gate or a person keeps what is in force."""
    if fact.amount is None or not (fact.confirms or fact.amount != deal.amount):
        return deal
    return _confirmed(deal, fact.amount, fact.effective_at)


def cleared_amount(deal: Deal, at: datetime) -> Deal:
    """The deal without an amount; a win that another system had claimed is worth what it says, which is nothing now."""
    cleared = replace(deal, amount=None, amounts=(), amount_since=at)
    if deal.win is None or deal.win.basis != "claimed":
        return cleared
    return replace(cleared, win=replace(deal.win, amount=None, amounts=(), amount_since=at))


def _confirmed(deal: Deal, amount: Money, at: datetime) -> Deal:
    return replace(deal, amount=amount, amounts=proving(amount), amount_since=at)


def _as_won(deal: Deal, amount: Money, at: datetime) -> Deal:
    won = deal.win and replace(deal.win, amount=amount, amounts=proving(amount), amount_since=at)
    return replace(deal, win=won)


def _amount_confirmed(deal: Deal, fact: e.AmountConfirmed, _: e.Stamp) -> Deal:
    """Confirmed for what comes; where it is the amount that was won, for that as well."""
    was_won = deal.win is not None and deal.win.amount == fact.amount
    deal = _confirmed(deal, fact.amount, fact.effective_at)
    return _as_won(deal, fact.amount, fact.effective_at) if was_won else deal


HANDLERS: Handlers = {e.AmountConfirmed: _amount_confirmed}
