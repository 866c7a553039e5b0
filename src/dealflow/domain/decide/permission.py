"""Who may do what to a deal; nobody waives, overrides or answers an escalation on a deal they own."""

from typing import Any

from dealflow.domain.deal.draft import Draft
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import Code, refuse


def must_answer_for(draft: Draft) -> None:
    """Only someone who stands above the owner; never the owner, neither as actor nor as the one acted for."""
    owner, who, organisation = draft.deal.owner, draft.context.who, draft.context.organisation
    if owner is not None and owner in (who.actor, who.on_behalf_of):
        raise refuse(Code.OWN_DEAL, draft.deal_id, actor=owner, **_those(who_may(owner, organisation), draft))
    if not organisation.may_decide(who.person, owner):
        may = who_may(owner, organisation)
        raise refuse(Code.NOT_PERMITTED, draft.deal_id, actor=who.person, **_those(may, draft))


def must_work_on(draft: Draft) -> None:
    """The owner, or someone above; where no organisation is declared, anyone."""
    owner, who, organisation = draft.deal.owner, draft.context.who, draft.context.organisation
    if not organisation.declared or who.person == owner or organisation.may_decide(who.person, owner):
        return
    may = [*([owner] if owner else []), *who_may(owner, organisation)]
    raise refuse(Code.NOT_PERMITTED, draft.deal_id, actor=who.person, **_those(may, draft))


def _those(may: list[str], draft: Draft) -> dict[str, Any]:
    """Who may; where that is nobody, why."""
    if may:
        return {"who_may": may}
    owner = draft.deal.owner or {"en": "a deal without owner", "zh": "无负责人的商机"}
    return {"who_may": may, "alone" if draft.context.organisation.declared else "undeclared": owner}


def who_may(owner: str | None, organisation: Organisation) -> list[str]:
    """The ids of those who answer for the owner's deals."""
    if owner in organisation.people:
        return [person.id for person in organisation.above(owner)]
    return sorted(p.id for p in organisation.people.values() if p.role in ("director", "operations"))
