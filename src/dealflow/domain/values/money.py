"""Exact money: a whole number of minor units with its currency."""

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import Field

from dealflow.domain.values.currencies import is_currency, nearest_currency
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import counted, phrase

# ISO 4217 minor-unit exponents that differ from two (source: ISO 4217 list one, 2026-01).
_EXPONENTS = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_WRITTEN = re.compile(r"^\s*(?P<amount>[+-]?\d[\d,]*(?:\.\d+)?)\s*(?P<currency>[A-Za-z]{3})?\s*$")
MAX_MINOR = 10**15


class Money(Frozen):
    """An amount in minor units (cents, fen; yen has none) of one ISO 4217 currency."""

    minor: Annotated[int, Field(ge=-MAX_MINOR, le=MAX_MINOR)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    def __str__(self) -> str:
        digits = exponent(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):,.{digits}f} {self.currency}"


def exponent(currency: str) -> int:
    """Number of decimal places of the currency's minor unit."""
    return _EXPONENTS.get(currency, 2)


def must_be_currency(code: str) -> None:
    """Raise ValueError, with the nearest that there is, for a code that ISO 4217 does not have."""
    if not is_currency(code):
        near = nearest_currency(code)
        raise ValueError(
            phrase("{given} is not a currency of ISO 4217; did you mean {near}?", given=code, near=near)
            if near
            else phrase("{given} is not a currency of ISO 4217", given=code)
        )


def parse_money(written: str, default_currency: str | None) -> Money:
    """Read `5,000.00 CNY` or `5000` exactly; raise ValueError saying what is wrong."""
    match = _WRITTEN.match(written)
    if not match:
        raise ValueError(phrase("{given} is not an amount such as 5000.00 CNY", given=repr(written[:60])))
    currency = (match["currency"] or default_currency or "").upper()
    if not currency:
        example = f"{written.strip()} CNY"
        raise ValueError(
            phrase("{given} names no currency, for example {example}", given=repr(written), example=example)
        )
    must_be_currency(currency)
    digits = exponent(currency)
    try:
        minor = Decimal(match["amount"].replace(",", "")).scaleb(digits)
    except InvalidOperation as error:  # pragma: no cover - the pattern lets only decimals through
        raise ValueError(phrase("{given} is not an amount", given=repr(written))) from error
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
    if abs(minor) > MAX_MINOR:
        raise ValueError(phrase("{given} is beyond what an amount can be", given=repr(written)))
    return Money(minor=int(minor), currency=currency)
