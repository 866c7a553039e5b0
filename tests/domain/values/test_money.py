"""Money is kept in whole minor units of its currency."""

import pytest

from dealflow.domain.values.money import Money, exponent


def test_a_stored_amount_is_read_whatever_its_currency() -> None:
    assert Money(minor=5, currency="QQQ").currency == "QQQ"


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 0), ("CNY", 2), ("KWD", 3), ("CLF", 4)])
def test_the_smallest_unit_is_the_currencys(currency: str, digits: int) -> None:
    assert exponent(currency) == digits
