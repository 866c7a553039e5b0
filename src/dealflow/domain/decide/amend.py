"""What is said of a deal: checked when it is opened, amended for a reason, and its amount confirmed by somebody above."""

from typing import Any

from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.evolve.amounts import proving
from dealflow.domain.deal.state import Deal
from dealflow.domain.decide import checks
from dealflow.domain.decide.permission import confirms_by
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse

Amended = e.DealAmended | e.AmountConfirmed | e.ClaimAgrees


def customer_of(customer: e.Customer, *, known: bool = False) -> e.Customer:
    """A customer with an id and perhaps a name, each on one line; an id that is on record already may be any."""
    name = checks.line(customer.name, "customer") if customer.name is not None else None
    if known:
        return e.Customer(id=checks.line(customer.id, "customer"), name=name)
    # Names of firms are ids as well, and hold words of several scripts.
    return e.Customer(id=checks.new_id(customer.id, "customer", by_word=True), name=name)


def attributes_of(attributes: dict[str, str]) -> dict[str, str]:
    """Attributes with names on one line."""
    return {checks.line(key, "attribute"): checks.note(value, key, most=2_000) for key, value in attributes.items()}


def amount_of(amount: Money | None) -> Money | None:
    """A deal's amount, which is never negative; 0 is kept and proves nothing."""
    if amount is not None and amount.minor < 0:
        right = phrase("an amount that is not negative")
        raise refuse(Code.FIELD_INVALID, "amount", field="amount", wrong=str(amount), right=right)
    return amount


def amend(deal: Deal, command: c.AmendDeal, context: Context) -> tuple[Amended, ...]:
    """What changes, with what it was; the amount of a won deal, and that of the win, only by somebody above the owner."""
    reason = checks.reason(command.reason) if command.origin is None else checks.note(command.reason, "reason")
    is_said = command.origin is not None and says_what_waits(deal, command.amount)
    confirmed = (_confirmed(deal, command, reason, context),) if command.confirm or is_said else ()
    changes = _changes(deal, command)
    if not changes and not confirmed and command.origin is not None:
        names = [name for name in ("title", "customer", "attributes") if getattr(command, name) is not None]
        said = f"amount {command.amount}" if command.amount is not None else f"fields {', '.join(names)}"
        return (checks.agrees(said, command.origin, context),)
    if not changes and not confirmed:
        raise refuse(Code.NOTHING_CHANGES, deal.id)
    if not changes:
        return confirmed
    names_amount = "amount" in changes
    leaves = deal.customer is not None and "customer" in changes and changes["customer"].id != deal.customer.id
    grant = confirms_by(deal, context) if (names_amount or leaves) and command.origin is None else None
    amended = e.DealAmended(
        effective_at=context.at,
        origin=command.origin,
        **changes,
        **_before(deal, changes, as_won=command.as_won),
        reason=reason,
        confirms=names_amount and (command.origin is not None or grant is not None),
        as_won=command.as_won,
        present_was=_present_before(deal) if command.as_won and command.amount != deal.amount else None,
        keeps_values=leaves and command.origin is None and grant is None,
        alone=grant == "alone",
    )
    return *confirmed, amended


def clear(deal: Deal, command: c.ClearFields, context: Context) -> tuple[e.FieldsCleared, ...]:
    """What another system has emptied is empty; nothing where it is so already. Only a source takes away without a successor."""
    if command.origin is None:
        right = phrase("what it is to be instead")
        raise refuse(Code.FIELD_INVALID, "fields", field="fields", wrong=phrase("nothing"), right=right)
    fields = tuple(name for name in command.fields if getattr(deal, name) is not None)
    attributes = tuple(name for name in command.attributes if name in deal.attributes)
    if not fields and not attributes:
        return ()
    return (
        e.FieldsCleared(
            effective_at=context.at,
            origin=command.origin,
            cleared=fields,
            attributes=attributes,
            owner_was=deal.owner if "owner" in fields else None,
            customer_was=deal.customer.id if deal.customer and "customer" in fields else None,
            amount_was=deal.amount if "amount" in fields else None,
            attributes_was={name: deal.attributes[name] for name in attributes},
        ),
    )


def _changes(deal: Deal, command: c.AmendDeal) -> dict[str, Any]:
    known = command.customer and deal.customer and command.customer.id == deal.customer.id
    wanted: dict[str, Any] = {
        "title": checks.line(command.title, "title") if command.title is not None else None,
        "customer": command.customer and customer_of(command.customer, known=bool(known)),
        "amount": amount_of(command.amount),
        "attributes": {**deal.attributes, **attributes_of(command.attributes)} if command.attributes else None,
    }
    changes = {name: value for name, value in wanted.items() if value is not None and value != getattr(deal, name)}
    if command.as_won and _is_news_of_the_win(deal, command):
        changes["amount"] = command.amount
    return changes


def _is_news_of_the_win(deal: Deal, command: c.AmendDeal) -> bool:
    """Whether this says something else of the win than is known."""
    if deal.win is None:
        raise refuse(Code.NOT_WON, deal.id)
    if command.amount is None or command.confirm:
        wrong, right = phrase("no new amount"), phrase("the amount that was won, with --amount")
        raise refuse(Code.FIELD_INVALID, "as_won", field="as_won", wrong=wrong, right=right)
    return (deal.win.amount, deal.win.amounts) != (command.amount, proving(command.amount))


def _before(deal: Deal, changes: dict[str, Any], *, as_won: bool) -> dict[str, Any]:
    amount = deal.win.amount if as_won and deal.win else deal.amount
    was = {
        "title_was": deal.title if "title" in changes else None,
        "customer_was": deal.customer.id if "customer" in changes and deal.customer else None,
        "amount_was": amount if "amount" in changes else None,
        "attributes_was": dict(deal.attributes) if "attributes" in changes else None,
    }
    return {name: value for name, value in was.items() if value is not None}


def _present_before(deal: Deal) -> Money | None:
    """The amount in force, where it is another than the one that was won: a change order, which the amendment ends."""
    return deal.amount if deal.win and deal.amount != deal.win.amount else None


def _confirmed(deal: Deal, command: c.AmendDeal, reason: str, context: Context) -> e.AmountConfirmed:
    """Somebody above, or an import, agrees to the amount in force, which the command names so that no other is meant."""
    named, in_force = command.amount, deal.amount
    if named is None:
        raise refuse(Code.FIELD_MISSING, "amount", field="amount", right=phrase("the amount that is confirmed"))
    if named != in_force:
        raise refuse(Code.AMOUNT_DIFFERS, deal.id, given=str(named), in_force=str(in_force) if in_force else None)
    if not says_what_waits(deal, named):
        raise refuse(Code.ALREADY_SO, deal.id, what=phrase("the amount {amount} is confirmed", amount=str(named)))
    return e.AmountConfirmed(effective_at=context.at, origin=command.origin, amount=named, reason=reason)


def says_what_waits(deal: Deal, amount: Money | None) -> bool:
    """Whether this is the amount in force, or as it was won, and nobody has confirmed it yet."""
    if amount is None or amount != deal.amount:
        return False
    win = deal.win
    is_so_at_the_win = win is None or win.amount != amount or win.amounts == proving(amount)
    return deal.amounts != proving(amount) or not is_so_at_the_win
