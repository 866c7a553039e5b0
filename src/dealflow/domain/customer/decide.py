"""Command + customer -> facts, or a refusal: every command to a customer passes here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from dealflow.domain.customer import commands as c
from dealflow.domain.customer.state import KnownCustomer, ProposedErasure, customer_after
from dealflow.domain.deal import events as e
from dealflow.domain.decide import checks
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.domain.values.text.alike import as_drawn
from dealflow.domain.values.text.spelling import normal_id, normal_name

CustomerFact = (
    e.CustomerAdded
    | e.CustomerRenamed
    | e.ExternalIdLinked
    | e.CustomerMerged
    | e.CustomerTookOver
    | e.CustomerErased
    | e.ErasureProposed
    | e.ErasureRejected
    | e.CustomerRekeyed
)
_TAKEN = ("deal:", "dealflow/", *(f"{system}:" for system in c.EXTERNAL_SYSTEMS))
_NOBODY = "none"
# Of whoever is known from deals alone keys may be destroyed and given anew, and nothing else is said of them.
_KEEPS_OFF_RECORD = (c.AddCustomer, c.EraseCustomer, c.ConfirmErasure, c.RejectErasure, c.RekeyCustomer)


def decide_customer(
    customer_id: str,
    known: KnownCustomer | None,
    commands: Sequence[c.CustomerCommand],
    at: datetime,
    *,
    takes_two: bool = False,
    nothing_since: bool = False,
) -> tuple[CustomerFact, ...]:
    """What the commands come to for this customer, one on another's result; CommandRefused, and nothing has happened.

    `takes_two`: to erase is only proposed, until a second person confirms. `nothing_since`: nothing that an erasure
    would destroy was recorded since the last one.

    The first act on a customer who has no stream puts them on record; one who was erased comes back by AddCustomer alone.
    """
    facts: list[CustomerFact] = []
    now = known
    for command in commands:
        if now is not None and now.into is not None:
            raise refuse(Code.CUSTOMER_MERGED, customer_id, into=now.into)
        begins_anew = isinstance(command, _KEEPS_OFF_RECORD)
        if now is not None and now.erased_at is not None and not begins_anew:
            raise refuse(Code.CUSTOMER_ERASED, customer_id)
        if isinstance(command, c.EraseCustomer) and nothing_since and now is not None and now.erased_at is not None:
            raise _is_erased(customer_id)
        if now is None and not begins_anew:
            facts.append(e.CustomerAdded(effective_at=at, customer=e.Customer(id=customer_id)))
            now = _with(now, facts[-1:], at)
        found = _fact(customer_id, now, command, at, takes_two=takes_two)
        facts.append(found)
        now = _with(now, [found], at)
    return tuple(facts)


def must_take_over(
    into: str, known: KnownCustomer | None, merged: str, reason: str, at: datetime
) -> list[CustomerFact]:
    """The facts of the one that a customer is merged into."""
    if known is not None and known.into is not None:
        raise refuse(Code.CUSTOMER_MERGED, into, into=known.into)
    if known is not None and known.erased_at is not None:
        raise refuse(Code.CUSTOMER_ERASED, into)
    facts: list[CustomerFact] = []
    if known is None:
        facts.append(e.CustomerAdded(effective_at=at, customer=e.Customer(id=into)))
    return [*facts, e.CustomerTookOver(effective_at=at, customer_id=into, merged=merged, reason=reason)]


def _fact(
    customer_id: str, known: KnownCustomer | None, command: c.CustomerCommand, at: datetime, *, takes_two: bool
) -> CustomerFact:
    match command:
        case c.AddCustomer():
            if not _is_off_record(known):
                raise refuse(Code.CUSTOMER_EXISTS, customer_id)
            _must_be_free_for_customers(customer_id)
            return e.CustomerAdded(effective_at=at, customer=_named(customer_id, command.customer))
        case c.RenameCustomer():
            named = _named(customer_id, command.customer)
            if known is not None and known.name == named.name:
                raise refuse(Code.NOTHING_CHANGES, customer_id)
            return e.CustomerRenamed(effective_at=at, customer=named)
        case c.LinkExternalId():
            return _linked(customer_id, known, command, at)
        case c.MergeCustomer():
            if command.into == customer_id:
                wrong, right = phrase("the customer itself"), phrase("another customer")
                raise refuse(Code.FIELD_INVALID, "into", field="into", wrong=wrong, right=right)
            return e.CustomerMerged(
                effective_at=at, customer_id=customer_id, into=command.into, reason=checks.reason(command.reason)
            )
        case c.EraseCustomer():
            # Again it is done again where something was recorded meanwhile: what stands under a new key goes as well.
            why = checks.reason(command.reason)
            if not takes_two:
                return e.CustomerErased(effective_at=at, customer_id=customer_id, reason=why)
            if known is not None and known.erasure is not None:
                by = known.erasure.by.person
                raise refuse(Code.ALREADY_SO, customer_id, what=phrase("{by} has proposed it", by=by))
            return e.ErasureProposed(effective_at=at, customer_id=customer_id, reason=why)
        case c.ConfirmErasure():
            erasure = _proposed(customer_id, known)
            return e.CustomerErased(
                effective_at=at, customer_id=customer_id, reason=erasure.reason, proposal=erasure.version
            )
        case c.RejectErasure():
            _proposed(customer_id, known)
            return e.ErasureRejected(effective_at=at, customer_id=customer_id, reason=checks.reason(command.reason))
        case c.RekeyCustomer():
            return e.CustomerRekeyed(
                effective_at=at, customer_id=customer_id, key=command.key, reason=checks.reason(command.reason)
            )
        case never:
            assert_never(never)


def _proposed(customer_id: str, known: KnownCustomer | None) -> ProposedErasure:
    if known is not None and known.erasure is not None:
        return known.erasure
    if known is not None and known.erased_at is not None:
        raise _is_erased(customer_id)
    raise refuse(Code.UNKNOWN_PROPOSAL, customer_id, given=customer_id)


def _is_erased(customer_id: str) -> CommandRefused:
    return refuse(Code.ALREADY_SO, customer_id, what=phrase("{customer} is erased", customer=customer_id))


def _must_be_free_for_customers(customer_id: str) -> None:
    """Keys of deals without customer and of the store itself are named so, and lists ask for what has no customer so."""
    taken = next((each for each in _TAKEN if customer_id.startswith(each)), None)
    if taken is not None or customer_id == _NOBODY:
        wrong = phrase("'{given}' means something else", given=taken or customer_id)
        raise refuse(Code.TEXT_INVALID, "customer", field="customer", wrong=wrong, right=phrase("another id"))


def _linked(
    customer_id: str, known: KnownCustomer | None, command: c.LinkExternalId, at: datetime
) -> e.ExternalIdLinked:
    place = command.system
    value = checks.line(external_value(command.fields.get("id", "")), place)
    theirs = {(each.system, as_drawn(each.value)) for each in (known.external_ids if known else ())}
    if (command.system, as_drawn(value)) in theirs:
        raise refuse(Code.ALREADY_SO, customer_id, what=phrase("this id is theirs"))
    return e.ExternalIdLinked(effective_at=at, customer_id=customer_id, system=command.system, fields={"id": value})


def external_value(given: str) -> str:
    """An id of another system as it is kept and looked for."""
    return normal_id(given)


def _named(customer_id: str, given: e.Customer) -> e.Customer:
    name = checks.line(normal_name(given.name), "name") if given.name is not None else None
    return e.Customer(id=customer_id, name=name)


def _is_off_record(known: KnownCustomer | None) -> bool:
    """Whether nothing is on record of the customer, or no more."""
    return known is None or known.erased_at is not None


def _with(known: KnownCustomer | None, facts: Iterable[CustomerFact], at: datetime) -> KnownCustomer | None:
    """The customer with these facts, as the store will have them."""
    version = known.version if known else 0
    recorded = [
        e.Recorded("", e.Stamp(version=n, recorded_at=at, actor="", command_id="", correlation_id="", cause=""), fact)
        for n, fact in enumerate(facts, start=version + 1)
    ]
    return customer_after(recorded, known)
