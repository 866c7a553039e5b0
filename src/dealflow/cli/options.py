"""Options that many commands share, with one wording each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from dealflow.cli.parser.help import ReadersGroup


@dataclass(frozen=True, slots=True)
class LooksFor:
    """Marks an option that names something to look for: `deal`, or `owner`, `director` or `customer` of some deal."""

    what: str


Home = Annotated[
    Path | None,
    typer.Option("--home", metavar="FOLDER", help="Where the state is; else DEALFLOW_HOME, else .dealflow."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
CommandId = Annotated[
    str | None,
    typer.Option("--command-id", metavar="ID", help="Sent again under the same id, a command has its effect once."),
]
OnBehalfOf = Annotated[
    str | None,
    typer.Option(
        "--on-behalf-of", metavar="PERSON", help="Act and read with this person's rights, where people.yaml lets you."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, many are only shown.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stays on record.")]
AloneIsKnown = Annotated[
    bool, typer.Option("--alone-is-known", help="The new owner alone may then decide on the deal, and that is meant.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="TIME", help="As it was then: 2026-11-24 (its end) or 2026-11-24T09:30:00+08:00."),
]
AsKnownAt = Annotated[str | None, typer.Option("--as-known-at", metavar="TIME", help="By what had been recorded then.")]
ObservedAt = Annotated[
    str | None,
    typer.Option(
        "--observed-at",
        metavar="TIME",
        help="When it happened, such as '2026-11-24 09:30', yesterday, 2026-11-24T09:30Z; else now.",
    ),
]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="NAME=VALUE", help="A field, again for each; NAME=@FILE reads a text file."),
]
FieldsJson = Annotated[
    str | None, typer.Option("--fields-json", metavar="JSON", help="All fields as one JSON object, or @FILE.")
]
Decimal = Annotated[
    str | None,
    typer.Option(
        "--decimal", metavar="MARK", help="The decimal mark of what you write, point or comma; else DEALFLOW_DECIMAL."
    ),
]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many.")]
DealId = Annotated[str, typer.Argument(metavar="DEAL", help="The deal's id.", show_default=False), LooksFor("deal")]


def group(help_text: str) -> typer.Typer:
    """A group of commands in the style of the house: plain help, which takes half the time of the coloured one."""
    app = typer.Typer(
        cls=ReadersGroup, help=help_text, no_args_is_help=True, rich_markup_mode=None, add_completion=False
    )
    app.callback()(_together)
    return app


def single() -> typer.Typer:
    """A command that stands alone under its name."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)


def _together() -> None:
    # A group with a callback stays a group when it has one command only.
    pass
