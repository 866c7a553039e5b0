"""`dealflow deal history`: the whole story of a deal."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import AsKnownAt, AsOf, DealId, Limit, LooksFor

if TYPE_CHECKING:
    from dealflow.cli.session import Session

EXAMPLE = "deal history d-7k2m9q4x --lang zh --as-of 2026-11-01"


@reading
def history(
    session: "Session",
    deal: DealId,
    as_of: AsOf = None,
    known_at: AsKnownAt = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="TOPIC", help="Only these events: evidence, stage, stall ...")
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", metavar="PERSON", help="Only what this person did."), LooksFor("person")
    ] = None,
    limit: Limit = None,
    after: Annotated[int, typer.Option("--after", metavar="N", min=0, help="Only events behind this number.")] = 0,
) -> int:
    """Tell the whole story of a deal. When it happened, when it was learned, who, and what it caused."""
    from dealflow.application.reading.history import HistoryQuery, story_of
    from dealflow.cli.inputs.as_of import asked_past
    from dealflow.cli.output import reader
    from dealflow.cli.views.deals.history import print_history

    asked = asked_past(session.writing, as_of, known_at)
    found = session.reading.read(deal, asked)
    wanted = HistoryQuery(
        kind=kind, actor=actor, as_of=asked.as_of, as_known_at=asked.as_known_at, limit=limit, after=after
    )
    tell = reader().teller(found.process.definition, found.organisation)
    story = story_of(found, session.names, wanted, tell)
    return print_history(story, found.deal.title)
