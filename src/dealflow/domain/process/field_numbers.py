"""How the amounts and numbers of a field are read, each in the one form that is stored."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from dealflow.domain.process.definition import Field
from dealflow.domain.process.field_faults import InvalidField, example, fault, invalid, shown
from dealflow.domain.process.field_texts import MAX_DIGITS, text_or_number
from dealflow.domain.process.manner import Manner
from dealflow.domain.values.money import MAX_MINOR, Money, must_be_currency
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.domain.values.written.amount import read_amount
from dealflow.domain.values.written.digits import DecimalMark
from dealflow.domain.values.written.number import read_number


def read_money(value: object, field: Field, manner: Manner) -> Money:
    """An amount greater than nought, unless the field's `at_least` allows less."""
    if isinstance(value, Mapping):
        money = _of_parts(value, field)
    elif isinstance(value, Money):
        money = value
    else:
        try:
            text, mark = text_or_number(value, field), _mark(value, manner)
            money = read_amount(text, manner.currency, manner.deal_currency, mark=mark)
        except ValueError as error:
            raise InvalidField(fault(error, field), example(field)) from error
    for bound in (field.at_least, field.at_most):
        if isinstance(bound, Money) and bound.currency != money.currency:
            given = shown(str(money), field)
            wrong = phrase("{given} cannot be compared with {bound}", given=given, bound=str(bound))
            raise InvalidField(wrong, phrase("an amount in {currency}", currency=bound.currency))
    if field.at_least is None and money.minor <= 0:
        wrong = phrase("{given} is not more than nothing", given=shown(str(money), field))
        raise InvalidField(wrong, phrase("an amount of more than nothing"))
    _within(money.minor, field, lambda minor: str(Money(minor=minor, currency=money.currency)))
    return money


def read_integer(value: object, field: Field, manner: Manner) -> int:
    """A whole number."""
    number = _number(value, field, manner, is_whole=True)
    if number != number.to_integral_value():
        raise invalid(value, field)
    if abs(number) > MAX_MINOR:
        raise InvalidField(phrase("the number is too large"), phrase("at most {most}", most=f"{MAX_MINOR:,}"))
    _within(int(number), field)
    return int(number)


def read_decimal(value: object, field: Field, manner: Manner) -> str:
    """A number with its decimals, as text."""
    number = _number(value, field, manner, is_whole=False)
    _within(number, field)
    # Not normalize(): it would round to the context's 28 digits.
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if number == 0 else text


def _number(value: object, field: Field, manner: Manner, *, is_whole: bool) -> Decimal:
    text = text_or_number(value, field)
    if len(text) > 2 * MAX_DIGITS:
        right = phrase("at most {most} digits before and after the point", most=MAX_DIGITS)
        raise InvalidField(phrase("the number has too many digits"), right)
    try:
        number = read_number(text, _mark(value, manner), is_whole=is_whole)
    except ValueError as error:
        raise InvalidField(fault(error, field), example(field)) from error
    if number is None:
        raise invalid(value, field)
    return number


def _mark(value: object, manner: Manner) -> DecimalMark | None:
    # A number that is no text was written by a program, with a point.
    return manner.mark if isinstance(value, str) else "point"


def _of_parts(value: Mapping[object, object], field: Field) -> Money:
    minor, code = value.get("minor"), value.get("currency")
    if set(value) != {"minor", "currency"} or not isinstance(minor, int) or isinstance(minor, bool):
        raise invalid(dict(value), field)
    if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{3}", code) or abs(minor) > MAX_MINOR:
        raise invalid(dict(value), field)
    try:
        must_be_currency(code)
    except ValueError as error:
        raise InvalidField(phrase_of(error), example(field)) from error
    return Money(minor=minor, currency=code)


def _within(value: int | Decimal, field: Field, show: Callable[[int], str] = str) -> None:
    lower, upper = (bound.minor if isinstance(bound, Money) else bound for bound in (field.at_least, field.at_most))
    if lower is not None and value < lower:
        least = show(lower)
        raise InvalidField(phrase("less than {least}", least=least), phrase("at least {least}", least=least))
    if upper is not None and value > upper:
        most = show(upper)
        raise InvalidField(phrase("more than {most}", most=most), phrase("at most {most}", most=most))
