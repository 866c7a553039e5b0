"""`dealflow deal`: open, read and move deals."""

from typing import Annotated

import typer

from dealflow.cli.commands.deals.deal_acts import register as register_acts
from dealflow.cli.options import AsOf, CommandId, DealId, Home, Json, Language, Limit, OnBehalfOf, group

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
        help="The customer's id, else the name. It is not encrypted: give one for a person.",
    ),
]
Amount = Annotated[
    str | None,
    typer.Option("--amount", metavar="AMOUNT", help="Such as '50,000 CNY'; without a currency, the process's."),
]
Attributes = Annotated[
    list[str] | None,
    typer.Option("--attribute", metavar="NAME=VALUE", help="Anything else worth keeping, again for each."),
]
NewId = Annotated[str | None, typer.Option("--id", metavar="ID", help="The deal's id; else a short new one.")]
NewTitle = Annotated[str | None, typer.Option("--title", metavar="TITLE", help="What it is about.")]


@app.command(
    "open",
    epilog="Example: dealflow deal open 'ACME 40 seats' --process standard-sale --owner anna --amount '50,000 CNY'",
)
def open_(
    title: Title,
    process: Process,
    owner: Owner = None,
    customer: Customer = None,
    customer_id: CustomerId = None,
    amount: Amount = None,
    attribute: Attributes = None,
    id_: NewId = None,
    command_id: CommandId = None,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Open a deal. Prints its id, its stage and what is needed next."""
    from dealflow.cli.commands.facts.acts import Particulars, open_deal
    from dealflow.cli.session import opened

    wanted = Particulars(title, owner, customer, customer_id, amount, attribute)
    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of) as session:
        return open_deal(session, process, wanted, id_)


@app.command(epilog="Example: dealflow deal amend d-7k2m9q4x --amount '48,000 CNY' --attribute region=east")
def amend(
    deal: DealId,
    title: NewTitle = None,
    customer: Customer = None,
    customer_id: CustomerId = None,
    amount: Amount = None,
    attribute: Attributes = None,
    command_id: CommandId = None,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Correct what is said of a deal. What is not named stays; a new amount is judged for open nodes only."""
    from dealflow.cli.commands.facts.acts import Particulars, amend_deal
    from dealflow.cli.session import opened

    wanted = Particulars(title, None, customer, customer_id, amount, attribute)
    with opened(home, json=json, command_id=command_id, on_behalf_of=on_behalf_of) as session:
        return amend_deal(session, deal, wanted)


@app.command(epilog="Example: dealflow deal show d-7k2m9q4x --as-of 2026-11-01")
def show(deal: DealId, as_of: AsOf = None, home: Home = None, json: Json = False, lang: Language = None) -> int:
    """Show all that is so of one deal. Both tracks, nodes, evidence, clocks, stalls, steps."""
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.deal import show_deal

    with opened(home, json=json, lang=lang) as session:
        return show_deal(session, deal, as_of)


@app.command("next", epilog="Example: dealflow deal next d-7k2m9q4x")
def next_(deal: DealId, home: Home = None, json: Json = False, lang: Language = None) -> int:
    """Say what is missing to leave the stage. Also by when, and who hears of it if nothing comes."""
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.next_move import show_next

    with opened(home, json=json, lang=lang) as session:
        return show_next(session, deal)


@app.command(epilog="Example: dealflow deal history d-7k2m9q4x --lang zh --as-of 2026-11-01")
def history(
    deal: DealId,
    as_of: AsOf = None,
    known_at: Annotated[
        str | None, typer.Option("--as-known-at", metavar="TIME", help="What had been recorded by then.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="TOPIC", help="Only these events: evidence, stage, stall ...")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="PERSON", help="Only what this person did.")] = None,
    limit: Limit = None,
    after: Annotated[int, typer.Option("--after", metavar="N", min=0, help="Only events behind this number.")] = 0,
    home: Home = None,
    json: Json = False,
    lang: Language = None,
) -> int:
    """Tell the whole story of a deal. When it happened, when it was learned, who, and what it caused."""
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.history import Wanted, show_history

    with opened(home, json=json, lang=lang) as session:
        return show_history(session, deal, Wanted(as_of, known_at, kind, actor, limit, after))


@app.command("list", epilog="Example: dealflow deal list --owner anna --stage meeting --stalled")
def list_(
    stage: Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="In this stage.")] = None,
    position: Annotated[
        str | None, typer.Option("--position", metavar="NODE", help="The customer's last node; none: not one.")
    ] = None,
    owner: Owner = None,
    director: Annotated[str | None, typer.Option("--director", metavar="PERSON", help="Of this director.")] = None,
    process: Annotated[str | None, typer.Option("--process", metavar="NAME[@VERSION]", help="Of this process.")] = None,
    customer: Annotated[str | None, typer.Option("--customer", metavar="ID", help="Of this customer.")] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="open|won|lost|cancelled", help="With this outcome.")
    ] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help="With an open stall.")] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Those whose life has ended.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    limit: Limit = None,
    after: Annotated[str | None, typer.Option("--after", metavar="DEAL", help="Those behind this id.")] = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """List deals in progress. With --closed or --all others too; a table shows 50 unless told more, JSON all."""
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.lists import DealFilter, list_deals

    wanted = DealFilter(stage, position, owner, director, process, customer, outcome, stalled, closed, everything)
    with opened(home, json=json) as session:
        return list_deals(session, wanted, limit, after)


register_acts(app)
