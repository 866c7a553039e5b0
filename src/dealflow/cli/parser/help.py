"""Help in the reader's language: the English of the commands is translated at the moment of printing.

Chinese has no blanks and takes two columns a character, so lines are filled here by width.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, cast
from unicodedata import east_asian_width

import typer
from typer._click import HelpFormatter
from typer.core import TyperCommand, TyperGroup, TyperOption

from dealflow.cli.language import OPTION, spoken
from dealflow.domain.values.language import LANGUAGES
from dealflow.domain.values.phrase import phrase
from dealflow.wording.catalogue import catalogue

_Lang = Annotated[
    str | None,
    typer.Option(OPTION, metavar="|".join(LANGUAGES), help="The language of the answer.", expose_value=False),
]
_MAX_FIRST_COLUMN = 30
_BETWEEN = 2
_NARROWEST = 10
_EXAMPLE = "Example: "
# What Typer itself says, in English only.
TYPERS_OWN = (
    phrase("Usage: "),
    phrase("Arguments:"),
    phrase("Options:"),
    phrase("Commands:"),
    phrase("Show this message and exit."),
    phrase("required"),
)
# What Typer puts behind the help of an option: [default: 8; required].
_MARKS = re.compile(r"(?:^|  )\[([^\[\]]*)\]$")
_WIDE = "\u2e80-\u9fff\uff00-\uffef"
# A word, or one wide character; what closes stays with what is before it, what opens with what follows. Compiled when a help is
# printed: most commands print none.
_PIECE = rf"\s*[（“《]*(?:[{_WIDE}]|[^\s{_WIDE}“]+)?[，。；：、！？）”》]*"


class ReadersHelp(HelpFormatter):
    """Writes usage, texts and lists in the language of this command line."""

    def write_usage(self, prog: str, args: str = "", _prefix: str | None = None) -> None:
        """Write the line that shows the words of a command."""
        heading = f"{t('Usage: ')}{prog} "
        self.write(filled(args, self.width - self.current_indent, heading, " " * width_of(heading)) + "\n")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a list."""
        named = f"{heading}:"
        self.write(f"{'':>{self.current_indent}}{t(named)}\n")

    def write_text(self, text: str) -> None:
        """Write a text with its paragraphs."""
        indent = " " * self.current_indent
        written = [filled(translated(text_), self.width, indent, indent) for text_ in paragraphs(text)]
        self.write("\n\n".join(written) + "\n")

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = _MAX_FIRST_COLUMN, col_spacing: int = _BETWEEN
    ) -> None:
        """Write options, arguments or commands with what each does."""
        first_column = min(max(width_of(first) for first, _ in rows), col_max) + col_spacing
        margin = " " * (self.current_indent + first_column)
        room = max(self.width - first_column - col_spacing, _NARROWEST)
        for first, second in rows:
            start = " " * self.current_indent + first
            fits = width_of(first) <= first_column - col_spacing
            start = start + " " * (len(margin) - width_of(start)) if fits else f"{start}\n{margin}"
            said = filled(translated(second), room)
            self.write(start.rstrip() if not said else start + said.replace("\n", f"\n{margin}"))
            self.write("\n")


class ReadersContext(typer.Context):
    """Where Typer looks for the class that formats help."""

    formatter_class = ReadersHelp


class ReadersGroup(TyperGroup):
    """A group whose help is in the reader's language; of each command it says the first sentence."""

    context_class = ReadersContext

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """The command of that name, ready to be read in any language."""
        child = self.commands.get(cmd_name)
        return child and in_readers_language(cast("TyperCommand", child))

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """Write the list of commands."""
        rows = [(name, _in_a_line(command)) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def in_readers_language(command: TyperCommand | TyperGroup) -> TyperCommand | TyperGroup:
    """The command with help in the reader's language, and with the option that chooses it."""
    if not any(param.name == "lang" for param in command.params):
        command.context_class = ReadersContext
        command.params.append(_language_option())
    return command


def texts(command: TyperCommand | TyperGroup) -> Iterator[str]:
    """The English texts of a command's help, as they stand in the catalogues."""
    for text in (command.help, command.epilog, *(getattr(param, "help", None) for param in command.params)):
        yield from (paragraph for paragraph in paragraphs(text or "") if not paragraph.startswith(_EXAMPLE))


def translated(text: str) -> str:
    """One text of a help, with the marks that Typer put behind it."""
    if text.startswith(_EXAMPLE):
        return t("Example: {command}", command=text.removeprefix(_EXAMPLE))
    marks = _MARKS.search(text)
    if marks is None:
        return t(text)
    said = "; ".join(_mark(mark) for mark in marks[1].split("; "))
    return f"{t(text[: marks.start()])}  [{said}]".lstrip()


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, each on one line."""
    return [" ".join(each.split()) for each in re.split(r"\n\s*\n", text.strip()) if each.strip()]


def width_of(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def filled(text: str, width: int, first: str = "", others: str = "") -> str:
    """The text in lines of that width, with what goes before the first line and before the others."""
    lines, line = [], first
    is_empty = True
    for piece in re.findall(_PIECE, text.strip()):
        if not is_empty and width_of(line + piece) > width:
            lines.append(line)
            line, is_empty = others, True
        line += piece.lstrip() if is_empty else piece
        is_empty = is_empty and not piece.strip()
    return "\n".join([*lines, line])


def _in_a_line(command: Any) -> str:
    """The first sentence of a command's help, without its stop."""
    said = translated(next(iter(paragraphs(command.help or "")), ""))
    return re.split(r"。|\.(?=\s|$)", said, maxsplit=1)[0]


def _language_option() -> TyperOption:
    # It is read before Typer reads anything; a command only has to let it pass, and its help to name it.
    app = typer.Typer(add_completion=False)
    app.command()(_answer)
    [option] = typer.main.get_command(app).params
    return cast("TyperOption", option)


def _answer(lang: _Lang = None) -> None:
    """Never called: it only has the option."""


def _mark(mark: str) -> str:
    name, colon, value = mark.partition(": ")
    return t("default: {value}", value=value) if colon and name == "default" else t(mark)


def t(message: str, **values: object) -> str:
    """A text in the language of this command line."""
    return catalogue(spoken()).text(message, **values)
