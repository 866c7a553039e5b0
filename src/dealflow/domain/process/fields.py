"""What a person or an import gave, checked against typed fields and brought into the one form that is stored."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from dealflow.domain.process.definition import Field, FieldType, Option
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.money import MAX_MINOR, Money, must_be_currency
from dealflow.domain.values.phrase import Phrase, counted, phrase, phrase_of
from dealflow.domain.values.refusal import Code, CommandRefused, Reason
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_name
from dealflow.domain.values.text.visible import forbidden_character, is_text, visible_length
from dealflow.domain.values.written.amount import read_amount

MAX_TEXT = 100_000
_MAX_DIGITS = 30
_MAX_BITS = 128
_MAX_PERSON = 200
_MAX_EMAIL = 254
_MAX_URL = 2_000
_PHONE_DIGITS = range(5, 21)
_INTEGER = re.compile(r"^[+-]?(?:\d{1,16}|\d{1,3}(?:,\d{3})+)$", re.ASCII)
_NUMBER = re.compile(r"^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$", re.ASCII)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_EMAIL = re.compile(r"^[^@\s<>,;]{1,64}@[^@\s<>,;.]+(?:\.[^@\s<>,;.]+)+$")
_URL = re.compile(r"^https?://[^\s/?#@]+(?:[/?#]\S*)?$", re.IGNORECASE)
_PHONE = re.compile(r"^\+?[\d\s().\-/]+(?:\s*(?:x|ext\.?|转)\s*\d{1,6})?$", re.ASCII | re.IGNORECASE)
_EXTENSION = re.compile(r"(?:x|ext\.?|转).*$", re.IGNORECASE)
_YES, _NO = {"true", "yes"}, {"false", "no"}


class _Invalid(Exception):
    """One value that does not fit; becomes a Reason with its field."""

    def __init__(
        self, wrong: Phrase, right: Phrase, code: Code = Code.FIELD_INVALID, suggestion: str | None = None
    ) -> None:
        self.wrong, self.right, self.code, self.suggestion = wrong, right, code, suggestion
        super().__init__(wrong)


def check_fields(
    spec: Mapping[str, Field], given: Mapping[str, object], *, currency: str, place: str
) -> dict[str, FieldValue]:
    """Every given value in its stored form; raise one CommandRefused with every reason found.

    `currency` is that of an amount which names none; `place` (a kind or a milestone) stands before the field's name.
    """
    stored: dict[str, FieldValue] = {}
    reasons = [
        Reason(
            code=Code.UNKNOWN_FIELD,
            place=_at(place, _shown(name)),
            data={"field": _shown(name), "known": sorted(spec)},
            suggestion=nearest(str(name), spec),
        )
        for name in given
        if name not in spec
    ]
    for name, field in spec.items():
        value = given.get(name)
        if value is None or (isinstance(value, str) and not is_text(value)):
            if field.required:
                data = {"field": name, "type": field.type.value, "right": _example(field)}
                reasons.append(Reason(code=Code.FIELD_MISSING, place=_at(place, name), data=data))
            continue
        try:
            stored[name] = _READERS[field.type](value, field, currency)
        except _Invalid as bad:
            data = {"field": name, "type": field.type.value, "wrong": bad.wrong, "right": bad.right}
            reasons.append(Reason(code=bad.code, place=_at(place, name), data=data, suggestion=bad.suggestion))
    if reasons:
        raise CommandRefused(*reasons)
    return stored


def characters(n: int) -> Phrase:
    """How long a text is."""
    return counted("{n:,} character", "{n:,} characters", n)


def at_most_characters(most: int) -> Phrase:
    """How long a text may be."""
    return counted("at most {n:,} character", "at most {n:,} characters", most)


def hidden(found: tuple[int, str]) -> Phrase:
    """What `forbidden_character` found."""
    return phrase("character {place} is {name}", place=found[0] + 1, name=found[1])


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _shown(value: object, field: Field | None = None) -> str:
    # A refusal may end in a log or on another's screen: personal values are never repeated in it.
    if field is not None and field.personal:
        return phrase("the value given")
    text = value if isinstance(value, str) else repr(value)
    shown = text if len(text) <= 60 else text[:57] + "..."
    return shown.encode("unicode_escape").decode() if forbidden_character(shown) else shown


def _example(field: Field) -> Phrase:
    match field.type:
        case FieldType.MONEY:
            return phrase("an amount such as 5000.00 CNY")
        case FieldType.INTEGER:
            return phrase("a whole number")
        case FieldType.NUMBER:
            return phrase("a number such as 12.5")
        case FieldType.DATE:
            return phrase("a date such as 2026-11-24")
        case FieldType.INSTANT:
            return phrase("an instant with its zone such as 2026-11-24T09:30:00+08:00")
        case FieldType.BOOLEAN:
            return phrase("true or false")
        case FieldType.ONE_OF:
            return phrase("one of {known}", known=[_choice(option) for option in field.options])
        case FieldType.PERSON:
            return phrase("a person's name or id on one line")
        case FieldType.PHONE:
            return phrase("a telephone number of 5 to 20 digits such as +86 138 0000 0000")
        case FieldType.EMAIL:
            return phrase("an address such as name@example.com")
        case FieldType.URL:
            return phrase("an address such as https://example.com/contract")
        case FieldType.TEXT:
            if not field.min_length:
                return phrase("a text")
            return counted("a text of at least {n} character", "a text of at least {n} characters", field.min_length)


def _invalid(value: object, field: Field) -> _Invalid:
    right = _example(field)
    return _Invalid(phrase("{given} is not {right}", given=_shown(value, field), right=right), right)


def _word(value: object, field: Field) -> str:
    if not isinstance(value, str):
        raise _invalid(value, field)
    found = forbidden_character(value.strip())
    if found:
        raise _Invalid(hidden(found), phrase("text without it"), Code.TEXT_INVALID)
    return value.strip()


def _written(value: object, field: Field) -> str:
    """Numbers of JSON as text, exactly as they were written; a boolean is no number."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        digits = value.adjusted() if isinstance(value, Decimal) and value.is_finite() else 0
        if abs(digits) > _MAX_DIGITS or (isinstance(value, int) and value.bit_length() > _MAX_BITS):
            raise _Invalid(phrase("the number is too large or too small"), _example(field))
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, float):
        # repr gives the shortest text that is this number, which is the one that stood in the JSON.
        written = Decimal(repr(value))
        if not written.is_finite() or abs(written.adjusted()) > _MAX_DIGITS:
            raise _invalid(value, field)
        return format(written, "f").removesuffix(".0")
    return _word(value, field)


