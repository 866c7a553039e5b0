"""A customer whose key is missing gets a new one, for a reason, so that personal values can be recorded again."""

from collections.abc import Iterable

from dealflow.application.ports.keys import CustomerKeys, NothingToRekey
from dealflow.domain.customer.commands import RekeyCustomer
from dealflow.domain.deal.events import CustomerRekeyed, Recorded
from dealflow.domain.decide.checks import reason as checked_reason
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, refuse


def new_key(keys: CustomerKeys, subject: str, command: RekeyCustomer, before: Iterable[Recorded]) -> RekeyCustomer:
    """The command with the id of the new key, which is made; earlier values stay lost unless the old key comes back.

    The key is made first: where the store goes away then, the same command finds it, and puts on record what was done.
    Raise CommandRefused, and no key is made; KeysUnavailable where another store's keys are in the way.
    """
    try:
        key = keys.rekey(subject, checked_reason(command.reason))
    except NothingToRekey as nothing:
        raise refuse(Code.ALREADY_SO, subject, what=nothing.reason) from nothing
    if any(isinstance(each.fact, CustomerRekeyed) and each.fact.key == key for each in before):
        raise refuse(Code.ALREADY_SO, subject, what=phrase("the key of {subject} is there", subject=subject))
    return command.model_copy(update={"key": key})
