"""The customer whom a command to a deal names: who they are now, and whether whoever asks may say their name."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from dealflow.application.ports.store import StoreReader
from dealflow.domain.customer.state import KnownCustomer, customer_after
from dealflow.domain.customer.stream import customer_stream
from dealflow.domain.deal import commands as c
from dealflow.domain.deal import events as e
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.text.spelling import Respelled, merged_away, normal_id

C = TypeVar("C", bound=c.Act)
# Whether the customer with this id is hidden from this person.
HidesCustomer = Callable[[str, str], bool]


def goes_on_as(store: StoreReader, customer_id: str) -> str:
    """The id of the customer who this one is now; the very id where nobody merged it."""
    while (known := customer_on_record(store, customer_id)) is not None and known.into is not None:
        customer_id = known.into
    return customer_id


def customer_on_record(store: StoreReader, customer_id: str) -> KnownCustomer | None:
    """The customer with a stream of their own; None where they are known from deals alone, or not at all."""
    return customer_after(store.load(customer_stream(customer_id)))


def must_be_theirs_to_name(
    facts: Iterable[e.Fact], person: str, store: StoreReader, hides_customer: HidesCustomer
) -> None:
    """Refuse a name that a deal would give to a customer who is hidden from this person, or who was erased.

    The deal itself may be any customer's: the id alone says nothing of them, nor does a name that is no other than the id.
    """
    for fact in facts:
        said = fact.customer if isinstance(fact, e.DealOpened | e.DealAmended) else None
        if said is None or said.name in (None, said.id):
            continue
        if hides_customer(person, said.id):
            raise refuse(Code.CUSTOMER_HIDDEN, said.id, do=phrase("Name them by the id alone."))
        if is_erased(store, said.id):
            raise refuse(Code.CUSTOMER_ERASED, said.id)


def is_erased(store: StoreReader, customer_id: str) -> bool:
    """Whether the customer was erased and has not come back."""
    known = customer_on_record(store, customer_id)
    return known is not None and known.erased_at is not None


def with_imported_customer(command: C, store: StoreReader) -> C:
    """The command of a file with the customer who the given one is now; a file brings no name of an erased one back."""
    command = with_current_customer(command, store)
    customer = command.customer if isinstance(command, c.OpenDeal | c.AmendDeal) else None
    if customer is None or customer.name is None or not is_erased(store, customer.id):
        return command
    return command.model_copy(update={"customer": customer.model_copy(update={"name": None})})


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
