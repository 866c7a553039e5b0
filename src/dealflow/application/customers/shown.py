"""Customers as they are shown: in a list, and one with all that is known of them."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import AwareDatetime

from dealflow.application.customers.find import FindCustomers
from dealflow.application.customers.names import all_merged, known_customers, names_of
from dealflow.application.reading.board import DealQuery, DealRow
from dealflow.application.reading.history import ALL, History, HistoryEntry, Proof, Tell, history
from dealflow.domain.customer.state import KnownCustomer, ProposedErasure
from dealflow.domain.customer.stream import customer_stream
from dealflow.domain.deal.events import ExternalSystem
from dealflow.domain.values.frozen import Frozen


class CustomerRow(Frozen):
    """One customer. `on_record`: they have a stream of their own; others are known from their deals alone.

    `merged` are those who go on as this one; `deals` and `in_progress` count what the reader sees.
    """

    customer: str
    name: str | None = None
    on_record: bool
    erased_at: AwareDatetime | None = None
    merged: tuple[str, ...] = ()
    deals: int = 0
    in_progress: int = 0


class CustomerPage(Frozen):
    """A page of customers, of `total` that are there for the reader."""

    total: int
    customers: tuple[CustomerRow, ...]


class NamedByOther(Frozen):
    """How another system names the customer; the id is personal."""

    system: ExternalSystem
    id: str


class WaitingErasure(Frozen):
    """An erasure that is proposed and waits for a second person."""

    by: str
    on_behalf_of: str | None = None
    at: AwareDatetime
    reason: str


class CustomerView(Frozen):
    """One customer; `asked` is the former id, where the customer was asked for by one that was merged.

    `history` is what was done about the customer, whatever their deals.
    """

    customer: str
    asked: str | None = None
    name: str | None = None
    on_record: bool
    since: AwareDatetime | None = None
    erased_at: AwareDatetime | None = None
    erasure: WaitingErasure | None = None
    external_ids: tuple[NamedByOther, ...] = ()
    merged: tuple[str, ...] = ()
    deals: tuple[DealRow, ...] = ()
    history: tuple[HistoryEntry, ...] = ()


class CustomerHistory(Frozen):
    """What was done about a customer, by stream: first their own, then of each who was merged into them, by id."""

    customer: str
    asked: str | None = None
    histories: tuple[History, ...] = ()


# What the rows of a stream prove, by version.
ProofsOf = Callable[[str], Mapping[int, Proof]]


@dataclass(frozen=True, slots=True)
class ShowCustomers:
    """Reads customers for one person, by the deals that this person sees."""

    find: FindCustomers

    def page(self, after: str | None, limit: int | None) -> CustomerPage:
        """The customers behind `after`, by id; who was merged into another is part of that one."""
        rows = self.find.board.deals(DealQuery())
        theirs: defaultdict[str, list[DealRow]] = defaultdict(list)
        for row in rows:
            if row.customer_id is not None:
                theirs[row.customer_id].append(row)
        ids = self.find.all_ids()
        known = known_customers(self.find.store, ids)
        ids = [each for each in ids if each not in known or known[each].into is None]
        wanted = [each for each in ids if after is None or each > after][:limit]
        names = names_of(self.find.store, known, {each: [row.deal_id for row in theirs[each]] for each in wanted})
        shown = (_row(each, names[each], known.get(each), theirs[each]) for each in wanted)
        return CustomerPage(total=len(ids), customers=tuple(shown))

    def row(self, customer: str) -> CustomerRow:
        """The customer with this very id, as a list has them."""
        rows = self.find.board.deals(DealQuery(customer=customer))
        known = known_customers(self.find.store, [customer])
        names = names_of(self.find.store, known, {customer: [row.deal_id for row in rows]})
        return _row(customer, names[customer], known.get(customer), rows)

    def one(self, given: str, tell: Tell) -> CustomerView:
        """The customer who is meant, as who they are now; CommandRefused where there is none."""
        asked = self.find.meant(given)
        customer = self.find.current(asked)
        rows = self.find.board.deals(DealQuery(customer=customer))
        known = known_customers(self.find.store, [customer])
        names = names_of(self.find.store, known, {customer: [row.deal_id for row in rows]})
        found = known.get(customer)
        return CustomerView(
            customer=customer,
            asked=asked if asked != customer else None,
            name=names[customer],
            on_record=found is not None,
            since=found.since if found else None,
            erased_at=found.erased_at if found else None,
            erasure=_waiting(found.erasure) if found and found.erasure else None,
            external_ids=tuple(NamedByOther(system=x.system, id=x.value) for x in found.external_ids) if found else (),
            merged=found.merged if found else (),
            deals=tuple(rows),
            history=history(self.find.store.load(customer_stream(customer)), tell).entries,
        )

    def history(self, given: str, tell: Tell, proofs_of: ProofsOf) -> CustomerHistory:
        """The whole story of the customer who is meant; CommandRefused where there is none."""
        asked = self.find.meant(given)
        customer = self.find.current(asked)
        store = self.find.store
        merged = all_merged(store, known_customers(store, [customer]).get(customer))
        told = ((each, store.load(customer_stream(each))) for each in (customer, *merged))
        return CustomerHistory(
            customer=customer,
            asked=asked if asked != customer else None,
            histories=tuple(
                history(events, tell, ALL, proofs_of(customer_stream(each))) for each, events in told if events
            ),
        )


def _waiting(erasure: ProposedErasure) -> WaitingErasure:
    return WaitingErasure(
        by=erasure.by.actor, on_behalf_of=erasure.by.on_behalf_of, at=erasure.at, reason=erasure.reason
    )


def _row(customer: str, name: str | None, known: KnownCustomer | None, deals: list[DealRow]) -> CustomerRow:
    return CustomerRow(
        customer=customer,
        name=name,
        on_record=known is not None,
        erased_at=known.erased_at if known else None,
        merged=known.merged if known else (),
        deals=len(deals),
        in_progress=sum(row.in_progress for row in deals),
    )