def _within(value: int | Decimal, field: Field, show: Callable[[int], str] = str) -> None:
    lower, upper = (bound.minor if isinstance(bound, Money) else bound for bound in (field.at_least, field.at_most))
    if lower is not None and value < lower:
        least = show(lower)
        raise _Invalid(phrase("less than {least}", least=least), phrase("at least {least}", least=least))
    if upper is not None and value > upper:
        most = show(upper)
        raise _Invalid(phrase("more than {most}", most=most), phrase("at most {most}", most=most))


def _text(value: object, field: Field, _currency: str) -> str:
    if not isinstance(value, str):
        raise _invalid(value, field)
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    most = MAX_TEXT if field.max_length is None else min(field.max_length, MAX_TEXT)
    if len(text) > most:
        raise _Invalid(characters(len(text)), at_most_characters(most), Code.TEXT_INVALID)
    least = field.min_length or 0
    if (length := visible_length(text)) < least:
        right = counted("at least {n:,} character", "at least {n:,} characters", least)
        raise _Invalid(characters(length), right)
    if found := forbidden_character(text):
        raise _Invalid(hidden(found), phrase("text without it"), Code.TEXT_INVALID)
    return text


def _money(value: object, field: Field, currency: str) -> Money:
    if isinstance(value, Mapping):
        minor, code = value.get("minor"), value.get("currency")
        if set(value) != {"minor", "currency"} or not isinstance(minor, int) or isinstance(minor, bool):
            raise _invalid(dict(value), field)
        if not isinstance(code, str) or not re.fullmatch(r"[A-Z]{3}", code) or abs(minor) > MAX_MINOR:
            raise _invalid(dict(value), field)
        try:
            must_be_currency(code)
        except ValueError as error:
            raise _Invalid(phrase_of(error), _example(field)) from error
        money = Money(minor=minor, currency=code)
    elif isinstance(value, Money):
        money = value
    else:
        try:
            money = read_amount(
                _written(value, field), currency, mark=None if isinstance(value, str) else "point"
            ).money
        except ValueError as error:
            raise _Invalid(
                phrase("the value given") if field.personal else phrase_of(error), _example(field)
            ) from error
    for bound in (field.at_least, field.at_most):
        if isinstance(bound, Money) and bound.currency != money.currency:
            given = phrase("the value given") if field.personal else str(money)
            wrong = phrase("{given} cannot be compared with {bound}", given=given, bound=str(bound))
            raise _Invalid(wrong, phrase("an amount in {currency}", currency=bound.currency))
    _within(money.minor, field, lambda minor: str(Money(minor=minor, currency=money.currency)))
    return money


