"""The command `dealflow`: one call, one exit code."""

import gc
import os
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from dealflow import __version__
from dealflow.cli.errors import WrongUsage, report
from dealflow.cli.lazy import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    help="Moves sales deals by what the customer has decided, and tells the director when one stalls.",
    epilog="Example: dealflow deal list --owner anna. All state is in DEALFLOW_HOME (.dealflow); --version says which this is.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback()
def _root() -> None:
    pass


def run(arguments: list[str]) -> int:
    """Carry out one command line; the exit code. Raises nothing that a user would see as a traceback."""
    if arguments == ["--version"]:
        typer.echo(f"dealflow {__version__}")
        return 0
    try:
        _must_be_text(arguments)
        command, words, rest = _found(arguments)
        answer = command.main(args=rest, prog_name=" ".join(words), standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  whatever happens, the user gets a sentence
        return report(error, arguments)
    return answer if isinstance(answer, int) else 0


def _must_be_text(arguments: list[str]) -> None:
    for number, word in enumerate(arguments, start=1):
        if not word.isascii() and any("\ud800" <= char <= "\udfff" for char in word):
            raise WrongUsage(f"word {number} of the command line is not text in the encoding of this system")


def _found(arguments: list[str]) -> tuple[TyperCommand | TyperGroup, list[str], list[str]]:
    """The command that is meant, its words, and what is left for it.

    Found here and not by Typer, which loads pydantic to pass a group by: `deal open --help` would take half as long again.
    """
    command: Any = typer.main.get_command(app)
    words, rest = ["dealflow"], list(arguments)
    while rest and isinstance(command, TyperGroup):
        child = command.part(rest[0]) if isinstance(command, LazyGroup) else command.commands.get(rest[0])
        if child is None:
            break
        command = child
        words.append(rest.pop(0))
    return command, words, rest


def main() -> None:
    """The entry point of the installed command."""
    # Loading makes very many values that stay: looking for garbage among them takes a tenth of a short command.
    gc.set_threshold(50_000)
    # Else pydantic reads the metadata of all that is installed, to look for plugins. Set to nothing it does.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    code = run(sys.argv[1:])
    if "temporalio" in sys.modules:
        # The SDK's threads may still let go of Python objects; an interpreter that ends meanwhile aborts (exit code 134).
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
