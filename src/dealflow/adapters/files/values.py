"""The small values of a template file: ids, numbers, durations, wordings; each refused with its place."""

import re
from unicodedata import name as character_name

from pydantic import ValidationError

from dealflow.adapters.files.located_yaml import Problems, Tree, YamlMapping, YamlScalar, YamlSequence, one_of
from dealflow.domain.process.definition import Text
from dealflow.domain.values.duration import Duration, Unit
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.text.visible import is_text

_IDENTIFIER = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
_NAME = re.compile(r"^[a-z][a-z0-9-]{0,63}$")
_INTEGER = re.compile(r"^[+-]?\d{1,15}$", re.ASCII)
_LOCALE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")
# Nobody waits ten years for a deal, and a deadline beyond the calendars could not be computed when it is needed.
MAX_DAYS = 3_650
_PER_DAY = {
    Unit.SECONDS: 86_400,
    Unit.MINUTES: 1_440,
    Unit.HOURS: 24,
    Unit.DAYS: 1,
    Unit.WORKING_HOURS: 8,
    Unit.WORKING_DAYS: 1,
}


def foreign_letter(word: str) -> str | None:
    """The name of the first character that is not ASCII: a reader cannot see the difference to a look-alike letter."""
    foreign = next((char for char in word if not char.isascii()), None)
    return character_name(foreign, phrase("a character")) if foreign else None


