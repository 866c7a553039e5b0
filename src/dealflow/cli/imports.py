"""`dealflow import`: deals of another system."""

from pathlib import Path
from typing import Annotated

import typer

from dealflow.cli.options import Home, Json, OnBehalfOf, group

app = group("Take in deals of another system.")
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="CSV files, or folders with some.", show_default=False)
]
Mapping = Annotated[Path, typer.Option("--mapping", metavar="FILE", help="How columns become deals; a YAML file.")]
Rejects = Annotated[
    Path | None,
    typer.Option(
        "--rejects", metavar="FILE", help="Where rows go that cannot be used; else a file in the home folder."
    ),
]


@app.command(
    "crm-csv",
    epilog="Example: dealflow import crm-csv examples/maven-crm --mapping examples/maven-crm/mapping.yaml --people --dry-run",
)
def crm_csv(
    files: Files,
    mapping: Mapping,
    people: Annotated[bool, typer.Option("--people", help="Add sellers and managers to people.yaml.")] = False,
    rejects: Rejects = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what it would come to.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop before anything is written when a row cannot be used.")
    ] = False,
    shift_to_today: Annotated[
        bool, typer.Option("--shift-to-today", help="Move all dates by whole days, so that the last one is today.")
    ] = False,
    on_behalf_of: OnBehalfOf = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Import the tables of a CRM. History with its own dates, nobody told of the past; again: only what has changed."""
    from dealflow.cli.imported import Asked, import_tables
    from dealflow.cli.session import opened

    asked = Asked(tuple(files), mapping, people, rejects, dry_run, strict, shift_to_today)
    with opened(home, json=json, on_behalf_of=on_behalf_of) as session:
        return import_tables(session, asked)
