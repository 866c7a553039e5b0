"""The text of a day or an instant in one spelling, apart from the zone that is named beside it and from the end of a day."""

import re
from functools import lru_cache

from dealflow.domain.values.written.characters import half_width

# Behind a clock: the last part of a day is no offset.
_OFFSET = re.compile(r"\d{2}(?:[.,]\d+)?(?: ?[AaPp][Mm])?\s?(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?)$", re.ASCII)
_IN_BRACKETS = re.compile(r"\s*\[([A-Za-z0-9_+/-]+)\]$|\s+\(([^()]*)\)$", re.ASCII)
_NAMED_ZONE = re.compile(r"(?<=[\dmM])\s(?!(?:UTC|GMT|AM|PM)$)([A-Z]{2,5}|[A-Z][A-Za-z]+/[A-Za-z0-9_+/-]+)$", re.ASCII)
_SEPT = re.compile(r"\bsept\b", re.ASCII | re.IGNORECASE)
_HALF_OF_DAY = re.compile(r"\b([ap])\.m\.", re.ASCII | re.IGNORECASE)
_FINER = re.compile(r"(?<=:\d\d)([.,]\d{6})\d{1,3}(?!\d)", re.ASCII)
_END_OF_DAY = re.compile(r"(?<=[T ])24:00(?P<second>:00(?:[.,]0+)?)?(?![\d:])", re.ASCII)


@lru_cache(maxsize=1024)
def plain(cell: str) -> str:
    """The cell in one spelling of its characters, with what means the same written in one way."""
    text = " ".join(half_width(cell).split())
    return _FINER.sub(r"\1", _HALF_OF_DAY.sub(r"\1m", _SEPT.sub("Sep", text)))


def without_zone(text: str) -> tuple[str, str]:
    """The text, and the zone that it names where it has no offset; what stands in brackets beside an offset says no more."""
    if bracketed := _IN_BRACKETS.search(text):
        rest = text[: bracketed.start()]
        if ":" in rest and _OFFSET.search(rest):
            return rest, ""
        return (rest, bracketed[1] or bracketed[2]) if ":" in rest else (text, "")
    if ":" in text and (named := _NAMED_ZONE.search(text)):
        return text[: named.start()], named[1]
    return text, ""


def without_end_of_day(text: str) -> tuple[str, bool]:
    """The text with 00:00 for 24:00, and whether that was changed: it is 00:00 of the next day."""
    if (end := _END_OF_DAY.search(text)) is None:
        return text, False
    return f"{text[: end.start()]}00:00{end['second'] or ''}{text[end.end() :]}", True
