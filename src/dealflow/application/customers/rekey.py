"""A customer whose key is missing gets a new one, for a reason, so that personal values can be recorded again."""

from dealflow.application.ports.keys import CustomerKeys, NothingToRekey
from dealflow.domain.decide.checks import reason as checked_reason
from dealflow.domain.decide.permission import must_be_permitted_in_store
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.refusal import Code, refuse


def rekey_customer(keys: CustomerKeys, people: Organisation, who: Who, customer: str, reason: str) -> None:
    """Give a new key to a customer, or to `deal:<id>`; earlier values stay lost unless the old key comes back.

    Operations only. Raise CommandRefused, and no key is made; KeysUnavailable where another store's keys are in the way.
    """
    must_be_permitted_in_store("rekey", who, people)
    try:
        keys.rekey(customer, checked_reason(reason))
    except NothingToRekey as nothing:
        raise refuse(Code.ALREADY_SO, customer, what=nothing.reason) from nothing
