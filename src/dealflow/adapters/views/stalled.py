"""The deals with an open stall, by the index of the stalls that have not ended."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, select

from dealflow.adapters.views.tables import deal_people, deals, stalls
from dealflow.application.ports.open_stalls import StalledDeal
from dealflow.domain.process.definition import ProcessRef


def stalled_deals(connection: Connection) -> Sequence[StalledDeal]:
    """All in progress, by id."""
    open_ones = select(stalls.c.deal_id).where(stalls.c.ended_at.is_(None)).distinct().subquery()
    owned = and_(deal_people.c.deal_id == deals.c.deal_id, deal_people.c.asked.is_(False))
    asked = (
        select(
            deals.c.deal_id,
            deals.c.owner,
            deals.c.process,
            deals.c.process_version,
            deals.c.process_digest,
            deal_people.c.person,
        )
        .join(open_ones, open_ones.c.deal_id == deals.c.deal_id)
        .outerjoin(deal_people, owned)
        .where(deals.c.in_progress.is_(True))
        .order_by(deals.c.deal_id)
    )
    found: dict[str, StalledDeal] = {}
    for row in connection.execute(asked).mappings():
        ref = ProcessRef(name=row["process"], version=row["process_version"], digest=row["process_digest"])
        known = found.get(row["deal_id"]) or StalledDeal(row["deal_id"], row["owner"], frozenset(), ref)
        people = known.owned | {row["person"]} if row["person"] is not None else known.owned
        found[row["deal_id"]] = known._replace(owned=people)
    return list(found.values())
