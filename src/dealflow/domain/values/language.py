"""The languages that people read, and a wording that operators wrote in several of them."""

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def in_language(text: Mapping[str, str], language: str, fallback: str) -> str:
    """The wording in `language`, else English, else any, else `fallback`."""
    return text.get(language) or text.get("en") or next(iter(text.values()), fallback)
