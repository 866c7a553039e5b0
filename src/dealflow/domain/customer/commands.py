"""The commands to a customer, each with its fields. Only the shape is checked here."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from dealflow.domain.deal.events import Customer, ExternalSystem
from dealflow.domain.people.actor import Who
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.ids import MAX_COMMAND_ID

EXTERNAL_SYSTEMS: tuple[ExternalSystem, ...] = get_args(ExternalSystem)


def names_external_id(given: str) -> bool:
    """Whether a customer is given as another system knows them, such as `wecom:ID`."""
    return given.strip().startswith(tuple(f"{system}:" for system in EXTERNAL_SYSTEMS))


class AddCustomer(Frozen):
    """Put a customer on record; one that was erased is on record again, without anything of before."""

    act: Literal["add_customer"] = "add_customer"
    customer: Customer


class RenameCustomer(Frozen):
    """The customer has this name from now on."""

    act: Literal["rename_customer"] = "rename_customer"
    customer: Customer


class LinkExternalId(Frozen):
    """Another system knows the customer by `fields["id"]`, which is personal."""

    act: Literal["link_external_id"] = "link_external_id"
    system: ExternalSystem
    fields: dict[str, str]


class MergeCustomer(Frozen):
    """The customer is the same as `into`, and goes on as that one."""

    act: Literal["merge_customer"] = "merge_customer"
    into: str
    reason: str


class EraseCustomer(Frozen):
    """What is personal of the customer, and of all who were merged into them, is to be read by nobody any more."""

    act: Literal["erase_customer"] = "erase_customer"
    reason: str


class ConfirmErasure(Frozen):
    """As a second person, erase the customer as it was proposed."""

    act: Literal["confirm_erasure"] = "confirm_erasure"


class RejectErasure(Frozen):
    """The erasure is proposed no more: taken back by who proposed it, or rejected by a second person."""

    act: Literal["reject_erasure"] = "reject_erasure"
    reason: str


class RekeyCustomer(Frozen):
    """The key is missing, and a new one takes its place for what is recorded from now on.

    `key` is the id of the new one, once it is made.
    """

    act: Literal["rekey_customer"] = "rekey_customer"
    reason: str
    key: str = ""


CustomerCommand = Annotated[
    AddCustomer
    | RenameCustomer
    | LinkExternalId
    | MergeCustomer
    | EraseCustomer
    | ConfirmErasure
    | RejectErasure
    | RekeyCustomer,
    Field(discriminator="act"),
]


class CustomerEnvelope(Frozen):
    """Commands for one customer that are judged together, under one id: sent twice they have one effect and the same answer."""

    command_id: Annotated[str, Field(min_length=1, max_length=MAX_COMMAND_ID)]
    customer_id: str
    who: Who
    commands: Annotated[tuple[CustomerCommand, ...], Field(min_length=1)]
