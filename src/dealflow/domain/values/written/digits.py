"""Digits with marks between them, read into the one number that they can mean, or refused with both that they can."""

import re
from decimal import Decimal
from typing import Literal

from dealflow.domain.values.phrase import Phrase, phrase

DecimalMark = Literal["point", "comma"]
_MARKS: dict[DecimalMark, str] = {"point": ".", "comma": ","}
# As programs write numbers: an English reader and a parser of any language read them alike.
PLAIN = r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?"
_DIGITS = re.compile(r"\d+", re.ASCII)
_IN_THREES = {mark: re.compile(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+", re.ASCII) for mark in ",.' "}
_INDIAN = re.compile(r"[1-9]\d?(?:,\d{2})+,\d{3}", re.ASCII)
_LONE = re.compile(r"(\d+)([.,])(\d+)", re.ASCII)


class TwoReadings(ValueError):
    """Digits that can be read in two ways; the lesser number is the first."""

    def __init__(self, *readings: Decimal) -> None:
        self.one, self.other = sorted(readings)
        super().__init__(readings)


def read_digits(
    text: str, mark: DecimalMark | None, *, comma_groups: bool, point_groups: bool, places: int | None = None
) -> Decimal | None:
    """The number, None where it is none; TwoReadings where it can be two.

    `mark` is the decimal mark, if it is known. If not, a lone comma before three digits is grouping where
    `comma_groups`, and a lone point before three digits may be grouping where `point_groups`. More decimals than
    `places` are not a reading.
    """
    if _DIGITS.fullmatch(text):
        return Decimal(text)
    if mark is not None:
        return _marked(text, _MARKS[mark])
    if lone := _LONE.fullmatch(text):
        return _lone(lone, comma_groups=comma_groups, point_groups=point_groups, places=places)
    readings = {read for each in _MARKS.values() if (read := _marked(text, each)) is not None}
    if len(readings) > 1:
        raise TwoReadings(*readings)
    return next(iter(readings), None)


def is_plain(written: str, form: re.Pattern[str], mark: DecimalMark | None) -> bool:
    """Whether a text is of the form that programs write, and means what it means there."""
    return form.fullmatch(written) is not None and not (mark == "comma" and ("," in written or "." in written))


def two_readings(given: str, one: str, other: str) -> Phrase:
    """What is wrong with a text that can be read in two ways."""
    return phrase(
        "{given} can be read in two ways, as {one} or as {other}: write the one that is meant",
        given=given,
        one=one,
        other=other,
    )


def _lone(lone: re.Match[str], *, comma_groups: bool, point_groups: bool, places: int | None) -> Decimal | None:
    whole, mark, rest = lone.groups()
    in_threes = _IN_THREES[mark].fullmatch(lone[0]) is not None
    joined, parted = Decimal(whole + rest), Decimal(f"{whole}.{rest}")
    if parted == joined:  # nought
        return joined
    if mark == ".":
        if in_threes and point_groups:
            raise TwoReadings(parted, joined)
        return parted
    if in_threes and comma_groups:
        return joined
    if places is not None and len(rest.rstrip("0")) > places:
        return None
    raise TwoReadings(parted, joined)


def _marked(text: str, mark: str) -> Decimal | None:
    whole, parted, fraction = text.partition(mark)
    if parted and not _DIGITS.fullmatch(fraction):
        return None
    if not _DIGITS.fullmatch(whole):
        grouping = [each for each in _IN_THREES if each != mark and _IN_THREES[each].fullmatch(whole)]
        if not grouping and not (mark == "." and _INDIAN.fullmatch(whole)):
            return None
    digits = "".join(_DIGITS.findall(whole))
    return Decimal(f"{digits}.{fraction}" if fraction else digits)
