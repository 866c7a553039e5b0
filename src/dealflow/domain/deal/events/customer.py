"""Events of customers."""

from typing import ClassVar

from dealflow.domain.deal.events.fact import Fact


class CustomerErased(Fact):
    """The customer's key was destroyed; personal fields can never be read again."""

    topic: ClassVar[str] = "customer.erased.v1"
    customer_id: str
    reason: str
