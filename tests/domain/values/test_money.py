"""Amounts are exact, and in a currency that there is."""

import pytest

from dealflow.domain.values.currencies import CURRENT, WITHDRAWN
from dealflow.domain.values.money import Money, exponent, parse_money


@pytest.mark.parametrize(
    ("written", "meant"), [("5 UDS", "USD"), ("5 CNX", "CNY"), ("5 EUO", "EUR"), ("5 PLZ", "PLN"), ("5 QQQ", None)]
)
def test_a_code_that_there_is_not_is_told_with_the_nearest(written: str, meant: str | None) -> None:
    with pytest.raises(ValueError, match="is not a currency of ISO 4217") as error:
        parse_money(written, "CNY")
    assert str(error.value).endswith(f"; did you mean {meant}?" if meant else "ISO 4217")


def test_what_was_a_currency_in_its_time_is_one() -> None:
    assert str(parse_money("1,000 hrk", None)) == "1,000.00 HRK"
    assert not CURRENT & WITHDRAWN


def test_a_stored_amount_is_read_whatever_its_currency() -> None:
    assert Money(minor=5, currency="QQQ").currency == "QQQ"


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("CNY", 2), ("KWD", 3), ("CLF", 4)])
def test_the_smallest_unit_is_the_currencys(currency: str, digits: int) -> None:
    assert exponent(currency) == digits
