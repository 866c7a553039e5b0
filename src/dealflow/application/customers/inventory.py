"""The inventory by customer: who has which deals in progress, at which stage and decision node, at any instant."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from pydantic import AwareDatetime

from dealflow.application.customers.names import known_customers, names_of
from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.application.reading.as_of import AsOf, deals_as_of
from dealflow.application.reading.board import Board, DealQuery
from dealflow.application.reading.unreadable import UnreadableDeal, unreadable, why_unreadable
from dealflow.application.viewer import Viewer
from dealflow.domain.deal.state import Deal
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef, Text
from dealflow.domain.track.position import position, statuses_of
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import CommandRefused


class DealOfCustomer(Frozen):
    """One deal in progress; `position` is the last decision node that the customer has reached."""

    deal_id: str
    title: str
    process: str
    stage: str
    stage_title: Text = {}
    position: str | None = None
    position_title: Text = {}
    owner: str | None = None
    amount: Money | None = None


class CustomerInInventory(Frozen):
    """A customer with their deals in progress, by id; without an id they are the deals that have no customer."""

    customer: str | None
    name: str | None = None
    deals: tuple[DealOfCustomer, ...]


class CustomerInventory(Frozen):
    """Every customer with a deal in progress, by id, and last the deals without customer; names are those of today."""

    as_of: AwareDatetime
    as_known_at: AwareDatetime | None = None
    customers: tuple[CustomerInInventory, ...]
    unreadable: tuple[UnreadableDeal, ...] = ()


def customers_now(store: EventStore, board: Board, at: AwareDatetime) -> CustomerInventory:
    """The inventory of now, of the deals on the board."""
    found = (
        (
            row.customer_id,
            DealOfCustomer(
                deal_id=row.deal_id,
                title=row.title,
                process=row.process,
                stage=row.stage,
                stage_title=row.stage_title,
                position=row.position,
                position_title=row.position_title,
                owner=row.owner,
                amount=row.amount,
            ),
        )
        for row in board.deals(DealQuery(in_progress=True))
    )
    return CustomerInventory(as_of=at, customers=_by_customer(store, found), unreadable=tuple(board.unreadable()))


def customers_as_of(
    store: EventStore, process_of: Callable[[ProcessRef], ProcessDefinition], viewer: Viewer, asked: AsOf
) -> CustomerInventory:
    """The same of a past; a customer who was merged since is there under the id that they had. Reads the whole log once.

    CommandRefused where an instant has no zone, lies in the future or before the first deal.
    """
    asked.check_come(viewer.at)
    past = deals_as_of(store, asked, viewer)
    asked.check_not_before(past.first)
    hidden = dict(past.unreadable)
    found: list[tuple[str | None, DealOfCustomer]] = []
    for deal in past.deals.values():
        if not deal.in_progress:
            continue
        try:
            shown = _shown(deal, process_of(deal.process))
        except (CommandRefused, EventUnreadable) as error:
            says = why_unreadable(error, str(deal.process))
            hidden[deal.id] = unreadable(deal.id, says, title=deal.title, owner=deal.owner)
            continue
        found.append((deal.customer.id if deal.customer else None, shown))
    return CustomerInventory(
        as_of=asked.as_of or viewer.at,
        as_known_at=asked.as_known_at,
        customers=_by_customer(store, found),
        unreadable=tuple(hidden[deal_id] for deal_id in sorted(hidden)),
    )


def _shown(deal: Deal, process: ProcessDefinition) -> DealOfCustomer:
    node = position(process, statuses_of(deal))
    return DealOfCustomer(
        deal_id=deal.id,
        title=deal.title,
        process=str(deal.process),
        stage=deal.stage,
        stage_title=process.stage(deal.stage).title,
        position=node,
        position_title=process.nodes[node].title if node else {},
        owner=deal.owner,
        amount=deal.amount,
    )


def _by_customer(
    store: EventStore, found: Iterable[tuple[str | None, DealOfCustomer]]
) -> tuple[CustomerInInventory, ...]:
    deals: defaultdict[str | None, list[DealOfCustomer]] = defaultdict(list)
    for customer, deal in found:
        deals[customer].append(deal)
    ids = sorted(customer for customer in deals if customer is not None)
    names = names_of(store, known_customers(store, ids), {each: [one.deal_id for one in deals[each]] for each in ids})
    nobody = (None,) if None in deals else ()
    return tuple(
        CustomerInInventory(
            customer=customer,
            name=names.get(customer) if customer is not None else None,
            deals=tuple(sorted(deals[customer], key=lambda deal: deal.deal_id)),
        )
        for customer in (*ids, *nobody)
    )
