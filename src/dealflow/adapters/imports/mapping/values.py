"""The small values of a mapping: texts with cells in them, instants, formats, zones; each refused with its place."""

import codecs
import re
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from dealflow.adapters.files.file_model import FileModel, read_model
from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlScalar, YamlSequence
from dealflow.adapters.files.values import Values
from dealflow.adapters.imports.mapping.document import ColumnEntry, TextEntry
from dealflow.adapters.imports.mapping.model import CellRule, Choices, Column, Template, When
from dealflow.domain.values.column.numbers import Rounding
from dealflow.domain.values.column.times import NAMED, is_time_form
from dealflow.domain.values.currencies import is_currency, nearest_currency
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.written.digits import DecimalMark

SNAPSHOT = "snapshot"
_BRACES = re.compile(r"\{([^{}]*)\}")
_ENCODINGS = ("utf-8", "gb18030", "gbk", "big5", "shift_jis", "cp1252", "latin-1", "utf-16")


class MappingValues(Values):
    """Readers of what only mappings have."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.zones = sorted(available_timezones())

    def cell(self, tree: Tree | None, what: str) -> Column | None:
        """A bare column name."""
        word = self.word(tree, what)
        return Column(word.strip(), tree.line, tree.column) if tree is not None and word else None

    def part(self, model: type[FileModel], tree: Tree | None, called: Phrase | None = None) -> dict[str, Tree]:
        """The entries of a part of the mapping under their keys; what does not fit its model is a problem."""
        if tree is None:
            return {}
        read_model(model, tree, self.problems, called)
        entries = tree.entries.items() if isinstance(tree, YamlMapping) else ()
        return {key: value for key, (_, value) in entries if key in model.model_fields}

    def pairs(self, tree: Tree | None, what: Phrase, right: Phrase) -> list[tuple[YamlScalar, Tree]]:
        """What stands under names that the file makes up."""
        if tree is not None and not isinstance(tree, YamlMapping):
            self.problems.add(tree, "type", phrase("{what} must be a mapping", what=what), right)
        return list(tree.entries.values()) if isinstance(tree, YamlMapping) else []

    def words(self, tree: Tree | None, what: str) -> list[tuple[Tree, str]]:
        """One word or a list of words, each with its place."""
        items = tree.items if isinstance(tree, YamlSequence) else [tree] if tree is not None else []
        return [(item, word) for item in items if (word := self.word(item, what))]

    def word_or_nothing(self, tree: Tree, what: str) -> str:
        """A word, or '' for an empty cell."""
        is_empty = isinstance(tree, YamlScalar) and not tree.plain and not tree.text
        return "" if is_empty else self.word(tree, what)

    def text(self, tree: Tree | None, what: str) -> Choices:
        """A column, a text with `{column}` in it, a fixed one, or a list of these: the first that can be filled counts."""
        if tree is None:
            return ()
        items = tree.items if isinstance(tree, YamlSequence) else [tree]
        if not items:
            self.problems.add(tree, "type", phrase("{what} is an empty list", what=what), phrase("name a column"))
        templates = (self._template(item, what) for item in items)
        return tuple(template for template in templates if template is not None)

    def when(self, tree: Tree | None, what: str) -> When:
        """A column with a date, `snapshot`, or a list of these of which the first that is there counts."""
        items = tree.items if isinstance(tree, YamlSequence) else [tree] if tree is not None else []
        dated = [item for item in items if not (isinstance(item, YamlScalar) and item.text.strip() == SNAPSHOT)]
        choices = tuple(t for item in dated if (t := self._template(item, what)) is not None)
        return When(choices, or_snapshot=len(dated) < len(items))

    def currency(self, tree: Tree | None, what: str) -> Choices:
        """A code such as USD, or a text with `{column}` in it."""
        word = self.word(tree, what)
        if tree is None or not word:
            return ()
        if "{" in word:
            return self.text(tree, what)
        if not re.fullmatch(r"[A-Z]{3}", word, re.ASCII):
            right = phrase("three capital letters such as USD, or '{column}'")
            self.problems.add(
                tree, "currency", phrase("{what} '{word}' is not a currency", what=what, word=word[:60]), right
            )
        elif not is_currency(word):
            said = phrase("{what} {word} is not a currency of ISO 4217", what=what, word=word)
            self.problems.add(tree, "currency", said, suggestion=nearest_currency(word))
        return (Template((word,)),)

    def zone(self, tree: Tree | None, what: str) -> str:
        """The name of a zone."""
        word = self.word(tree, what)
        try:
            return ZoneInfo(word).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            if tree is not None and word:
                wrong, right = phrase("unknown zone '{word}'", word=word[:60]), phrase("a name such as Asia/Shanghai")
                self.problems.add(tree, "zone", wrong, right, near=(word, self.zones))
            return "UTC"

    def instant(self, tree: Tree | None, what: str) -> datetime | None:
        """An instant with its zone."""
        word = self.word(tree, what)
        if tree is None or not word:
            return None
        right = phrase("an instant with its zone such as 2017-12-31T12:00:00Z")
        try:
            instant = datetime.fromisoformat(word.strip())
            if instant.tzinfo is not None:
                return instant.astimezone(UTC)
            self.problems.add(
                tree, "instant", phrase("{what} '{word}' names no zone", what=what, word=word[:60]), right
            )
        except (ValueError, OverflowError):
            self.problems.add(
                tree, "instant", phrase("{what} '{word}' is not an instant", what=what, word=word[:60]), right
            )
        return None

    def cell_rule(self, entries: dict[str, Tree], column: Column | None = None) -> CellRule:
        """How cells are read, of one column or of all; what its model refuses is left out."""
        empty = tuple(word.strip().casefold() for _, word in self.words(entries.get("empty"), "'empty'"))
        return CellRule(
            self.dates(entries.get("dates")),
            _one_of(entries.get("decimal"), get_args(DecimalMark)),
            empty,
            _one_of(entries.get("round"), get_args(Rounding)),
            column,
        )

    def columns(self, tree: Tree | None) -> dict[str, CellRule]:
        """How single columns are read."""
        pairs = self.pairs(tree, phrase("'columns'"), phrase("write column: {decimal: comma}"))
        rules: dict[str, CellRule] = {}
        for key, value in pairs:
            name = key.text.strip()
            entries = self.part(ColumnEntry, value, phrase("column '{name}'", name=name[:60]))
            rules[name] = self.cell_rule(entries, Column(name, key.line, key.column))
        return rules

    def dates(self, tree: Tree | None) -> tuple[str, ...]:
        """Forms of dates in cells: named ones, or patterns as `strptime` has them; none where the mapping says nothing."""
        words = self.words(tree, phrase("a date format"))
        for item, word in words:
            if not is_time_form(word.strip()):
                wrong = phrase("'{written}' is not a date format", written=word[:60])
                right = phrase("{named}, or a form with year, month and day such as %d/%m/%Y", named=NAMED)
                self.problems.add(item, "date-format", wrong, right)
        return tuple(word.strip() for _, word in words)

    def encoding(self, tree: Tree | None, what: str) -> str:
        """The encoding of a file; UTF-8 with or without a byte order mark unless told."""
        word = self.word(tree, what) if tree is not None else ""
        try:
            name = codecs.lookup(word or "utf-8").name
            "a".encode(name)
        except (LookupError, ValueError):
            wrong = phrase("unknown encoding '{word}'", word=word[:60])
            self.problems.add(
                tree or (1, 1), "encoding", wrong, phrase("such as utf-8, gb18030, cp1252"), near=(word, _ENCODINGS)
            )
            name = "utf-8"
        return "utf-8-sig" if name == "utf-8" else name

    def picked(self, _entries: dict[str, Tree], tree: Tree, what: str) -> Template | None:
        """A cell of one of a deal's events, which only an event log has."""
        wrong = phrase("{what} is asked of a deal's events, which a table of deals has not", what=what)
        self.problems.add(tree, "type", wrong, phrase("name a column, or write {value: a fixed text}"))
        return None

    def _fixed_or_picked(self, tree: YamlMapping, what: str) -> Template | None:
        if not tree.entries.keys() & TextEntry.model_fields.keys():
            right = phrase("a text that begins with { needs quotes")
            self.problems.add(tree, "type", phrase("{what} must be a text", what=what), right)
            return None
        entries = self.part(TextEntry, tree, phrase("{what}", what=what))
        if "value" not in entries:
            return self.picked(entries, tree, what)
        word = self.word(entries["value"], what)
        return Template((word,)) if word else None

    def _template(self, tree: Tree, what: str) -> Template | None:
        if isinstance(tree, YamlMapping):
            return self._fixed_or_picked(tree, what)
        word = self.word(tree, what)
        if not word:
            return None
        if "{" not in word and "}" not in word:
            return Template((Column(word.strip(), tree.line, tree.column),))
        parts: list[str | Column] = []
        end = 0
        for match in _BRACES.finditer(word):
            parts += [word[end : match.start()]] if match.start() > end else []
            parts.append(Column(match[1].strip(), tree.line, tree.column + match.start() + 1))
            end = match.end()
        parts += [word[end:]] if end < len(word) else []
        if any("{" in part or "}" in part for part in parts if isinstance(part, str)):
            self.problems.add(
                tree, "template", phrase("the braces of {what} do not match", what=what), "write {column}"
            )
        if any(isinstance(part, Column) and not part.name for part in parts):
            self.problems.add(tree, "template", phrase("{what} has empty braces", what=what), "write {column}")
        return Template(tuple(parts))


def _one_of(tree: Tree | None, options: tuple[Any, ...]) -> Any:
    return tree.text if isinstance(tree, YamlScalar) and tree.text in options else None