def _integer(value: object, field: Field, _currency: str) -> int:
    written = _written(value, field)
    if not _INTEGER.match(written):
        raise _invalid(value, field)
    number = int(written.replace(",", ""))
    if abs(number) > MAX_MINOR:
        raise _Invalid(phrase("the number is too large"), phrase("at most {most}", most=f"{MAX_MINOR:,}"))
    _within(number, field)
    return number


def _number(value: object, field: Field, _currency: str) -> str:
    written = _written(value, field)
    if not _NUMBER.match(written):
        raise _invalid(value, field)
    if len(written) > 2 * _MAX_DIGITS:
        right = phrase("at most {most} digits before and after the point", most=_MAX_DIGITS)
        raise _Invalid(phrase("the number has too many digits"), right)
    number = Decimal(written.replace(",", ""))
    _within(number, field)
    # Not normalize(): it would round to the context's 28 digits.
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if number == 0 else text


def _boolean(value: object, field: Field, _currency: str) -> bool:
    if isinstance(value, bool):
        return value
    word = _word(value, field).lower()
    if word not in _YES | _NO:
        raise _invalid(value, field)
    return word in _YES


def _date(value: object, field: Field, _currency: str) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    word = _word(value, field)
    if not _DATE.match(word):
        raise _invalid(value, field)
    try:
        return date.fromisoformat(word).isoformat()
    except ValueError as error:
        wrong = phrase("{given} is no day of the calendar", given=_shown(word, field))
        raise _Invalid(wrong, _example(field)) from error


def _instant(value: object, field: Field, _currency: str) -> str:
    instant = value if isinstance(value, datetime) else None
    if instant is None:
        word = _word(value, field)
        try:
            instant = datetime.fromisoformat(word)
        except ValueError as error:
            raise _invalid(value, field) from error
    if instant.tzinfo is None:
        wrong = phrase("{given} names no zone", given=_shown(value, field))
        raise _Invalid(wrong, _example(field), Code.TIME_WITHOUT_ZONE)
    try:
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError as error:
        raise _invalid(value, field) from error


def _one_of(value: object, field: Field, _currency: str) -> str:
    word = _word(value, field)
    if word in field.option_ids:
        return word
    given = normal_name(word).casefold()
    meant = [option for option in field.options if given in _names(option)]
    if len(meant) == 1:
        return meant[0].id
    if meant:
        wrong = phrase("{given} fits {n} options", given=_shown(value, field), n=len(meant))
        raise _Invalid(wrong, phrase("one of {known}", known=[_choice(option) for option in meant]))
    near = nearest(word, (*field.option_ids, *(title for option in field.options for title in option.title.values())))
    raise _Invalid(
        phrase("{given} is not an option", given=_shown(value, field)), _example(field), suggestion=near
    )  # fmt: skip


def _names(option: Option) -> set[str]:
    return {normal_name(name).casefold() for name in (option.id, *option.title.values())}


def _choice(option: Option) -> str:
    """An option as it may be given: its title, and the id behind it."""
    return phrase("{title} ({id})", title=option.title, id=option.id) if option.title else option.id


def _person(value: object, field: Field, _currency: str) -> str:
    word = normal_name(_word(value, field))
    if len(word) > _MAX_PERSON or "\n" in word or "\t" in word:
        raise _invalid(value, field)
    return word


def _phone(value: object, field: Field, _currency: str) -> str:
    word = _written(value, field)
    digits = sum(char.isdigit() for char in _EXTENSION.sub("", word))
    if not _PHONE.match(word) or digits not in _PHONE_DIGITS:
        raise _invalid(value, field)
    return word


def _email(value: object, field: Field, _currency: str) -> str:
    word = _word(value, field)
    if len(word) > _MAX_EMAIL or not _EMAIL.match(word):
        raise _invalid(value, field)
    return word


def _url(value: object, field: Field, _currency: str) -> str:
    word = _word(value, field)
    if len(word) > _MAX_URL or not _URL.match(word):
        raise _invalid(value, field)
    return word


_READERS: dict[FieldType, Callable[[object, Field, str], FieldValue]] = {
    FieldType.TEXT: _text,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _date,
    FieldType.INSTANT: _instant,
    FieldType.BOOLEAN: _boolean,
    FieldType.ONE_OF: _one_of,
    FieldType.PERSON: _person,
    FieldType.PHONE: _phone,
    FieldType.EMAIL: _email,
    FieldType.URL: _url,
}
