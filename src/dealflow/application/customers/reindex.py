"""The ids of other systems, computed from the customers' streams and made findable where they are not."""

from collections.abc import Iterator

from dealflow.application.customers.names import known_customers
from dealflow.application.ports.external_ids import ExternalIds
from dealflow.application.ports.store import EventStore
from dealflow.domain.customer.stream import CUSTOMER_STREAMS, customer_of_stream
from dealflow.domain.deal.events import ExternalSystem
from dealflow.domain.values.unreadable import is_unreadable

_AT_ONCE = 200


def reindex_external_ids(store: EventStore, ids: ExternalIds) -> int:
    """How many could not be found before; one that nobody can read stays so."""
    return ids.add_missing(_linked(store))


def _linked(store: EventStore) -> Iterator[tuple[ExternalSystem, str, str]]:
    customers = [customer_of_stream(stream) for stream in store.streams(CUSTOMER_STREAMS)]
    for start in range(0, len(customers), _AT_ONCE):
        for known in known_customers(store, customers[start : start + _AT_ONCE]).values():
            for linked in known.external_ids:
                if not is_unreadable(linked.value):
                    yield linked.system, linked.value, known.id
