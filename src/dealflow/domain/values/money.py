"""Exact money: a whole number of minor units with its currency."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from dealflow.domain.values.currencies import is_currency, nearest_currency
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import phrase

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
            phrase("{given} is not a currency of ISO 4217 (did you mean {near}?)", given=code, near=near)
            if near
            else phrase("{given} is not a currency of ISO 4217", given=code)
        )
