"""Tables for people: wide characters, emoji and right-to-left names keep their columns; ids are never cut."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from unicodedata import bidirectional

from rich.cells import cell_len

from dealflow.cli.output import reader, say
from dealflow.domain.values.money import Money
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import Phrase
from dealflow.wording.terms import term

_GAP = "   "
# Around a right-to-left name, so that it does not turn the rest of its line about.
_ISOLATE, _POP = "\u2068", "\u2069"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, indent: int = 0) -> None:
    """Print rows under headings in the reader's language; a heading that begins with > is of numbers."""
    said = reader().t
    headings = [said(column.removeprefix(">")) for column in columns]
    numeric = [column.startswith(">") for column in columns]
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(headings, *cells, strict=True)]
    whole = sum(widths) + len(_GAP) * (len(widths) - 1)
    if sys.stdout.isatty() and indent + whole > shutil.get_terminal_size().columns:
        _print_folded(headings, numeric, cells, indent)
        return
    say(_line(headings, widths, numeric, indent))
    say(" " * indent + "─" * whole)
    for row in cells:
        say(_line(row, widths, numeric, indent))


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
    """A value on one line, with nothing in it that moves the rest of the line; a phrase is said in the reader's language."""
    if value is None:
        return ""
    said = term("unreadable", value) if isinstance(value, str) else str(value)
    text = one_line(reader().t(said) if isinstance(said, Phrase) else said)
    is_mixed = not text.isascii() and any(bidirectional(char) in ("R", "AL", "AN") for char in text)
    return f"{_ISOLATE}{text}{_POP}" if is_mixed else text


def amount(money: Money | None) -> str:
    """An amount as people write it."""
    return str(money) if money else ""


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool], indent: int) -> str:
    padded = []
    for text, width, is_number in zip(cells, widths, numeric, strict=True):
        blank = " " * (width - cell_len(text))
        padded.append(blank + text if is_number else text + blank)
    return (" " * indent + _GAP.join(padded)).rstrip()


def _print_folded(headings: Sequence[str], numeric: Sequence[bool], rows: Iterable[Sequence[str]], indent: int) -> None:
    """Where the terminal is too narrow, Rich folds the cells; it takes a millisecond a row, so it does only this."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for place, (heading, is_number) in enumerate(zip(headings, numeric, strict=True)):
        # The first column has the ids, which are copied into the next command.
        table.add_column(Text(heading), justify="right" if is_number else "left", overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*map(Text, row))
    console = Console(file=sys.stdout, width=shutil.get_terminal_size().columns - indent, highlight=False)
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        say(" " * indent + line.rstrip())
