"""Brings the catalogues up to date with the source: `make messages`.

Every message that stands as a literal in a marking call goes into each `locale/<language>/LC_MESSAGES/dealflow.po`, sorted;
what the source no longer says leaves it. A new message is empty there until somebody writes its translation.
"""

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as BabelMessage
from babel.messages.pofile import read_po, write_po

from dealflow.cli.main import every_command
from dealflow.cli.parser.help import texts
from dealflow.cli.parser.lazy import PARTS

ROOT = Path(__file__).parents[1]
SOURCES = (ROOT / "src", ROOT / "workflows")
LOCALE = ROOT / "src" / "dealflow" / "wording" / "locale"
_HEADER = """# What people read in dealflow, in {language}. `make messages` sorts this file, adds what is new in the source and
# takes away what is gone; write the translation into msgstr. docs/wording.md says more."""
# A call's name -> where its message stands: the place of the argument, and of the plural or the context beside it.
_MESSAGE = {"phrase": 0, "t": 0, "text": 0, "template": 0, "print_heading": 0}
_COUNTED = ("counted",)
_IN_CONTEXT = ("phrase_in",)
_COLUMNS = ("print_table", "print_pairs")


class Message(NamedTuple):
    """One message of the source; `many` for one with a count, `context` for a word with several meanings."""

    text: str
    many: str | None = None
    context: str | None = None


class NotLiteral(Exception):
    """A message that is put together where it is used, so that no catalogue can hold it."""


def extracted() -> set[Message]:
    """Every message of the source."""
    found: set[Message] = set()
    for folder in SOURCES:
        for file in folder.rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            try:
                found.update(_of_tree(tree))
            except NotLiteral as error:
                raise NotLiteral(f"{file.relative_to(ROOT)}:{error}") from None
    found.update(Message(text) for text in _of_help())
    return {message for message in found if message.text.strip()}


def _of_help() -> Iterator[str]:
    """The help of every command, which stays plain English where it is written and is translated where it is printed."""
    yield from (part.help for part in PARTS.values())
    for _, command in every_command():
        yield from texts(command)


def _of_tree(tree: ast.AST) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        args = node.args
        if name in _MESSAGE and args:
            yield from (Message(text) for text in _literals(args[0]))
        elif name in _COUNTED and len(args) > 1:
            yield from (
                Message(one, many=many) for one, many in zip(_literals(args[0]), _literals(args[1]), strict=True)
            )
        elif name in _IN_CONTEXT and len(args) > 1:
            yield from (Message(text, context=context) for context in _literals(args[0]) for text in _literals(args[1]))
        elif name in _COLUMNS and args and isinstance(args[0], ast.Tuple | ast.List):
            for element in args[0].elts:
                first = element.elts[0] if isinstance(element, ast.Tuple) else element
                yield from (Message(text.removeprefix(">")) for text in _literals(first))


def _literals(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may be; a variable holds what was marked elsewhere."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp():
            yield from (*_literals(node.body), *_literals(node.orelse))
        case ast.JoinedStr() | ast.BinOp():
            raise NotLiteral(f"{node.lineno}: a message must be one literal; give it {{names}} and values")


def catalogue_of(language: str) -> Catalog:
    """The catalogue as it stands in its file."""
    with file_of(language).open("rb") as stream:
        return read_po(stream, locale=language, abort_invalid=True)


def updated(old: Catalog, messages: set[Message]) -> Catalog:
    """The old translations of these messages, and nothing else."""
    new = Catalog(locale=old.locale, fuzzy=False, header_comment=_HEADER.format(language=old.locale))
    for message in messages:
        known = old.get(message.text, message.context)
        told = known.string if known and known.pluralizable == (message.many is not None) else None
        text = (message.text, message.many) if message.many else message.text
        added = new.add(text, told, context=message.context)
        # Babel marks what looks like a format; the test of the catalogues checks the places whether marked or not.
        added.flags = known.flags & {"fuzzy"} if known and told else set()
    return new


def written(catalogue: Catalog) -> str:
    """The catalogue as a file: sorted, one line a text, no dates and no places, so that branches merge."""
    out = BytesIO()
    write_po(out, catalogue, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True, width=0)
    head = (
        f'{catalogue.header_comment}\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {catalogue.locale}\\n"\n"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return head + out.getvalue().decode("utf-8").strip() + "\n"


def languages() -> list[str]:
    """Those that have a catalogue; the messages themselves are English."""
    return sorted(folder.name for folder in LOCALE.iterdir() if folder.is_dir())


def told_in(message: BabelMessage) -> tuple[str, ...]:
    """The translation, or its forms."""
    told = message.string
    return tuple(told) if isinstance(told, tuple | list) else (told or "",)


def file_of(language: str) -> Path:
    """Where the catalogue of a language stands."""
    return LOCALE / language / "LC_MESSAGES" / "dealflow.po"


def main() -> int:
    """Write every catalogue; say what still wants a translation, and what was taken away."""
    messages = extracted()
    for language in languages():
        old = catalogue_of(language)
        new = updated(old, messages)
        file_of(language).write_text(written(new), encoding="utf-8")
        gone = [message for message in old if message.id and new.get(message.id, message.context) is None]
        for message in gone:
            sys.stdout.write(f"{language}: taken away: {message.id!r} = {message.string!r}\n")
        empty = [message for message in new if message.id and not all(told_in(message))]
        for message in empty:
            sys.stdout.write(f"{language}: not translated: {message.id!r}\n")
        sys.stdout.write(f"{language}: {len(new)} messages, {len(empty)} not translated, {len(gone)} taken away\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
