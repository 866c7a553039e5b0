"""`dealflow stall`: what has stalled."""

from typing import Annotated

import typer

from dealflow.cli.options import Home, Json, Limit, group

app = group("List what has stalled.")
Owner = Annotated[str | None, typer.Option("--owner", metavar="PERSON", help="Of this owner; none: without one.")]
Director = Annotated[str | None, typer.Option("--director", metavar="PERSON", help="Of this director.")]
Stage = Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="In this stage.")]
Deal = Annotated[str | None, typer.Option("--deal", metavar="DEAL", help="Of this deal.")]
Everything = Annotated[bool, typer.Option("--all", help="Those that have ended too.")]


@app.command("list", epilog="Example: dealflow stall list --director bo --stage meeting")
def list_(
    owner: Owner = None,
    director: Director = None,
    stage: Stage = None,
    deal: Deal = None,
    everything: Everything = False,
    limit: Limit = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """List open stalls, oldest deadline first. A table shows 50 unless told more, JSON all."""
    from dealflow.application.reading.board import stall_page
    from dealflow.application.reading.stalls import StallQuery
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.board import limit_of
    from dealflow.cli.views.deals.stalls import print_list

    with opened(home, json=json) as session:
        wanted = StallQuery(
            open_only=not everything,
            owner=owner,
            director=director,
            stage=stage,
            deal_id=deal,
            limit=limit_of(limit),
        )
        rows = stall_page(session.system.board, session.system.names, wanted)
        return print_list(rows, "stalls", wanted.limit)
