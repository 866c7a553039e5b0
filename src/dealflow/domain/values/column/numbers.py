"""A number of a file read by one decimal mark: with currency words, brackets, a sign at either end, or an exponent."""

import re
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Literal, NamedTuple

from dealflow.domain.values.currencies import is_currency, nearest_currency
from dealflow.domain.values.money import MAX_MINOR, Money, exponent, must_be_currency
from dealflow.domain.values.phrase import counted, phrase
from dealflow.domain.values.written.amount import currency_of
from dealflow.domain.values.written.characters import half_width
from dealflow.domain.values.written.currency_words import NAMES, SIGNS, WORD
from dealflow.domain.values.written.digits import DecimalMark
from dealflow.domain.values.written.multiples import MAX_LENGTH, NUMBER, read_multiple

Rounding = Literal["half_up", "half_even", "down"]
_MARKS: dict[DecimalMark, str] = {"point": ".", "comma": ","}
_ROUNDINGS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
_EXACT = Context(prec=4 * MAX_LENGTH)
_MOST_POWER = 30
_WORD = re.compile(WORD, re.ASCII | re.IGNORECASE)
_CELL = re.compile(
    rf"(?P<lead>(?:{WORD}\s*){{0,2}})(?P<number>[.,]\d+|{NUMBER}[.,]?)(?P<power>[eE][+-]?\d{{1,3}})?\s*"
    rf"(?P<trail>(?:{WORD}\s*){{0,2}})",
    re.ASCII | re.IGNORECASE,
)
# 1'234.- and 20,-- have no cents.
_NOTHING_BEHIND = re.compile(r"(?<=\d)[.,](?:--?|—|–)(?=$|[^\d.,-])", re.ASCII)
# As a spreadsheet makes of a minus that is typed.
_DASH = re.compile(r"^[‐‑–](?=.*\d)")
_SIGNED = re.compile(r"(?P<lead>[^\d+-]*)(?P<sign>[+-])\s*(?P<rest>[^+-].*)", re.ASCII)


class ReadNumber(NamedTuple):
    """The number with the words beside it, which may name a currency."""

    number: Decimal
    words: tuple[str, ...] = ()


def read_cell_number(cell: str, mark: DecimalMark) -> ReadNumber | None:
    """The number that the cell is by this decimal mark, exactly; None where it is none."""
    text = half_width(cell)
    if len(text) > MAX_LENGTH:
        return None
    if text.isascii() and text.isdigit():
        return ReadNumber(Decimal(text))
    if (nothing := _NOTHING_BEHIND.search(text)) is not None:
        if nothing[0][0] != _MARKS[mark]:
            return None
        text = f"{text[: nothing.start()]}{text[nothing.end() :]}"
    text, is_negative = _without_sign(_DASH.sub("-", text))
    match = _CELL.fullmatch(text)
    if match is None:
        return None
    number = _read(match["number"], mark)
    if number is None:
        return None
    if match["power"]:
        power = int(match["power"][1:])
        if abs(power) > _MOST_POWER:
            return None
        number = number.scaleb(power, _EXACT)
    words = tuple(word.lower() for part in ("lead", "trail") for word in _WORD.findall(match[part]))
    if any(word not in SIGNS and word not in NAMES and not is_currency(word.upper()) for word in words):
        return None
    return ReadNumber(-number if is_negative and number else number, words)


def amount_of(
    read: ReadNumber, template: str | None, deal: str | None = None, rounding: Rounding | None = None
) -> Money:
    """The amount in its currency; ValueError saying what is wrong, without the number itself."""
    if template is not None:
        template = NAMES.get(template.lower(), template.upper())
        must_be_currency(template)
    currency = currency_of(list(read.words), phrase("the amount"), template, deal)
    digits = exponent(currency)
    minor = read.number.scaleb(digits, _EXACT)
    if minor != minor.to_integral_value():
        if rounding is None:
            raise ValueError(
                counted(
                    "more than {n} decimal place, and the mapping says nothing of rounding",
                    "more than {n} decimal places, and the mapping says nothing of rounding",
                    digits,
                )
            )
        minor = minor.quantize(Decimal(1), _ROUNDINGS[rounding], _EXACT)
    if abs(minor) > MAX_MINOR:
        raise ValueError(phrase("beyond what an amount can be"))
    return Money(minor=int(minor), currency=currency)


def currency_meant(cell: str) -> str | None:
    """The currency that a misspelt code beside a number most likely is."""
    found = re.search(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])", cell)
    return nearest_currency(found[0].upper()) if found and not is_currency(found[0].upper()) else None


def _without_sign(text: str) -> tuple[str, bool]:
    """The text without its sign, and whether it is less than nothing: a minus in front or behind, or brackets."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    # The sign may stand between a currency and its number, and brackets around the number alone.
    if bracketed := re.fullmatch(r"([^\d()]*)\((.*\d.*)\)([^\d()]*)", text):
        return f"{bracketed[1]}{bracketed[2]}{bracketed[3]}".strip(), True
    if signed := _SIGNED.fullmatch(text):
        return f"{signed['lead']}{signed['rest']}", signed["sign"] == "-"
    if trailing := re.fullmatch(r"(.*\d)\s*-(\D*)", text):
        return f"{trailing[1]}{trailing[2]}", True
    return text, False


def _read(text: str, mark: DecimalMark) -> Decimal | None:
    own = _MARKS[mark]
    # `.5` and `5.` as programs write them.
    if text[0] in ".,":
        text = f"0{text}"
    if text[-1] in ".,":
        if text[-1] != own:
            return None
        text = text[:-1]
    return read_multiple(text, mark, comma_groups=True, point_groups=True)
