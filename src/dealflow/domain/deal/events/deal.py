"""Events of a deal's life: opened, amended, won, lost, closed, reopened."""

import operator
from typing import ClassVar, Literal

from pydantic import Field

from dealflow.domain.deal.events.fact import Fact, PersonsAct
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money

Basis = Literal["gate", "override", "claimed", "person"]
ClosedHow = Literal["last_gate", "closes_after", "person", "lost", "cancelled", "claimed"]


class Customer(Frozen):
    """The customer of a deal; the name may be a person's and is stored encrypted."""

    id: str
    name: str | None = None


class Link(Frozen):
    """The deal and node that this deal follows from."""

    deal_id: str
    kind: str
    node: str


class DealOpened(Fact):
    """A deal begins. `run` counts its beginnings: it is written only where an earlier one was taken back."""

    topic: ClassVar[str] = "deal.opened.v1"
    deal_id: str
    title: str
    process: ProcessRef
    stage: str
    owner: str | None = None
    customer: Customer | None = None
    amount: Money | None = None
    attributes: dict[str, str] = {}
    linked_from: Link | None = None
    run: int = Field(default=1, exclude_if=lambda run: run == 1)


class ImportUndone(Fact):
    """What an import brought counts no more: the deal is as it was before, and no deal where that import opened it.

    It is effective at the earliest instant of what is taken back, which are all events behind version `back_to`.
    """

    topic: ClassVar[str] = "deal.import_undone.v1"
    batch: str
    back_to: int
    reason: str = ""


class DealAmended(PersonsAct):
    """The fields that changed, with what they were; a field that is not named stays.

    `confirms`: the amount comes from somebody above the owner or from an import, so that no earlier one counts any more.
    `as_won`: it is also the amount that was won, which was wrong before; `amount_was` is then what was won, and
    `present_was` the amount in force, where it was neither of them. `keeps_values`: the owner changed the customer, and the
    unique values of the deal stay those of the former one as well.
    """

    topic: ClassVar[str] = "deal.amended.v1"
    title: str | None = None
    customer: Customer | None = None
    amount: Money | None = None
    attributes: dict[str, str] | None = None
    reason: str = ""
    title_was: str | None = None
    customer_was: str | None = None
    amount_was: Money | None = None
    attributes_was: dict[str, str] | None = None
    confirms: bool = False
    as_won: bool = False
    present_was: Money | None = Field(default=None, exclude_if=operator.not_)
    keeps_values: bool = Field(default=False, exclude_if=operator.not_)


class FieldsCleared(Fact):
    """Another system has emptied these fields, which were so before; attributes by their names."""

    topic: ClassVar[str] = "deal.fields_cleared.v1"
    cleared: tuple[Literal["owner", "customer", "amount"], ...] = ()
    attributes: tuple[str, ...] = ()
    owner_was: str | None = None
    customer_was: str | None = None
    amount_was: Money | None = None
    attributes_was: dict[str, str] = {}


class AmountConfirmed(PersonsAct):
    """Somebody above the owner, or an import, agrees to the amount in force: no earlier one counts any more."""

    topic: ClassVar[str] = "deal.amount_confirmed.v1"
    amount: Money
    reason: str


class OwnerChanged(PersonsAct):
    """`recipients` hear of it: the new owner, unless they took the deal or another system says so."""

    topic: ClassVar[str] = "deal.owner_changed.v1"
    owner: str
    previous: str | None = None
    reason: str = ""
    recipients: tuple[str, ...] = Field(default=(), exclude_if=operator.not_)


class DealWon(PersonsAct):
    """`unproven`: required nodes up to the winning stage that were not passed at that instant. `amount`: what was won.

    `confirms`: another system has named the amount with its claim.
    """

    topic: ClassVar[str] = "deal.won.v1"
    stage: str
    basis: Basis
    unproven: tuple[str, ...] = ()
    amount: Money | None = None
    reason: str = ""
    confirms: bool = False


class DealLost(Fact):
    topic: ClassVar[str] = "deal.lost.v1"
    reason: str
    basis: Basis
    note: str = ""


class DealCancelled(Fact):
    topic: ClassVar[str] = "deal.cancelled.v1"
    reason: str
    basis: Basis


class DealClosed(Fact):
    """The deal's life has ended; the outcome has its own event."""

    topic: ClassVar[str] = "deal.closed.v1"
    how: ClosedHow
    stage: str
    reason: str = ""


class DealReopened(PersonsAct):
    """A new opening: `counts_from` is the version of the closing act, facts recorded since then count for the reopened nodes."""

    topic: ClassVar[str] = "deal.reopened.v1"
    opening: int
    stage: str
    visit: int
    outcome: Literal["open", "won"]
    reopened_nodes: tuple[str, ...]
    counts_from: int
    reason: str


class LinkedDealDue(Fact):
    """A node that opens another deal was reached, so the named deal is due. That deal's own stream says when it was opened."""

    topic: ClassVar[str] = "deal.linked_deal_due.v1"
    linked_deal_id: str
    kind: str
    node: str
