"""What people read, in one language: the English of the source, or its translation in `locale/<language>`.

Only the standard library is imported here, because `--help` comes by.
"""

import gettext
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cache

from dealflow.domain.values.language import Worded, in_language
from dealflow.domain.values.one_line import one_line
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of
from dealflow.wording.compiled import compiled
from dealflow.wording.shortened import shortened
from dealflow.wording.terms import term

MAX_VALUE = 1_000
MAX_ITEMS = 12
_COMMAS = {"zh": "、"}


class Catalogue:
    """Says texts and phrases in one language, instants in one zone. A value is text, no template, and stays on its line."""

    def __init__(self, language: str, zone: tzinfo) -> None:
        self.language, self.zone = language, zone
        self._texts = _translations(language)

    def text(self, message: str, /, **values: object) -> str:
        """A message of the source, or a phrase, with its values."""
        if isinstance(message, Phrase):
            return self.say(message)
        return self._filled(self._texts.gettext(message) if message else "", values)

    def counted(self, one: str, many: str, n: int, /, **values: object) -> str:
        """A message with a count, `{n}` in it, in the form that the number asks for."""
        return self._filled(self._texts.ngettext(one, many, n), {"n": n, **values})

    def say(self, text: str) -> str:
        """A phrase in this language; any other text as it is."""
        if not isinstance(text, Phrase):
            return text
        if text.many is not None:
            message = self._texts.ngettext(text.message, text.many, text.n)
        elif text.context is not None:
            message = self._texts.pgettext(text.context, text.message)
        else:
            message = self._texts.gettext(text.message) if text.message else ""
        return self.shortened(message, text.values) if text.shortens else self._filled(message, text.values)

    def shortened(self, message: str, values: Mapping[str, object]) -> str:
        """A message, already in this language, that leaves out what it has no value for."""
        shown = {name: str(self._value(value)) for name, value in values.items()}
        return shortened(message, {name: text for name, text in shown.items() if text})

    def listed(self, items: Sequence[object], most: int | None = None) -> str:
        """Items behind one another; beyond `most`, how many more there are."""
        shown = _COMMAS.get(self.language, ", ").join(str(self._value(item)) for item in items[:most])
        left = len(items) - len(items[:most])
        return self.say(phrase("{items} and {left} more", items=shown, left=left)) if left else shown

    def _filled(self, message: str, values: Mapping[str, object]) -> str:
        return message.format(**{name: self._value(value) for name, value in values.items()}) if values else message

    def _value(self, value: object) -> object:
        match value:
            case None:
                return ""
            case Phrase():
                return self.say(value)
            case Worded():
                return one_line(in_language(value.wording, self.language, value), MAX_VALUE)
            case str():
                return one_line(self.say(term("unreadable", value)), MAX_VALUE)
            case bool():
                return str(value).lower()
            case int() | float():
                return value
            case datetime():
                instant = value.astimezone(self.zone) if value.tzinfo else value
                return instant.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
            case Mapping() if "en" in value or "zh" in value:
                wordings = {str(language): str(wording) for language, wording in value.items()}
                return one_line(in_language(wordings, self.language, ""), MAX_VALUE)
            case Mapping():
                return self.listed([f"{key} = {self._value(item)}" for key, item in value.items()], MAX_ITEMS)
            case list() | tuple():
                return self.listed(value, MAX_ITEMS)
            case set() | frozenset():
                return self.listed(sorted(value, key=str), MAX_ITEMS)
            case _:
                return one_line(str(value), MAX_VALUE)


@cache
def catalogue(language: str, zone: tzinfo = UTC) -> Catalogue:
    """The catalogue of a language, for readers in a zone; of an unknown language the English one."""
    return Catalogue(language, zone)


@cache
def _translations(language: str) -> gettext.NullTranslations:
    path = compiled(language)
    if path is None:
        return gettext.NullTranslations()
    with path.open("rb") as stream:
        return gettext.GNUTranslations(stream)


def said(error: BaseException) -> str:
    """What an error says, for a catalogue."""
    return phrase_of(error)
