"""What is said of a deal's amount: the one that is proven, and what of it waits for somebody above the owner."""

from dealflow.application.reading.deal_parts.named import PersonView, people_view
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide.permission import who_confirms
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money


class AmountWaits(Frozen):
    """An amount that nobody above the owner has confirmed: each of `amounts` counts, and `who_may` can confirm `amount`."""

    amount: Money
    amounts: tuple[Money, ...]
    who_may: tuple[PersonView, ...]


def amount_waits(deal: Deal, organisation: Organisation) -> AmountWaits | None:
    """What waits; None where the amount in force is the only one that counts."""
    if deal.amount is None or set(deal.amounts) <= {deal.amount}:
        return None
    may = people_view(who_confirms(deal, organisation), organisation)
    return AmountWaits(amount=deal.amount, amounts=deal.amounts, who_may=may)
