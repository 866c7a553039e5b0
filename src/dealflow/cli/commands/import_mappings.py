"""`dealflow import look`, `mapping` and `schema`: what helps to write a mapping. They import nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from dealflow.cli.options import Home, Json

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="CSV files, or folders with some; - is standard input.", show_default=False),
]


def look(
    files: Files,
    process: Annotated[
        str | None,
        typer.Option("--process", metavar="NAME", help="The published process whose words are looked for."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Write the mapping to this new file.")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Say what the columns of files hold and may be for, and make a first mapping of it. Nothing is imported."""
    from dealflow.adapters.imports.look.columns import look_at
    from dealflow.adapters.imports.look.roles import roles_of
    from dealflow.adapters.imports.spool import spooled
    from dealflow.cli.session import load_settings, opened
    from dealflow.cli.views.look import must_be_new, print_looked

    load_settings(home, json=json)
    must_be_new(write)
    definition = None
    if process is not None:
        with opened(home, json=json) as session:
            session.must_be_of_the_house()
            definition = session.system.processes.get(process).definition
    with spooled(files) as given:
        tables = look_at(given)
    return print_looked(tables, roles_of(tables), process, definition, write)


def mapping_of(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which one; without it they are listed.", show_default=False)
    ] = None,
    process: Annotated[
        str | None,
        typer.Option("--process", metavar="NAME", help="The published process whose stages the mapping names."),
    ] = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Print a ready mapping for the stage history of a system, in which only the names of the stages are to be filled."""
    from dealflow.cli.session import load_settings, opened
    from dealflow.cli.views.mappings import print_ready_mapping, print_ready_mappings

    load_settings(home, json=json)
    if name is None:
        return print_ready_mappings()
    if process is None:
        return print_ready_mapping(name)
    with opened(home, json=json) as session:
        session.must_be_of_the_house()
        known = session.system.processes.get(process)
        return print_ready_mapping(name, process, known.definition)


def schema(
    kind: Annotated[
        str, typer.Argument(metavar="COMMAND", help="Whose mappings: crm-csv, log-csv or xes.")
    ] = "crm-csv",
    home: Home = None,
    json: Json = False,
) -> int:
    """Print the JSON Schema of a mapping, for editors: every key with what it is for."""
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.mappings import print_mapping_schema

    load_settings(home, json=json)
    return print_mapping_schema(kind)


_EXAMPLES: Mapping[Callable[..., int], tuple[str, str]] = {
    look: ("look", "import look deals.csv --process standard-sale --write mine.yaml"),
    mapping_of: ("mapping", "import mapping hubspot --process standard-sale > mine.yaml"),
    schema: ("schema", "import schema crm-csv > mapping.schema.json"),
}


def register(app: typer.Typer) -> None:
    """Add them to the group."""
    for command, (name, example) in _EXAMPLES.items():
        app.command(name, epilog=f"Example: dealflow {example}")(command)
