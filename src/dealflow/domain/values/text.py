"""A wording that operators wrote in several languages, for a reader of one."""

from collections.abc import Mapping


def in_language(text: Mapping[str, str], language: str, fallback: str) -> str:
    """The wording in `language`, else English, else any, else `fallback`."""
    return text.get(language) or text.get("en") or next(iter(text.values()), fallback)