class Values:
    """Readers of single values; each records what is wrong and gives a harmless value, so that reading goes on."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.plain_language = "en"  # of a text without a language

    def mapping(self, tree: Tree | None, what: str, allowed: tuple[str, ...]) -> dict[str, Tree]:
        """The entries under their keys; unknown keys are problems and left out."""
        if tree is None:
            return {}
        if not isinstance(tree, YamlMapping):
            self.problems.add(
                tree, "type", phrase("{what} must be a mapping", what=what), phrase("keys: {allowed}", allowed=allowed)
            )
            return {}
        entries = {}
        for key, (key_tree, value) in tree.entries.items():
            if key in allowed:
                entries[key] = value
            else:
                wrong = phrase("unknown key '{key}' in {what}", key=key[:60], what=what)
                cut = key[:1].isdigit() and isinstance(value, YamlScalar) and value.is_null
                right = phrase("a text with a comma inside {} needs quotes") if cut else None
                self.problems.add(
                    key_tree,
                    "unknown-key",
                    wrong,
                    right or phrase("keys: {allowed}", allowed=allowed),
                    near=None if cut else (key, allowed),
                )
        return entries

    def items(self, tree: Tree | None, what: str) -> list[Tree]:
        if tree is None:
            return []
        if not isinstance(tree, YamlSequence):
            self.problems.add(
                tree,
                "type",
                phrase("{what} must be a list", what=what),
                phrase("write [a, b] or one item a line after a dash"),
            )
            return []
        return tree.items

    def required(self, entries: dict[str, Tree], key: str, tree: Tree, what: str) -> Tree | None:
        if key not in entries and isinstance(tree, YamlMapping):
            self.problems.add(
                tree, "missing", phrase("{what} has no '{key}'", what=what, key=key), phrase("add {key}:", key=key)
            )
        return entries.get(key)

    def word(self, tree: Tree | None, what: str) -> str:
        if tree is None:
            return ""
        if not isinstance(tree, YamlScalar) or tree.is_null or not is_text(tree.text):
            self.problems.add(tree, "type", phrase("{what} must be a text", what=what), phrase("write one"))
            return ""
        return tree.text

    def identifier(self, tree: Tree | None, what: str) -> str:
        return self._patterned(tree, what, _IDENTIFIER, phrase("small letters, digits and _, beginning with a letter"))

    def name(self, tree: Tree | None, what: str) -> str:
        return self._patterned(tree, what, _NAME, phrase("small letters, digits and -, beginning with a letter"))

    def _patterned(self, tree: Tree | None, what: str, pattern: re.Pattern[str], right: str) -> str:
        word = self.word(tree, what)
        if tree is not None and word and not pattern.match(word):
            foreign = foreign_letter(word)
            named = {"what": what, "word": word[:60]}
            wrong = (
                phrase("{what} '{word}' contains {foreign} and is not an id", **named, foreign=foreign)
                if foreign
                else phrase("{what} '{word}' is not an id", **named)
            )
            near = re.sub(r"\W+", "_" if pattern is _IDENTIFIER else "-", word.lower(), flags=re.ASCII)[:64]
            suggestion = near if pattern.match(near) and not foreign else None
            self.problems.add(tree, "id", wrong, right, suggestion=suggestion)
        return word

    def choice(self, tree: Tree | None, what: str, options: tuple[str, ...], default: str) -> str:
        word = self.word(tree, what)
        if tree is not None and word and word not in options:
            wrong = phrase("{what} cannot be '{word}'", what=what, word=word[:60])
            self.problems.add(tree, "choice", wrong, one_of(options), near=(word, options))
            return default
        return word or default

    def boolean(self, tree: Tree | None, what: str, *, default: bool = False) -> bool:
        if tree is None:
            return default
        if isinstance(tree, YamlScalar) and tree.plain and tree.text in ("true", "false"):
            return tree.text == "true"
        self.problems.add(
            tree,
            "type",
            phrase("{what} must be true or false", what=what),
            phrase("write true or false, without quotes"),
        )
        return default

    def integer(self, tree: Tree | None, what: str, least: int | None = None, most: int | None = None) -> int | None:
        if tree is None:
            return None
        if not isinstance(tree, YamlScalar) or not tree.plain or not _INTEGER.match(tree.text):
            self.problems.add(
                tree, "type", phrase("{what} must be a whole number", what=what), phrase("write digits only")
            )
            return None
        number = int(tree.text)
        if (least is not None and number < least) or (most is not None and number > most):
            right = (
                phrase("at least {least}", least=least)
                if most is None
                else phrase("from {least} to {most}", least=least, most=most)
            )
            self.problems.add(tree, "threshold", phrase("{what} cannot be {number}", what=what, number=number), right)
            return None
        return number

    def duration(self, tree: Tree | None, what: str, least: int = 1) -> Duration | None:
        if tree is None:
            return None
        word = self.word(tree, what)
        if not word:
            return None
        try:
            length = Duration.model_validate(word)
        except ValidationError:
            units = [unit.value for unit in Unit]
            unit = re.sub(r"^\s*\d*\s*", "", word)
            right = phrase("a whole number and a unit: {units}", units=units)
            wrong = phrase("{what} '{word}' is not a duration", what=what, word=word[:60])
            self.problems.add(tree, "unit", wrong, right, near=(unit, units) if unit else None)
            return None
        if length.count < least:
            self.problems.add(
                tree,
                "threshold",
                phrase("{what} cannot be {length}", what=what, length=length.said),
                phrase("at least {least}", least=length.model_copy(update={"count": least}).said),
            )
        if length.count > MAX_DAYS * _PER_DAY[length.unit]:
            self.problems.add(
                tree,
                "threshold",
                phrase("{what} of {length} is too long", what=what, length=length.said),
                phrase("at most {most} days", most=MAX_DAYS),
            )
            return None
        return length

    def wording(self, tree: Tree | None, what: str) -> Text:
        """A mapping gives a wording for each locale; a plain text is in the language of the file."""
        if tree is None:
            return {}
        if isinstance(tree, YamlScalar):
            text = self.word(tree, what)
            return {self.plain_language: text} if text else {}
        if not isinstance(tree, YamlMapping):
            self.problems.add(
                tree, "type", phrase("{what} must be a text", what=what), phrase("write a text or {en: ..., zh: ...}")
            )
            return {}
        texts = {}
        for locale, (key, value) in tree.entries.items():
            if not _LOCALE.match(locale):
                cut = isinstance(value, YamlScalar) and value.is_null
                right = (
                    phrase("a text with a comma inside {} needs quotes") if cut else phrase("write en, zh or zh-Hant")
                )
                self.problems.add(key, "locale", phrase("'{locale}' is not a locale", locale=locale[:60]), right)
            elif text := self.word(value, what):
                texts[locale] = text
        return texts
