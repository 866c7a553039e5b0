"""`dealflow deal history`: the whole story of a deal."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.errors import WrongUsage
from dealflow.cli.opening import reading
from dealflow.cli.options import AsKnownAt, AsOf, DealId, Limit, LooksFor
from dealflow.domain.values.phrase import phrase

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
    proof: Annotated[
        bool, typer.Option("--proof", help="With the stored bytes of every event, from which the chain can be checked.")
    ] = False,
) -> int:
    """Tell the whole story of a deal. When it happened, when it was learned, who, and what it caused."""
    from dealflow.application.reading.history import HistoryQuery, story_of
    from dealflow.cli.inputs.as_of import asked_past
    from dealflow.cli.output import reader
    from dealflow.cli.views.deals.history import print_history, proofs_of

    if proof:
        must_be_whole(kind, actor, limit, after, as_of, known_at)
    asked = asked_past(session.writing, as_of, known_at)
    found = session.reading.read(deal, asked, also_taken_back=True)
    wanted = HistoryQuery(
        kind=kind, actor=actor, as_of=asked.as_of, as_known_at=asked.as_known_at, limit=limit, after=after
    )
    tell = reader().teller(found.process.definition, found.organisation)
    rows = session.system.parts.rows.events([found.recorded[0].stream]) if reader().json else ()
    story = story_of(found, session.names, wanted, tell, proofs_of(rows, with_bytes=proof))
    return print_history(story, found.deal.title)


def must_be_whole(*filters: object) -> None:
    """Refuse a proof of a part, and one that a table would not show."""
    from dealflow.cli.output import reader

    if any(filters):
        raise WrongUsage(phrase("--proof is of the whole history: leave out what narrows it down"))
    if not reader().json:
        raise WrongUsage(phrase("--proof goes with --json"))
