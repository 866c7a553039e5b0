"""`dealflow deal list`: the deals of the board."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import Limit, LooksFor

if TYPE_CHECKING:
    from dealflow.cli.session import Session

EXAMPLE = "deal list --owner anna --stage meeting --stalled"


@reading
def list_(
    session: "Session",
    stage: Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="In this stage.")] = None,
    position: Annotated[
        str | None, typer.Option("--position", metavar="NODE", help="The customer's last node; none: not one.")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option("--owner", metavar="PERSON", help="The seller; an id of people.yaml."),
        LooksFor("owner"),
    ] = None,
    director: Annotated[
        str | None, typer.Option("--director", metavar="PERSON", help="Of this director."), LooksFor("director")
    ] = None,
    process: Annotated[str | None, typer.Option("--process", metavar="NAME[@VERSION]", help="Of this process.")] = None,
    customer: Annotated[
        str | None,
        typer.Option("--customer", metavar="ID", help="Of this customer; also wecom:ID."),
        LooksFor("customer"),
    ] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="open|won|lost|cancelled", help="With this outcome.")
    ] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help="With an open stall.")] = False,
    proof_lost: Annotated[
        bool, typer.Option("--proof-lost", help="With a proof that is lost. Closed ones that were won on it too.")
    ] = False,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="With evidence that counts elsewhere. Closed ones too.")
    ] = False,
    gap: Annotated[
        int | None,
        typer.Option("--gap", metavar="N", help="The seller at least N stages ahead; -1: at least one behind."),
    ] = None,
    ever: Annotated[
        bool, typer.Option("--ever", help="Ever had a gap, or that gap: since when, and how long. Closed ones too.")
    ] = False,
    closed: Annotated[bool, typer.Option("--closed", help="Those whose life has ended.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    limit: Limit = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="DEAL", help="Those behind this id."), LooksFor("deal")
    ] = None,
) -> int:
    """List deals in progress. With --closed or --all others too; a table shows 50 unless told more, JSON all."""
    from dealflow.application.reading.board import deal_page, gap_page
    from dealflow.cli.inputs.filters import WrittenFilter
    from dealflow.cli.views.deals.board import limit_of, print_gaps, print_page

    written = WrittenFilter(
        stage=stage,
        position=position,
        owner=owner,
        director=director,
        process=process,
        customer=session.customer_meant(customer),
        outcome=outcome,
        stalled=stalled,
        proof_lost=proof_lost,
        set_aside=set_aside,
        gap=gap,
        ever=ever,
        closed=closed,
        everything=everything,
    )
    wanted, board, names = written.wanted(limit_of(limit), after), session.board, session.names
    if ever:
        return print_gaps(gap_page(board, names, wanted), wanted)
    return print_page(deal_page(board, names, wanted), wanted)
