"""A customer who was merged into another goes on as that one, wherever the former id is given."""

from typing import TypeVar

from dealflow.application.ports.store import StoreReader
from dealflow.domain.customer.state import customer_after
from dealflow.domain.customer.stream import customer_stream
from dealflow.domain.deal import commands as c
from dealflow.domain.values.text.spelling import Respelled, merged_away, normal_id

C = TypeVar("C", bound=c.Act)


def goes_on_as(store: StoreReader, customer_id: str) -> str:
    """The id of the customer who this one is now; the very id where nobody merged it."""
    while (known := customer_after(store.load(customer_stream(customer_id)))) is not None and known.into is not None:
        customer_id = known.into
    return customer_id


def of_current_customers(envelope: c.Envelope, store: StoreReader) -> tuple[c.Envelope, tuple[Respelled, ...]]:
    """The commands with the customers who the given ones are now, and what was taken otherwise for it."""
    changed: list[Respelled] = []
    commands = tuple(with_current_customer(command, store, changed) for command in envelope.commands)
    return (envelope.model_copy(update={"commands": commands}) if changed else envelope), tuple(changed)


def with_current_customer(command: C, store: StoreReader, changed: list[Respelled] | None = None) -> C:
    """The same for one command; `changed` takes what was taken otherwise."""
    customer = command.customer if isinstance(command, c.OpenDeal | c.AmendDeal) else None
    if customer is None:
        return command
    given, kept = customer.id, normal_id(customer.id)
    current = goes_on_as(store, given)
    if current == given != kept:
        current = goes_on_as(store, kept)
    if current in (given, kept):
        return command
    if changed is not None:
        changed.append(merged_away(given, current))
    # Where the id was the name as well, it is the name of the former one.
    name = customer.name if customer.name != given else None
    return command.model_copy(update={"customer": customer.model_copy(update={"id": current, "name": name})})
