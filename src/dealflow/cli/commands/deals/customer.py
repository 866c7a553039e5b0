"""`dealflow customer`: what is done about customers themselves, whatever their deals."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting, reading
from dealflow.cli.options import Limit, Reason, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Look after customers.")
CustomerId = Annotated[
    str,
    typer.Argument(
        metavar="CUSTOMER", help="The customer's id, or wecom:ID, openid:ID, account:ID.", show_default=False
    ),
]
NewCustomerId = Annotated[
    str | None,
    typer.Argument(
        metavar="ID", help="The customer's id; else a short new one. It is not encrypted.", show_default=False
    ),
]
Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="The name; it is stored encrypted.")]
WeCom = Annotated[
    list[str] | None, typer.Option("--wecom", metavar="ID", help="Their id in WeCom, stored encrypted; again for each.")
]
OpenId = Annotated[
    list[str] | None, typer.Option("--openid", metavar="ID", help="Their openid, stored encrypted; again for each.")
]
Account = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="ID", help="Their account in another system, stored encrypted; again for each."),
]


@app.command(epilog="Example: dealflow customer add C-17 --name 'Hua Xin' --wecom wmAbC7")
@acting
def add(
    session: "Session",
    customer: NewCustomerId = None,
    name: Name = None,
    wecom: WeCom = None,
    openid: OpenId = None,
    account: Account = None,
) -> int:
    """Put a customer on record, with a name and what other systems call them; after an erasure, anew."""
    from dealflow.cli.views.deals.customer import print_customer_done

    envelope = session.customer_writing.added(customer, name, {"wecom": wecom, "openid": openid, "account": account})
    return print_customer_done(session.customer_done(envelope))


@app.command(epilog="Example: dealflow customer link C-17 --openid oUpF8u")
@acting
def link(
    session: "Session",
    customer: CustomerId,
    name: Name = None,
    wecom: WeCom = None,
    openid: OpenId = None,
    account: Account = None,
) -> int:
    """Add to what is known of a customer: another name, or what another system calls them."""
    from dealflow.cli.views.deals.customer import print_customer_done

    current = session.find_customers.current(customer)
    envelope = session.customer_writing.linked(current, name, {"wecom": wecom, "openid": openid, "account": account})
    return print_customer_done(session.customer_done(envelope))


@app.command(epilog="Example: dealflow customer merge C-18 --into C-17 --reason 'the same firm, entered twice' --yes")
@acting
def merge(
    session: "Session",
    customer: CustomerId,
    into: Annotated[str, typer.Option("--into", metavar="CUSTOMER", help="Who the customer is from now on.")],
    reason: Reason,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it, for good; without this, what comes together is only shown.")
    ] = False,
) -> int:
    """Make one customer of two, for good. All deals go along; a value that then stands twice counts once.

    What comes together is shown first, and done with --yes. Only operations may.
    """
    from dealflow.application.customers.shown import ShowCustomers
    from dealflow.cli.views.deals.customer import print_customer_done, print_merge_preview

    find = session.find_customers
    envelope = session.customer_writing.merged(find.meant(customer), find.current(into), reason)
    done = session.customer_done(envelope, preview=not yes)
    if yes or done.repeated:
        return print_customer_done(done)
    show = ShowCustomers(find)
    return print_merge_preview([show.row(done.customer), show.row(done.into or "")], done)


@app.command(epilog="Example: dealflow customer erase C-17 --reason 'asked for on 2026-11-20'")
@acting
def erase(
    session: "Session",
    customer: CustomerId,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it stays on record.")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="As a second person, do what was proposed.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Take back or reject what was proposed.")] = False,
) -> int:
    """Make what is personal of a customer unreadable for ever, with all who were merged into them. Only operations may."""
    from dealflow.cli.errors import WrongUsage
    from dealflow.cli.views.deals.customer import print_customer_done
    from dealflow.domain.values.phrase import phrase

    if confirm and (reject or reason is not None):
        raise WrongUsage(phrase("--confirm stands alone: the reason is that of the proposal"))
    if not confirm and reason is None:
        raise WrongUsage(phrase("--reason says why; only --confirm goes without"))
    writing, meant = session.customer_writing, session.find_customers.meant(customer)
    if reason is None:
        envelope = writing.erasure_confirmed(meant)
    else:
        envelope = writing.erasure_rejected(meant, reason) if reject else writing.erased(meant, reason)
    return print_customer_done(session.customer_done(envelope))


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
    from dealflow.cli.views.deals.customer import print_customer_done

    envelope = session.customer_writing.rekeyed(session.customer_meant(customer) or customer, reason)
    return print_customer_done(session.system.customers.handle(envelope, session.find_customers.hides))


@app.command(epilog="Example: dealflow customer show C-17")
@reading
def show(session: "Session", customer: CustomerId) -> int:
    """Show one customer. Their name, ids of other systems, who was merged into them, their deals, and what was done."""
    from dealflow.application.customers.shown import ShowCustomers
    from dealflow.cli.output import reader
    from dealflow.cli.views.deals.customer import print_customer

    tell = reader().teller(None, session.system.people.current())
    return print_customer(ShowCustomers(session.find_customers).one(customer, tell))


@app.command(epilog="Example: dealflow customer history C-17")
@reading
def history(session: "Session", customer: CustomerId) -> int:
    """Tell what was done about a customer, and about all who were merged into them. Who, when, on whose behalf, and why."""
    from dealflow.application.customers.shown import ShowCustomers
    from dealflow.cli.output import reader
    from dealflow.cli.views.deals.customer import print_customer_history
    from dealflow.cli.views.deals.history import proofs_of

    rows, tell = session.system.parts.rows, reader().teller(None, session.system.people.current())
    told = ShowCustomers(session.find_customers).history(
        customer, tell, lambda stream: proofs_of(rows.events([stream]) if reader().json else (), with_bytes=False)
    )
    return print_customer_history(told)


@app.command("list", epilog="Example: dealflow customer list --limit 50")
@reading
def list_(
    session: "Session",
    limit: Limit = None,
    after: Annotated[str | None, typer.Option("--after", metavar="ID", help="Those behind this customer.")] = None,
) -> int:
    """List customers by id, with how many deals they have; a table shows 50 unless told more, JSON all."""
    from dealflow.application.customers.shown import ShowCustomers
    from dealflow.cli.views.deals.board import limit_of
    from dealflow.cli.views.deals.customer import print_customers

    return print_customers(ShowCustomers(session.find_customers).page(after, limit_of(limit)))
