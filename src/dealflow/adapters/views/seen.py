"""Who sees a deal, as a condition of a query: the same predicate as `may_see`, asked of owners instead of deals."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Table, exists, false, or_, select

from dealflow.adapters.views.tables import deal_people, deals
from dealflow.application.viewer import Viewer
from dealflow.domain.people.answering import free_above
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.sight import sees_deals_of

Conditions = list[ColumnElement[bool]]


def seen_conditions(connection: Connection, viewer: Viewer) -> Conditions:
    """The conditions on `deals` that leave only what the viewer sees; none where that is all."""
    if viewer.person is None or viewer.sees_all:
        return []
    person = viewer.organisation.people.get(viewer.person)
    if person is None:
        return [false()]
    owners = list(connection.execute(select(deals.c.owner).distinct()).scalars())
    theirs = [owner for owner in owners if sees_deals_of(person.id, owner, viewer.organisation, viewer.at)]
    are_asked = exists().where(
        deal_people.c.deal_id == deals.c.deal_id, deal_people.c.person == person.id, deal_people.c.asked.is_(True)
    )
    seen: Conditions = [deals.c.owner.in_([owner for owner in theirs if owner is not None]), are_asked.correlate(deals)]
    if None in theirs:
        seen.append(deals.c.owner.is_(None))
    if person.role == "director" and (passed_on := list(_passed_on(connection, viewer.organisation))):
        seen.append(deals.c.deal_id.in_(passed_on))
    return [or_(*seen)]


def seen_in(table: Table, seen: Conditions) -> Conditions:
    """The same conditions on a table beside `deals`."""
    if table is deals or not seen:
        return seen
    return [table.c.deal_id.in_(select(deals.c.deal_id).where(*seen))]


def _passed_on(connection: Connection, organisation: Organisation) -> Iterable[str]:
    """The deals whose owner has somebody above, all of whom have owned the deal themselves."""
    managers = {person.manager for person in organisation.people.values() if person.manager is not None}
    asked = (
        select(deals.c.deal_id, deals.c.owner, deal_people.c.person)
        .join(deal_people, deal_people.c.deal_id == deals.c.deal_id)
        .where(deal_people.c.asked.is_(False), deal_people.c.person.in_(sorted(managers)))
    )
    owned: dict[tuple[str, str | None], set[str]] = {}
    for deal_id, owner, person in connection.execute(asked):
        owned.setdefault((deal_id, owner), set()).add(person)
    for (deal_id, owner), people in owned.items():
        if not free_above(owner, people, organisation):
            yield deal_id
