"""Fold events into the state of a customer. It never fails, and only copies what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from dealflow.domain.deal import events as e
from dealflow.domain.people.actor import Who


@dataclass(frozen=True, slots=True)
class ExternalId:
    """How another system names a customer; the value is personal."""

    system: e.ExternalSystem
    value: str


@dataclass(frozen=True, slots=True)
class ProposedErasure:
    """Who proposed to erase the customer, why, and by which event."""

    by: Who
    reason: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer with a stream of their own.

    `since` is when they were put on record, after an erasure when they came back; `erased_at` stands until then. `merged` are
    the ids of those who were merged into them, `into` is the one who they go on as. `erasure` waits for a second person; whoever
    else is merged into the customer meanwhile is none of it, so it is to be proposed anew.
    """

    id: str
    version: int
    recorded_at: datetime
    name: str | None = None
    external_ids: tuple[ExternalId, ...] = ()
    since: datetime | None = None
    erased_at: datetime | None = None
    merged: tuple[str, ...] = ()
    into: str | None = None
    erasure: ProposedErasure | None = None


def customer_after(recorded: Iterable[e.Recorded], before: KnownCustomer | None = None) -> KnownCustomer | None:
    """The customer after these events of their stream; None where there is none."""
    return reduce(lambda known, r: _evolve(known, r.fact, r.stamp), recorded, before)


def _evolve(known: KnownCustomer | None, fact: e.Fact, stamp: e.Stamp) -> KnownCustomer | None:
    """The customer after one more event; one of an unknown kind leaves things as they are."""
    match fact:
        case e.CustomerAdded(customer=said):
            known = known or KnownCustomer(said.id, stamp.version, stamp.recorded_at)
            known = replace(known, name=said.name, since=fact.effective_at, erased_at=None)
        case e.CustomerErased():
            # A store of before may hold erasures of customers who were never put on record.
            known = known or KnownCustomer(fact.customer_id, stamp.version, stamp.recorded_at)
            known = replace(known, name=None, external_ids=(), since=None, erased_at=fact.effective_at, erasure=None)
        case e.ErasureProposed():
            known = known or KnownCustomer(fact.customer_id, stamp.version, stamp.recorded_at)
            by = Who(actor=stamp.actor, on_behalf_of=stamp.on_behalf_of)
            known = replace(known, erasure=ProposedErasure(by, fact.reason, stamp.version, fact.effective_at))
        case e.ErasureRejected() if known:
            known = replace(known, erasure=None)
        case e.CustomerRenamed(customer=said) if known:
            known = replace(known, name=said.name)
        case e.ExternalIdLinked() if known:
            linked = ExternalId(fact.system, fact.fields.get("id", ""))
            known = replace(known, external_ids=(*known.external_ids, linked))
        case e.CustomerMerged() if known:
            known = replace(known, into=fact.into, erasure=None)
        case e.CustomerTookOver() if known:
            known = replace(known, merged=(*known.merged, fact.merged), erasure=None)
        case _:
            pass
    return known and replace(known, version=stamp.version, recorded_at=stamp.recorded_at)
