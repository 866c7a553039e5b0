"""The ids of other systems by the customers' own events: whose one is, and where the rows that find it say something else."""

from collections.abc import Iterator

from dealflow.application.customers.names import known_customers
from dealflow.application.ports.external_ids import ExternalIds, IdDifference
from dealflow.application.ports.store import EventStore, StoreUnreachable
from dealflow.domain.customer.state import customer_after
from dealflow.domain.customer.stream import CUSTOMER_STREAMS, customer_of_stream, customer_stream
from dealflow.domain.deal.events import ExternalSystem
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.alike import as_drawn
from dealflow.domain.values.unreadable import is_unreadable

_AT_ONCE = 200


def holder_of(store: EventStore, ids: ExternalIds, system: ExternalSystem, value: str) -> str | None:
    """The customer who has this id; None where nobody has.

    Raise StoreUnreachable where a row says so and that customer's events do not: what is meant for one would be another's.
    """
    found = ids.find(system, value)
    if found is None:
        return None
    known = customer_after(store.load(customer_stream(found)))
    linked = [as_drawn(each.value) for each in (known.external_ids if known else ()) if each.system == system]
    # Whose key is missing may have it: nobody can tell, and nothing else of theirs is hindered either.
    if as_drawn(value) not in linked and not any(map(is_unreadable, linked)):
        raise StoreUnreachable(
            phrase(
                "the row of this id in {system} was altered: the customer whom it names does not have it;"
                " `dealflow store reindex` puts it right",
                system=system,
            )
        )
    return found


def id_differences(store: EventStore, ids: ExternalIds) -> list[IdDifference]:
    """Where the rows say something else than the events do; what moves meanwhile is looked at again."""
    first = _differences(store, ids)
    return [each for each in _differences(store, ids) if each in first] if first else []


def _differences(store: EventStore, ids: ExternalIds) -> list[IdDifference]:
    linked, unreadable = [], set()
    for system, value, customer in _linked(store):
        if is_unreadable(value):
            unreadable.add(customer)
        else:
            linked.append((system, value, customer))
    return ids.differing(linked, unreadable)


def _linked(store: EventStore) -> Iterator[tuple[ExternalSystem, str, str]]:
    customers = [customer_of_stream(stream) for stream in store.streams(CUSTOMER_STREAMS)]
    for start in range(0, len(customers), _AT_ONCE):
        for known in known_customers(store, customers[start : start + _AT_ONCE]).values():
            for linked in known.external_ids:
                yield linked.system, linked.value, known.id
