"""Commands carried out for one deal: what was written is checked, carried out, and the answer printed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dealflow.application.commands.short_ids import short_id
from dealflow.cli.inputs.values import deal_id, money, pairs
from dealflow.cli.session import Session, opened
from dealflow.cli.views.answer import print_answer, print_opened
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Customer

# An act, or what makes one of the session: its clock, its zone, its command id.
Made = c.Command | Callable[[Session], c.Command]


@dataclass(frozen=True, slots=True)
class Particulars:
    """What may be said of a deal, as written."""

    title: str | None
    owner: str | None
    customer: str | None
    customer_id: str | None
    amount: str | None
    attributes: list[str] | None

    def checked_customer(self) -> Customer | None:
        """The customer; the name is the id where no other is given, as an import has it."""
        if self.customer is None and self.customer_id is None:
            return None
        return Customer(id=self.customer_id or self.customer or "", name=self.customer)


def carry_out(
    home: Path | None, json: bool, command_id: str | None, on_behalf_of: str | None, deal: str, made: Made
) -> int:
    """Carry out one command of one deal and print what came of it."""
    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of) as session:
        act = made(session) if callable(made) else made
        return print_answer(session.system.reading, session.system.deals.handle(session.envelope(deal, act)))


def open_deal(session: Session, process: str, wanted: Particulars, given_id: str | None) -> int:
    """Open a deal, and say what is needed next."""
    in_force = session.system.processes.get(process)
    currency = in_force.definition.currency
    act = c.OpenDeal(
        title=wanted.title or "",
        process=in_force.ref,
        owner=wanted.owner,
        customer=wanted.checked_customer(),
        amount=money(wanted.amount, currency) if wanted.amount is not None else None,
        attributes=pairs(wanted.attributes, "--attribute"),
    )
    chosen = deal_id(given_id) if given_id is not None else short_id("d", session.command_id)
    return print_opened(session.system.reading, session.system.deals.handle(session.envelope(chosen, act)))


def amend_deal(session: Session, deal: str, wanted: Particulars) -> int:
    """Set some of a deal's particulars anew."""
    _, process = session.system.deals.load(deal)
    named: dict[str, Any] = {
        "title": wanted.title,
        "customer": wanted.checked_customer(),
        "amount": money(wanted.amount, process.definition.currency) if wanted.amount is not None else None,
        "attributes": pairs(wanted.attributes, "--attribute") or None,
    }
    act = c.AmendDeal(**{name: value for name, value in named.items() if value is not None})
    return print_answer(session.system.reading, session.system.deals.handle(session.envelope(deal, act)))
