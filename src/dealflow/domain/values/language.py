"""The languages that people read, and a wording that operators wrote in several of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Self

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Worded(str):
    """An id with its wording: programs read the id, and people the wording in their language."""

    __slots__ = ("wording",)
    wording: Mapping[str, str]

    def __new__(cls, name: str, wording: Mapping[str, str] = MappingProxyType({})) -> Self:
        """The id, which knows its wording."""
        self = super().__new__(cls, name)
        self.wording = wording
        return self


def in_language(text: Mapping[str, str], language: str, fallback: str) -> str:
    """The wording in `language`, else English, else any, else `fallback`."""
    return text.get(language) or text.get("en") or next(iter(text.values()), fallback)
