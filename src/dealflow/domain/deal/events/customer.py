"""Events of customers."""

import operator
from typing import ClassVar, Literal

from pydantic import Field

from dealflow.domain.deal.events.deal import Customer
from dealflow.domain.deal.events.fact import Fact, PersonsAct

ExternalSystem = Literal["wecom", "openid", "account"]


class CustomerAdded(Fact):
    """The customer is on record, or again after an erasure."""

    topic: ClassVar[str] = "customer.added.v1"
    customer: Customer


class CustomerRenamed(Fact):
    """The customer has another name."""

    topic: ClassVar[str] = "customer.renamed.v1"
    customer: Customer


class ExternalIdLinked(Fact):
    """Another system knows the customer by `fields["id"]`, which is stored encrypted."""

    topic: ClassVar[str] = "customer.external_id_linked.v1"
    customer_id: str
    system: ExternalSystem
    fields: dict[str, str]
    personal: tuple[str, ...] = ("id",)


class CustomerMerged(Fact):
    """The customer goes on as `into`."""

    topic: ClassVar[str] = "customer.merged.v1"
    customer_id: str
    into: str
    reason: str


class CustomerTookOver(Fact):
    """The customer goes on with what was `merged` into them."""

    topic: ClassVar[str] = "customer.took_over.v1"
    customer_id: str
    merged: str
    reason: str


class CustomerErased(PersonsAct):
    """The customer's key was destroyed; personal fields can never be read again.

    `proposal` is the event of the customer's stream by which somebody else proposed it, where a second person confirmed.
    """

    topic: ClassVar[str] = "customer.erased.v1"
    customer_id: str
    reason: str
    proposal: int | None = Field(default=None, exclude_if=operator.not_)


class ErasureProposed(PersonsAct):
    """The customer is erased once a second person confirms it."""

    topic: ClassVar[str] = "customer.erasure_proposed.v1"
    customer_id: str
    reason: str


class ErasureRejected(Fact):
    """The erasure is proposed no more."""

    topic: ClassVar[str] = "customer.erasure_rejected.v1"
    customer_id: str
    reason: str


class CustomerRekeyed(Fact):
    """The customer's key was missing, and `key` is a new one for what is recorded from here on.

    It stands in the customer's stream; for `deal:<id>`, and for keys of the store itself, in the store's.
    """

    topic: ClassVar[str] = "customer.rekeyed.v1"
    customer_id: str
    key: str
    reason: str
