"""`dealflow customer`: what is done about customers themselves, whatever their deals."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting
from dealflow.cli.options import Reason, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Look after customers.")


@app.command(epilog="Example: dealflow customer rekey C-17 --reason 'the key file was lost with the disk'")
@acting
def rekey(
    session: "Session",
    customer: Annotated[
        str,
        typer.Argument(metavar="CUSTOMER", help="The customer's id, or deal:ID for one without.", show_default=False),
    ],
    reason: Reason,
) -> int:
    """Give a customer whose key is missing a new one. What is encrypted under the old one stays lost. Only operations may."""
    from dealflow.application.customers.rekey import rekey_customer
    from dealflow.cli.views.deals.customer import print_rekeyed

    system = session.system
    rekey_customer(system.parts.keys, system.people.current(), session.who, customer, reason)
    return print_rekeyed(customer)
