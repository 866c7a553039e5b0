"""`dealflow inventory`: how many customers and deals, at which stage and decision node."""

from typing import Annotated

import typer

from dealflow.cli.options import AsOf, Home, Json, Language, single

app = single()


@app.command(epilog="Example: dealflow inventory --as-of 2026-11-01 --json")
def inventory(
    as_of: AsOf = None,
    known_at: Annotated[
        str | None, typer.Option("--as-known-at", metavar="TIME", help="By what had been recorded then.")
    ] = None,
    home: Home = None,
    json: Json = False,
    lang: Language = None,
) -> int:
    """Count customers and deals by stage, decision node, owner and director, now or at any time past."""
    from dealflow.cli.session import opened
    from dealflow.cli.views.deals.lists import show_inventory

    with opened(home, json=json, lang=lang) as session:
        return show_inventory(session, as_of, known_at)
