"""The command `dealflow`: one call, one exit code."""

import os
import sys
from typing import Annotated

import typer

from dealflow.cli.errors import report
from dealflow.cli.lazy import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    help="Moves sales deals by what the customer has decided, and tells the director when one stalls.",
    epilog="Example: dealflow deal list --owner anna   (state: DEALFLOW_HOME, default .dealflow)",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from dealflow import __version__

        typer.echo(f"dealflow {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def run(arguments: list[str]) -> int:
    """Carry out one command line; the exit code. Raises nothing that a user would see as a traceback."""
    try:
        answer = typer.main.get_command(app).main(args=arguments, prog_name="dealflow", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  whatever happens, the user gets a sentence
        return report(error, arguments)
    return answer if isinstance(answer, int) else 0


def main() -> None:
    """The entry point of the installed command."""
    code = run(sys.argv[1:])
    if "temporalio" in sys.modules:
        # The SDK's threads may still let go of Python objects; an interpreter that ends meanwhile aborts (exit code 134).
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
