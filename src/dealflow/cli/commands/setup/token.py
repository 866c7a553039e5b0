"""`dealflow token`: make and revoke tokens, by which people are known where the user of the operating system says nothing."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import acting, reading
from dealflow.cli.options import Limit, LooksFor, Reason, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Make and revoke tokens, by which people are known.")
TokenId = Annotated[
    str, typer.Argument(metavar="TOKEN", help="The token's id, from `dealflow token list`.", show_default=False)
]


@app.command(epilog="Example: dealflow token create --label laptop --for '30 days'")
@acting
def create(
    session: "Session",
    person: Annotated[
        str | None,
        typer.Argument(
            metavar="PERSON", help="Whose token; else your own. Others' only operations make.", show_default=False
        ),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label", metavar="TEXT", help="What it is for, such as the computer's name.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ACT", help="Good for this act of the table of rights alone; again for each."),
    ] = None,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="LENGTH", help="How long it holds; else 90 days, at most 366.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Until when it holds.")] = None,
    without_end: Annotated[bool, typer.Option("--without-end", help="It holds until it is revoked.")] = False,
) -> int:
    """Make a token and show it once. Put it into DEALFLOW_TOKEN, or a file of your own that DEALFLOW_TOKEN_FILE names."""
    from dealflow.cli.inputs.token import created
    from dealflow.cli.output import said_otherwise
    from dealflow.cli.views.setup.token import print_token_made
    from dealflow.domain.decide.checks import line
    from dealflow.domain.values.text.spelling import normal_id

    whose = said_otherwise("person", person, normal_id(line(person, "person"))) if person else session.who.actor
    end = session.writing.until(until, "until") if until is not None else None
    session.writing.tell()
    command = created(whose, label, only, lasting, end, endless=without_end)
    return print_token_made(session.system.tokens.handle(session.token_envelope(command)))


@app.command(epilog="Example: dealflow token revoke 7k2m9q4x --reason 'the laptop was lost'")
@acting
def revoke(session: "Session", token: TokenId, reason: Reason) -> int:
    """Make a token worthless, at once and for good. Your own, or as operations anybody's."""
    from dealflow.cli.inputs.token import revoked
    from dealflow.cli.views.setup.token import print_token_made

    command = revoked(token, reason)
    return print_token_made(session.system.tokens.handle(session.token_envelope(command)))


@app.command("list", epilog="Example: dealflow token list --all --person anna")
@reading
def list_(
    session: "Session",
    person: Annotated[
        str | None, typer.Option("--person", metavar="PERSON", help="Those of this person."), LooksFor("person")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that hold no more.")] = False,
    limit: Limit = None,
) -> int:
    """List your tokens, as operations or auditor everybody's, the newest first. Never the tokens themselves."""
    from dealflow.application.tokens.known import list_tokens
    from dealflow.cli.views.deals.board import limit_of
    from dealflow.cli.views.setup.token import print_tokens

    found = list_tokens(
        session.system.store,
        session.kept_who,
        session.system.people.current(),
        session.now,
        person=person,
        ended=everything,
        limit=limit_of(limit),
    )
    return print_tokens(found)


@app.command(epilog="Example: dealflow token whoami")
@reading
def whoami(session: "Session") -> int:
    """Say who acts here and by what. The person, the token or the user of the operating system, and what it is good for."""
    from dealflow.cli.user import os_user
    from dealflow.cli.views.setup.token import print_who

    return print_who(session.kept_who, session.system.people.current(), os_user())
