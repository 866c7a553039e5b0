"""`dealflow audit`: what was done as an exception."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import AsKnownAt, AsOf, Limit, LooksFor, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Check what others have done.")
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="Only these, again for each: alone, waiver, override, win ..."),
]


@app.command(epilog="Example: dealflow audit exceptions --kind alone --since 2026-11-01")
@reading
def exceptions(
    session: "Session",
    kind: Kinds = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only what was done since then.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only what was done until then.")] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="PERSON", help="Only what this person did, or had done."),
        LooksFor("person"),
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="PERSON", help="Only on deals that were this person's then.")
    ] = None,
    as_of: AsOf = None,
    known_at: AsKnownAt = None,
    limit: Limit = None,
    after: Annotated[int, typer.Option("--after", metavar="N", min=0, help="Only behind this place in the log.")] = 0,
) -> int:
    """List what was done alone, past a gate, on somebody's word, or beyond recall. An auditor sees all of it."""
    from dealflow.application.audit.exceptions import ExceptionQuery
    from dealflow.cli.inputs.as_of import asked_past
    from dealflow.cli.views.audit.exceptions import kinds_of, limit_of, print_exceptions

    asked = asked_past(session.writing, as_of, known_at)
    wanted = ExceptionQuery(
        kinds=kinds_of(kind or ()),
        since=session.writing.observed(since, "since"),
        until=session.writing.as_of(until, "until"),
        by=by,
        owner=owner,
        as_of=asked.as_of,
        as_known_at=asked.as_known_at,
        after=after,
        limit=limit_of(limit),
    )
    session.writing.tell()
    return print_exceptions(session.system.exceptions_for(session.viewer).find(wanted))
