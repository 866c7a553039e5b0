"""What an erasure of a customer destroys, and what it cannot: values of their deals that stand under another's key."""

from collections.abc import Iterable, Iterator

from dealflow.application.ports.keys import CustomerKeys
from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.domain.customer.stream import customer_stream, stream_of_subject
from dealflow.domain.deal.events import Fact, Recorded
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.unreadable import is_unreadable


def has_personal(keys: CustomerKeys, customer_id: str) -> bool:
    """Whether something personal of this customer stands under a key, though all their deals may have been taken back."""
    return stream_of_subject(customer_id) == customer_stream(customer_id) and keys.any_alive([customer_id])


def subjects_of(customers: Iterable[str], deals: Iterable[str]) -> tuple[str, ...]:
    """Whose keys encrypt what is personal of these customers, also from before their deals were linked to them."""
    return (*customers, *(f"deal:{deal_id}" for deal_id in sorted(deals)))


def still_readable(store: EventStore, deals: Iterable[str]) -> tuple[str, ...]:
    """The deals in which something personal can be read: it was recorded when the deal had another customer."""
    return tuple(deal_id for deal_id in sorted(deals) if any(map(_is_readable, _events(store, deal_id))))


def _events(store: EventStore, deal_id: str) -> Iterable[Recorded]:
    try:
        return store.load(stream_of(deal_id))
    except EventUnreadable:
        return ()


def _is_readable(recorded: Recorded) -> bool:
    return any(value is not None and not is_unreadable(value) for value in _personal(recorded.fact))


def _personal(fact: Fact) -> Iterator[object]:
    fields, customer = getattr(fact, "fields", {}), getattr(fact, "customer", None)
    yield from (fields.get(name) for name in getattr(fact, "personal", ()))
    if customer is not None:
        yield customer.name
