"""Who may do what to a deal; nobody waives, overrides or answers an escalation on a deal they own."""

from typing import Any

from dealflow.domain.deal.context import Context
from dealflow.domain.deal.state import Deal
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse


def is_above(deal: Deal, context: Context) -> bool:
    """Whether somebody above the owner acts, and neither as the owner nor for the owner."""
    return not _owns(deal, context) and context.organisation.may_decide(context.who.person, deal.owner)


def _owns(deal: Deal, context: Context) -> bool:
    return deal.owner is not None and deal.owner in (context.who.actor, context.who.on_behalf_of)


def must_answer_for(deal: Deal, context: Context) -> None:
    """Only someone who stands above the owner; never the owner, neither as actor nor as the one acted for."""
    if is_above(deal, context):
        return
    code, actor = (Code.OWN_DEAL, deal.owner) if _owns(deal, context) else (Code.NOT_PERMITTED, context.who.person)
    raise refuse(code, deal.id, actor=actor, **_those(who_may(deal.owner, context.organisation), deal, context))


def must_work_on(deal: Deal, context: Context) -> None:
    """The owner, or someone above; where no organisation is declared, anyone."""
    owner, who, organisation = deal.owner, context.who, context.organisation
    if not organisation.declared or who.person == owner or organisation.may_decide(who.person, owner):
        return
    may = [*([owner] if owner else []), *who_may(owner, organisation)]
    raise refuse(Code.NOT_PERMITTED, deal.id, actor=who.person, **_those(may, deal, context))


def _those(may: list[str], deal: Deal, context: Context) -> dict[str, Any]:
    """Who may; where that is nobody, why."""
    if may:
        return {"who_may": may}
    owner = deal.owner or phrase("a deal without owner")
    return {"who_may": may, "alone" if context.organisation.declared else "undeclared": owner}


def who_may(owner: str | None, organisation: Organisation) -> list[str]:
    """The ids of those who answer for the owner's deals."""
    if owner in organisation.people:
        return [person.id for person in organisation.above(owner)]
    return sorted(p.id for p in organisation.people.values() if p.role in ("director", "operations"))
