"""`dealflow deal history`: the whole story of a deal."""

from typing import Annotated

import typer

from dealflow.cli.options import AsKnownAt, AsOf, DealId, Home, Json, Language, Limit

EXAMPLE = "deal history d-7k2m9q4x --lang zh --as-of 2026-11-01"


def history(
    deal: DealId,
    as_of: AsOf = None,
    known_at: AsKnownAt = None,
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
