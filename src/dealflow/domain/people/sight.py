"""Who sees a deal: one predicate for every reading."""

from collections.abc import Collection
from datetime import datetime

from dealflow.domain.people.answering import free_above
from dealflow.domain.people.organisation import Organisation

_SEE_ALL = ("operations", "auditor")


def sees_all(viewer: str, organisation: Organisation) -> bool:
    """Whether this person sees every deal; a home without a `people.yaml` belongs to the one who works in it."""
    person = organisation.people.get(viewer)
    return not organisation.declared or (person is not None and person.role in _SEE_ALL)


def sees_deals_of(viewer: str, owner: str | None, organisation: Organisation, at: datetime) -> bool:
    """Whether this person sees every deal of the owner: the owner, those above, a deputy.

    What nobody above looks after, and what nobody of the file owns, every director sees.
    """
    person = organisation.people.get(viewer)
    if sees_all(viewer, organisation):
        return True
    if person is None:
        return False
    if owner == viewer or viewer in organisation.deputies_of(owner, at):
        return True
    if any(above.id == viewer and above.decides for above in organisation.above(owner)):
        return True
    return person.role == "director" and not free_above(owner, (), organisation)


def may_see(
    viewer: str,
    owner: str | None,
    organisation: Organisation,
    at: datetime,
    *,
    owned: Collection[str] = (),
    asked: Collection[str] = (),
) -> bool:
    """Whether this person sees one deal; `owned` count as its owner, `asked` have an open escalation of it before them."""
    if sees_deals_of(viewer, owner, organisation, at):
        return True
    person = organisation.people.get(viewer)
    if person is None:
        return False
    return viewer in asked or (person.role == "director" and not free_above(owner, owned, organisation))
