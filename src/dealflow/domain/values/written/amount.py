"""An amount as people write it, read exactly: never more than its digits say, never in a currency that it does not name."""

import re
from decimal import Context, Decimal

from dealflow.domain.values.money import MAX_MINOR, Money, exponent, must_be_currency
from dealflow.domain.values.phrase import Phrase, counted, phrase
from dealflow.domain.values.written.characters import half_width
from dealflow.domain.values.written.currency_words import NAMES, SIGNS, WORD
from dealflow.domain.values.written.digits import PLAIN, DecimalMark, TwoReadings, is_plain, two_readings
from dealflow.domain.values.written.multiples import MAX_LENGTH, NUMBER, read_multiple

_PLAIN = re.compile(rf"\s*{PLAIN}\s*(?:[A-Za-z]{{3}})?\s*", re.ASCII)
_WRITTEN = re.compile(
    rf"(?P<sign>[+-])?\s*(?P<lead>(?:{WORD}\s*){{0,2}})(?P<inner>[+-])?\s*(?P<number>{NUMBER})\s*"
    rf"(?P<trail>(?:{WORD}\s*){{0,2}})",
    re.ASCII | re.IGNORECASE,
)
_WORD = re.compile(WORD, re.ASCII | re.IGNORECASE)
_BOOKKEEPING = re.compile(r"\(.*\d.*\)|[^-]*\d[^-,.]*-", re.ASCII)
_EXACT = Context(prec=4 * MAX_LENGTH)
EXAMPLES = phrase("5000.00 CNY or ¥5,000")


def read_amount(
    written: str, template: str | None, deal: str | None = None, *, mark: DecimalMark | None = None
) -> Money:
    """The amount in its currency; ValueError saying what is wrong, with both readings where there are two.

    A number alone is in the template's currency. A sign means the deal's currency where that bears it, else the
    template's. `mark` is the decimal mark, where it is known.
    """
    text = half_width(written)
    match = _WRITTEN.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if match is None or (match["sign"] and match["inner"]):
        raise ValueError(_not_one(written, text))
    words = [word.lower() for part in ("lead", "trail") for word in _WORD.findall(match[part])]
    template = _code(template) if template is not None else None
    currency = currency_of(words, repr(written), template, deal, example=f"{written.strip()} CNY")
    digits = exponent(currency)
    try:
        number = read_multiple(match["number"], mark, comma_groups=digits < 3, point_groups=digits < 3, places=digits)
    except TwoReadings as two:
        sign = "-" if "-" in (match["sign"], match["inner"]) else ""
        one, other = (sign + _shown(each, currency) for each in (two.one, two.other))
        raise ValueError(two_readings(repr(written), one, other)) from two
    if number is None:
        raise ValueError(_not_one(written, text))
    minor = number.scaleb(digits, _EXACT)
    if minor != minor.to_integral_value():
        raise ValueError(
            counted(
                "{given} has more than {n} decimal place, {currency} has no smaller unit",
                "{given} has more than {n} decimal places, {currency} has no smaller unit",
                digits,
                given=repr(written),
                currency=currency,
            )
        )
    if minor > MAX_MINOR:
        raise ValueError(phrase("{given} is beyond what an amount can be", given=repr(written)))
    is_negative = "-" in (match["sign"], match["inner"])
    return Money(minor=-int(minor) if is_negative else int(minor), currency=currency)


def is_plain_amount(written: str, mark: DecimalMark | None = None) -> bool:
    """Whether it is written as programs write amounts, so that nobody needs to be told how it was read."""
    return is_plain(written, _PLAIN, mark)


def _code(written: str) -> str:
    """The currency that a code or name means, as another cell of a table may give it."""
    code = NAMES.get(written.lower(), written.upper())
    must_be_currency(code)
    return code


def currency_of(
    words: list[str], given: str, template: str | None, deal: str | None, *, example: str = "5000.00 CNY"
) -> str:
    """The currency that the words beside a number mean; ValueError, in which `given` stands for what was written."""
    signs = [word for word in words if word in SIGNS]
    if not words:
        if template is None:
            raise ValueError(phrase("{given} names no currency, for example {example}", given=given, example=example))
        return template
    if named := {_code(word) for word in words if word not in SIGNS}:
        code = next(iter(named))
        if len(named) > 1 or any(code not in SIGNS[sign] for sign in signs):
            raise ValueError(phrase("{given} names two currencies", given=given))
        return code
    for preferred in (deal, template):
        if preferred is not None and all(preferred in SIGNS[sign] for sign in signs):
            return preferred
    raise ValueError(_not_borne(signs[0], given, template, deal))


def _not_borne(sign: str, given: str, template: str | None, deal: str | None) -> Phrase:
    code = deal or template
    if code is None:
        return phrase("{given}: several currencies have the sign {sign}, so write the code", given=given, sign=sign)
    if deal is None or template is None or deal == template:
        return phrase(
            "{given}: {sign} is not a sign of {currency}: write the code", given=given, sign=sign, currency=code
        )
    return phrase(
        "{given}: {sign} is a sign neither of {deal}, in which the deal is, nor of {template}, the template's: write the code",
        given=given,
        sign=sign,
        deal=deal,
        template=template,
    )  # fmt: skip


def _not_one(written: str, text: str) -> Phrase:
    given = repr(written[:60])
    if _BOOKKEEPING.fullmatch(text):
        return phrase("{given}: a negative amount has its minus in front, such as -5,000.00 CNY", given=given)
    return phrase("{given} is not an amount such as {examples}", given=given, examples=EXAMPLES)


def _shown(number: Decimal, currency: str) -> str:
    digits = exponent(currency)
    minor = number.scaleb(digits, _EXACT)
    if minor == minor.to_integral_value() and minor <= MAX_MINOR:
        return str(Money(minor=int(minor), currency=currency))
    return f"{number:,f} {currency}"
