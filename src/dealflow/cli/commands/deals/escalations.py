"""`dealflow escalation`: stalls that were put before a person, and the answers to them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.commands.deals.stalls import After, Deal, Director, Everything, Owner, Stage
from dealflow.cli.opening import acting, reading
from dealflow.cli.options import AloneIsKnown, Limit, Reason, Yes, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("List and decide what was put before a person.")
OlderThan = Annotated[
    str | None,
    typer.Option("--older-than", metavar="LENGTH", help="Whose deadline passed so long ago: '5 days', '8 hours'."),
]


@app.command("list", epilog="Example: dealflow escalation list --director bo")
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
    """List escalations that wait for a decision, oldest first. A table shows 50 unless told more, JSON all."""
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
        escalated_only=True,
    )
    return print_list(stall_page(session.board, session.names, wanted), wanted)


@app.command(
    epilog="Example: dealflow escalation decide d-7k2m9q4x/1/2/stage_age/1 extend --for '5 working days' --reason 'meets on Friday'"
)
@acting
def decide(
    session: "Session",
    *,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Escalations, or deals with one.", show_default=False)
    ] = None,
    decision: Annotated[
        str, typer.Argument(metavar="extend|reassign|waive|back|lose", help="What is decided.", show_default=False)
    ],
    reason: Reason,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="The next deadline; else the template's.")
    ] = None,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="LENGTH", help="The next deadline, from now: '5 working days'.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="PERSON|STAGE", help="Who gets it (reassign), or where it goes (back)."),
    ] = None,
    node: Annotated[
        str | None, typer.Option("--node", metavar="NODE", help="What is waived; else the only one missing.")
    ] = None,
    lost_reason: Annotated[
        str | None, typer.Option("--lost-reason", metavar="REASON", help="Of the template's list (lose).")
    ] = None,
    alone_is_known: AloneIsKnown = False,
    file: Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A file with one id per line.")] = None,
    owner: Owner = None,
    director: Director = None,
    stage: Stage = None,
    older_than: OlderThan = None,
    yes: Yes = False,
) -> int:
    """Answer escalations: it ends the stall and sets the next deadline. Many are shown first, and done with --yes.

    Only someone above the owner may.
    """
    from dealflow.application.reading.choice import (
        matching_escalations,
        named_escalations,
        one_escalation,
    )
    from dealflow.cli.inputs.decision import WrittenChoice, WrittenDecision
    from dealflow.cli.views.bulk import print_each, print_preview
    from dealflow.cli.views.deals.stalls import print_stalls

    answer = WrittenDecision(decision, reason, until, lasting, to, node, lost_reason, alone_is_known)
    choice = WrittenChoice(tuple(ids or ()), file, owner, director, stage, older_than)
    named = [session.kept("escalation", each) for each in choice.named()]
    act = answer.checked(session.writing)
    if len(named) == 1:
        deal_id, escalation = one_escalation(session.reading, session.board, named[0])
        one = act.model_copy(update={"escalation": escalation})
        return session.carry_out(deal_id, one)
    if named:
        rows = named_escalations(session.board, named)
    else:
        rows = matching_escalations(session.board, session.names, choice.wanted(session.now))
    session.writing.tell()
    if not yes:
        return print_preview(rows, print_stalls)
    wanted = ((row.deal_id, act.model_copy(update={"escalation": row.stall_id})) for row in rows)
    return print_each(session.reading, session.execute_each(wanted))
