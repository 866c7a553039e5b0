"""`dealflow deal`: open, read and move deals."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.commands.deals import acts, board, history, next_move
from dealflow.cli.opening import acting, reading
from dealflow.cli.options import AsOf, DealId, Decimal, Reason, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Open, read and move deals.")
Title = Annotated[str, typer.Argument(metavar="TITLE", help="What it is about, on one line.", show_default=False)]
Process = Annotated[
    str, typer.Option("--process", metavar="NAME[@VERSION]", help="The process that the deal is pinned to.")
]
Owner = Annotated[str | None, typer.Option("--owner", metavar="PERSON", help="The seller; an id of people.yaml.")]
Customer = Annotated[
    str | None, typer.Option("--customer", metavar="NAME", help="The customer; the name is stored encrypted.")
]
CustomerId = Annotated[
    str | None,
    typer.Option(
        "--customer-id",
        metavar="ID",
        help="The customer's id, or wecom:ID and the like; else the name. It is not encrypted: give one for a person.",
    ),
]
Amount = Annotated[
    str | None,
    typer.Option(
        "--amount", metavar="AMOUNT", help="Such as '50,000 CNY', ¥50,000 or 50k; without a currency, the process's."
    ),
]
Attributes = Annotated[
    list[str] | None,
    typer.Option("--attribute", metavar="NAME=VALUE", help="Anything else worth keeping, again for each."),
]
NewId = Annotated[str | None, typer.Option("--id", metavar="ID", help="The deal's id; else a short new one.")]
Confirm = Annotated[
    bool,
    typer.Option("--confirm", help="Agree to the amount in force, which --amount names; for somebody above the owner."),
]
AsWon = Annotated[
    bool, typer.Option("--as-won", help="It is also the amount that was won; for somebody above the owner.")
]
NewTitle = Annotated[str | None, typer.Option("--title", metavar="TITLE", help="What it is about.")]


@app.command(
    "open",
    epilog="Example: dealflow deal open 'ACME 40 seats' --process standard-sale --owner anna --amount '50,000 CNY'",
)
@acting
def open_(
    session: "Session",
    title: Title,
    process: Process,
    owner: Owner = None,
    customer: Customer = None,
    customer_id: CustomerId = None,
    amount: Amount = None,
    attribute: Attributes = None,
    id_: NewId = None,
    decimal: Decimal = None,
) -> int:
    """Open a deal. Prints its id, its stage and what is needed next."""
    from dealflow.application.commands.short_ids import short_id
    from dealflow.cli.inputs.particulars import WrittenParticulars
    from dealflow.cli.inputs.values import deal_id
    from dealflow.cli.views.answer import print_opened

    session.use_mark(decimal)
    written = WrittenParticulars(title, owner, *session.customer_of_deal(customer, customer_id), amount, attribute)
    act = written.opening(session.system.processes.for_opening(process), session.writing)
    chosen = deal_id(id_) if id_ is not None else short_id("d", session.named_after)
    besides = session.deals_of_customer.besides(act.customer.id, chosen) if act.customer is not None else None
    return print_opened(session.reading, session.system.deals.handle(session.envelope(chosen, act)), besides)


@app.command(epilog="Example: dealflow deal amend d-7k2m9q4x --amount '48,000 CNY' --reason 'two seats less'")
@acting
def amend(
    session: "Session",
    deal: DealId,
    reason: Reason,
    title: NewTitle = None,
    customer: Customer = None,
    customer_id: CustomerId = None,
    amount: Amount = None,
    attribute: Attributes = None,
    decimal: Decimal = None,
    confirm: Confirm = False,
    as_won: AsWon = False,
) -> int:
    """Change what is said of a deal. What is not named stays; a new amount judges again the nodes that ask for it."""
    from dealflow.cli.inputs.particulars import WrittenParticulars

    session.use_mark(decimal)
    written = WrittenParticulars(title, None, *session.customer_of_deal(customer, customer_id), amount, attribute)
    found = session.reading.read(deal)
    amendment = written.amendment(found, session.writing, reason=reason, confirm=confirm, as_won=as_won)
    return session.carry_out(deal, amendment)


@app.command(epilog="Example: dealflow deal show d-7k2m9q4x --as-of 2026-11-01")
@reading
def show(session: "Session", deal: DealId, as_of: AsOf = None) -> int:
    """Show all that is so of one deal. Both tracks, nodes, evidence, clocks, stalls, steps."""
    from dealflow.application.customers.names import with_name_of_now
    from dealflow.application.reading.as_of import NOW
    from dealflow.application.reading.deal import deal_view
    from dealflow.cli.inputs.as_of import asked_past
    from dealflow.cli.views.deals.deal import print_deal

    asked = asked_past(session.writing, as_of)
    found = session.reading.read(deal, asked)
    shown = deal_view(found.deal, found.process, found.organisation, at=found.at)
    if shown.customer is not None and asked == NOW:
        shown = shown.model_copy(update={"customer": with_name_of_now(session.system.store, shown.customer)})
    return print_deal(shown)


app.command("next", epilog=f"Example: dealflow {next_move.EXAMPLE}")(next_move.next_)
app.command(epilog=f"Example: dealflow {history.EXAMPLE}")(history.history)
app.command("list", epilog=f"Example: dealflow {board.EXAMPLE}")(board.list_)
acts.register(app)
