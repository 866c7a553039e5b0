"""The names of customers: of their own stream, else the one that the newest of their deals says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from dealflow.application.ports.store import EventStore, EventUnreadable, StoreReader
from dealflow.domain.customer.state import KnownCustomer, customer_after
from dealflow.domain.customer.stream import customer_of_stream, customer_stream
from dealflow.domain.deal.events import Customer, Recorded
from dealflow.domain.deal.stream import stream_of

_AT_ONCE = 200


def known_customers(store: EventStore, ids: Iterable[str]) -> dict[str, KnownCustomer]:
    """Those of these customers who have a stream; one that cannot be read is left out."""
    streams = [customer_stream(each) for each in ids]
    try:
        found = store.load_many(streams)
    except EventUnreadable as error:
        rest = [customer_of_stream(each) for each in streams if each != error.stream]
        return known_customers(store, rest) if len(rest) < len(streams) else {}
    known = ((customer_of_stream(stream), customer_after(events)) for stream, events in found.items())
    return {customer: each for customer, each in known if each is not None}


def all_merged(store: StoreReader, known: KnownCustomer | None) -> list[str]:
    """Who was merged into the customer, and into those, each once."""
    found: dict[str, None] = {}
    waiting = list(known.merged if known else ())
    while waiting:
        customer = waiting.pop()
        found[customer] = None
        merged = customer_after(store.load(customer_stream(customer)))
        waiting += [each for each in (merged.merged if merged else ()) if each not in found]
    return sorted(found)


def names_of(
    store: EventStore, known: Mapping[str, KnownCustomer], deals: Mapping[str, Iterable[str]]
) -> dict[str, str | None]:
    """The name of each customer of `deals`, or the word that stands for one that nobody can read; None where none was given.

    A name that is no other than the id is the last to count: it was put there where nobody gave one.
    """
    names = {customer: known[customer].name if customer in known else None for customer in deals}
    owners = {stream_of(deal_id): customer for customer, theirs in deals.items() for deal_id in theirs}
    asked = [stream for stream, customer in owners.items() if names[customer] is None]
    newest: dict[str, tuple[bool, datetime]] = {}
    for start in range(0, len(asked), _AT_ONCE):
        for recorded in _readable(store, asked[start : start + _AT_ONCE]):
            customer = owners[recorded.stream]
            said = _name_in(recorded, customer)
            rank = (said != customer, recorded.stamp.recorded_at)
            if said is not None and newest.get(customer, rank) <= rank:
                names[customer], newest[customer] = said, rank
    return names


def with_name_of_now(store: EventStore, customer: Customer) -> Customer:
    """The customer with the name that is on record for them, where there is one."""
    known = known_customers(store, [customer.id]).get(customer.id)
    return customer.model_copy(update={"name": known.name}) if known is not None and known.name else customer


def _readable(store: EventStore, streams: Sequence[str]) -> Iterator[Recorded]:
    """The events of these streams; one that cannot be read is left out."""
    try:
        for events in store.load_many(streams).values():
            yield from events
    except EventUnreadable as error:
        yield from _readable(store, [each for each in streams if each != error.stream])


def _name_in(recorded: Recorded, customer: str) -> str | None:
    said = getattr(recorded.fact, "customer", None)
    return said.name if said is not None and said.id == customer else None
