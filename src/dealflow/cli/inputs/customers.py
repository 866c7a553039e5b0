"""What the commands for customers are given: the envelope for one customer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dealflow.cli.errors import WrongUsage
from dealflow.domain.customer import commands as c
from dealflow.domain.deal.events import Customer
from dealflow.domain.decide.checks import new_id
from dealflow.domain.people.actor import Who
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.spelling import normal_id

Ids = Mapping[str, list[str] | None]


@dataclass(frozen=True, slots=True)
class CustomerWriting:
    """Makes envelopes under one command id, for whoever acts; a new customer's id follows from `named_after`."""

    command_id: str
    who: Who
    named_after: Callable[[], str]

    def added(self, given: str | None, name: str | None, ids: Ids) -> c.CustomerEnvelope:
        """Of a new customer, with an id of their own where none is given."""
        from dealflow.application.commands.short_ids import short_id
        from dealflow.cli.output import said_otherwise

        kept = said_otherwise("customer", given, normal_id(given)) if given is not None else ""
        customer_id = new_id(kept, "customer", by_word=True) if given is not None else short_id("c", self.named_after())
        return self._envelope(customer_id, c.AddCustomer(customer=Customer(id=customer_id, name=name)), *_linked(ids))

    def linked(self, customer_id: str, name: str | None, ids: Ids) -> c.CustomerEnvelope:
        """Of what is added to a customer; WrongUsage where that is nothing."""
        commands: list[c.CustomerCommand] = [*_linked(ids)]
        if name is not None:
            commands.insert(0, c.RenameCustomer(customer=Customer(id=customer_id, name=name)))
        if not commands:
            raise WrongUsage(phrase("say what is to be added: --name, --wecom, --openid or --account"))
        return self._envelope(customer_id, *commands)

    def merged(self, customer_id: str, into: str, reason: str) -> c.CustomerEnvelope:
        """Of a merge into another."""
        return self._envelope(customer_id, c.MergeCustomer(into=into, reason=reason))

    def erased(self, customer_id: str, reason: str) -> c.CustomerEnvelope:
        """Of an erasure."""
        return self._envelope(customer_id, c.EraseCustomer(reason=reason))

    def erasure_confirmed(self, customer_id: str) -> c.CustomerEnvelope:
        """Of a second person's word to an erasure that is proposed."""
        return self._envelope(customer_id, c.ConfirmErasure())

    def erasure_rejected(self, customer_id: str, reason: str) -> c.CustomerEnvelope:
        """Of an erasure that is proposed no more."""
        return self._envelope(customer_id, c.RejectErasure(reason=reason))

    def rekeyed(self, subject: str, reason: str) -> c.CustomerEnvelope:
        """Of a new key in the place of a missing one."""
        return self._envelope(subject, c.RekeyCustomer(reason=reason))

    def _envelope(self, customer_id: str, *commands: c.CustomerCommand) -> c.CustomerEnvelope:
        return c.CustomerEnvelope(command_id=self.command_id, customer_id=customer_id, who=self.who, commands=commands)


def _linked(ids: Ids) -> Iterator[c.LinkExternalId]:
    for system in c.EXTERNAL_SYSTEMS:
        for value in ids.get(system) or ():
            yield c.LinkExternalId(system=system, fields={"id": value})
