"""`dealflow stall`: what has stalled."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import Limit, LooksFor, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("List what has stalled.")
Owner = Annotated[
    str | None, typer.Option("--owner", metavar="PERSON", help="Of this owner; none: without one."), LooksFor("owner")
]
Director = Annotated[
    str | None, typer.Option("--director", metavar="PERSON", help="Of this director."), LooksFor("director")
]
Stage = Annotated[str | None, typer.Option("--stage", metavar="STAGE", help="In this stage.")]
Deal = Annotated[str | None, typer.Option("--deal", metavar="DEAL", help="Of this deal."), LooksFor("deal")]
After = Annotated[str | None, typer.Option("--after", metavar="ESCALATION", help="Those behind this one.")]
Everything = Annotated[bool, typer.Option("--all", help="Those that have ended too.")]


@app.command("list", epilog="Example: dealflow stall list --director bo --stage meeting")
@reading
def list_(
    session: "Session",
    owner: Owner = None,
    director: Director = None,
    stage: Stage = None,
    deal: Deal = None,
    everything: Everything = False,
    limit: Limit = None,
    after: After = None,
) -> int:
    """List open stalls, oldest deadline first. A table shows 50 unless told more, JSON all."""
    from dealflow.application.reading.board import stall_page
    from dealflow.application.reading.stalls import StallQuery
    from dealflow.cli.views.deals.board import limit_of
    from dealflow.cli.views.deals.stalls import print_list

    wanted = StallQuery(
        open_only=not everything,
        owner=owner,
        director=director,
        stage=stage,
        deal_id=deal,
        limit=limit_of(limit),
        after=after,
    )
    return print_list(stall_page(session.board, session.names, wanted), wanted)
