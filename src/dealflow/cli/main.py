"""The command `dealflow`: one call, one exit code."""

import gc
import os
import sys
from collections.abc import Iterator
from typing import Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from dealflow import __version__
from dealflow.cli.errors import WrongUsage, report
from dealflow.cli.language import OPTION, asked, begin, known
from dealflow.cli.parser.help import in_readers_language
from dealflow.cli.parser.lazy import LazyGroup
from dealflow.domain.token.secret import token_in
from dealflow.domain.values.language import LANGUAGES
from dealflow.domain.values.phrase import phrase

app = typer.Typer(
    cls=LazyGroup,
    help="Moves sales deals by what the customer has decided, and tells the director when one stalls.",
    epilog="Example: dealflow deal list --owner anna\n\nAll state is in DEALFLOW_HOME (.dealflow); --version says which this is.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback()
def _root() -> None:
    pass


def run(arguments: list[str]) -> int:
    """Carry out one command line; the exit code. Raises nothing that a user would see as a traceback."""
    begin(arguments)
    try:
        _must_be_text(arguments)
        _must_hold_no_token(arguments)
        _must_be_known(asked(arguments))
        command, words, rest = _found(arguments)
        if len(words) == 1 and rest[:1] == ["--version"]:
            typer.echo(f"dealflow {__version__}")
            return 0
        answer = command.main(args=rest, prog_name=" ".join(words), standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  whatever happens, the user gets a sentence
        return report(error, arguments)
    return answer if isinstance(answer, int) else 0


def every_command() -> Iterator[tuple[tuple[str, ...], TyperCommand | TyperGroup]]:
    """The words and the command of the root, of each group and of each command."""
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        words = waiting.pop(0)
        command, _, _ = _found(list(words))
        yield words, command
        if isinstance(command, TyperGroup):
            waiting += [(*words, name) for name in command.commands]


def _part(group: TyperGroup, name: str) -> TyperCommand | TyperGroup | None:
    # There is no context yet, and no group of ours asks for one.
    return cast("TyperCommand | TyperGroup | None", group.get_command(cast("typer.Context", None), name))


def _must_be_text(arguments: list[str]) -> None:
    for number, word in enumerate(arguments, start=1):
        if not word.isascii() and any("\ud800" <= char <= "\udfff" for char in word):
            raise WrongUsage(
                phrase("word {number} of the command line is not text in the encoding of this system", number=number)
            )


def _must_hold_no_token(arguments: list[str]) -> None:
    """Every list of processes shows the line, and what answers it may repeat a part of it."""
    found = next((token_id for word in arguments if "_" in word and (token_id := token_in(word))), None)
    if found is not None:
        raise WrongUsage(
            phrase(
                "a token stands in the command line, where others see it: give it in DEALFLOW_TOKEN or a file that"
                " DEALFLOW_TOKEN_FILE names, and revoke this one: `dealflow token revoke {token} --reason ...`",
                token=found,
            )
        )


def _must_be_known(language: str | None) -> None:
    if language is not None and known(language) is None:
        raise WrongUsage(
            phrase(
                "{option} {given} is not known; one of {known}", option=OPTION, given=repr(language), known=LANGUAGES
            )
        )


def _found(arguments: list[str]) -> tuple[TyperCommand | TyperGroup, list[str], list[str]]:
    """The command that is meant, its words, and what is left for it.

    Found here and not by Typer, which loads pydantic to pass a group by: `deal open --help` would take half as long again.
    """
    command: Any = in_readers_language(cast("TyperGroup", typer.main.get_command(app)))
    words, rest = ["dealflow"], list(arguments)
    while rest and isinstance(command, TyperGroup):
        if rest[0] == OPTION and len(rest) > 1:
            del rest[:2]
        elif rest[0].startswith(f"{OPTION}="):
            del rest[0]
        elif isinstance(command, LazyGroup) and len(rest) > 1 and (only := command.only(rest[0], rest[1])):
            command = only
            words += rest[:2]
            del rest[:2]
        elif child := _part(command, rest[0]):
            command = child
            words.append(rest.pop(0))
        else:
            break
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
