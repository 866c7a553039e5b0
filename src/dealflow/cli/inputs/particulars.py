"""What `deal open` and `deal amend` are given: title, owner, customer, amount, attributes."""

from dataclasses import dataclass
from typing import Any

from dealflow.application.processes.registry import ProcessInForce
from dealflow.application.reading.as_of import DealAsOf
from dealflow.cli.inputs.values import pairs
from dealflow.cli.inputs.writing import Writing
from dealflow.domain.deal.commands import AmendDeal, OpenDeal
from dealflow.domain.deal.events import Customer


@dataclass(frozen=True, slots=True)
class WrittenParticulars:
    """What may be said of a deal, as written."""

    title: str | None
    owner: str | None
    customer: str | None
    customer_id: str | None
    amount: str | None
    attributes: list[str] | None

    def opening(self, process: ProcessInForce, writing: Writing) -> OpenDeal:
        """The command that opens a deal of this process; an amount without a currency is in the process's."""
        currency = process.definition.currency
        return OpenDeal(
            title=self.title or "",
            process=process.ref,
            owner=self.owner,
            customer=self._customer(),
            amount=writing.money(self.amount, currency) if self.amount is not None else None,
            attributes=pairs(self.attributes, "--attribute"),
        )

    def amendment(self, found: DealAsOf, writing: Writing, *, reason: str, confirm: bool, as_won: bool) -> AmendDeal:
        """The command that sets what is named anew, or confirms the amount that is named."""
        template, amount = found.process.definition.currency, found.deal.amount
        currency = amount.currency if amount is not None else None
        named: dict[str, Any] = {
            "title": self.title,
            "customer": self._customer(),
            "amount": writing.money(self.amount, template, currency) if self.amount is not None else None,
            "attributes": pairs(self.attributes, "--attribute") or None,
        }
        given = {name: value for name, value in named.items() if value is not None}
        return AmendDeal(**given, reason=reason, confirm=confirm, as_won=as_won)

    def _customer(self) -> Customer | None:
        """The customer; the name is the id where no other is given, as an import has it."""
        if self.customer is None and self.customer_id is None:
            return None
        return Customer(id=self.customer_id or self.customer or "", name=self.customer)
