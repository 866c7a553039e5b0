"""Tables for people: wide characters, emoji and right-to-left names keep their columns; ids are never cut."""

import sys
from collections.abc import Iterable, Sequence
from unicodedata import bidirectional

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dealflow.cli.output import reader, say
from dealflow.domain.money import Money
from dealflow.domain.sentences import one_line

# A pipe has no width, and a line that is cut or wrapped cannot be searched.
_PIPE_WIDTH = 2_000
_ISOLATE, _POP = "\u2068", "\u2069"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, indent: int = 0) -> None:
    """Print rows under headings in the reader's language; a heading that begins with > is of numbers."""
    said = reader().t
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold", padding=(0, 1))
    for heading in columns:
        name = said(heading.removeprefix(">"))
        justify = "right" if heading.startswith(">") else "left"
        table.add_column(Text(name), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(Text(cell(value)) for value in row))
    _print(table, indent)


def print_pairs(pairs: Iterable[tuple[str, object]], *, indent: int = 0) -> None:
    """Print names with their values, one to a line; what is empty is left out."""
    said = reader().t
    shown = [(said(name), cell(value)) for name, value in pairs if value not in (None, "", (), [])]
    width = max((cell_len(name) for name, _ in shown), default=0)
    for name, value in shown:
        say(" " * indent + name + " " * (width - cell_len(name) + 2) + value)


def print_heading(text: str) -> None:
    """Print the heading of a part."""
    say()
    say(reader().t(text))


def cell(value: object) -> str:
    """A value on one line, with nothing in it that moves the rest of the line."""
    if value is None:
        return ""
    text = one_line(str(value))
    is_mixed = any(bidirectional(char) in ("R", "AL", "AN") for char in text)
    return f"{_ISOLATE}{text}{_POP}" if is_mixed else text


def amount(money: Money | None) -> str:
    """An amount as people write it."""
    return str(money) if money else ""


def _print(table: Table, indent: int) -> None:
    console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False)
    if not sys.stdout.isatty():
        console = Console(file=sys.stdout, width=_PIPE_WIDTH, highlight=False, emoji=False, markup=False, no_color=True)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        say(" " * indent + line.rstrip())
