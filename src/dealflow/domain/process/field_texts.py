"""How texts, choices and names of a field are read, each in the one form that is stored."""

import re
from decimal import Decimal

from dealflow.domain.process.definition import Field
from dealflow.domain.process.field_faults import (
    InvalidField,
    at_most_characters,
    characters,
    choice,
    example,
    hidden,
    invalid,
    shown,
)
from dealflow.domain.values.phrase import counted, phrase
from dealflow.domain.values.refusal import Code
from dealflow.domain.values.suggest import nearest
from dealflow.domain.values.text.spelling import normal_name
from dealflow.domain.values.text.visible import forbidden_character, visible_length

MAX_TEXT = 100_000
MAX_DIGITS = 30
_MAX_BITS = 128
_MAX_PERSON = 200
_MAX_EMAIL = 254
_MAX_URL = 2_000
_PHONE_DIGITS = range(5, 21)
_EMAIL = re.compile(r"^[^@\s<>,;]{1,64}@[^@\s<>,;.]+(?:\.[^@\s<>,;.]+)+$")
_URL = re.compile(r"^https?://[^\s/?#@]+(?:[/?#]\S*)?$", re.IGNORECASE)
_PHONE = re.compile(r"^\+?[\d\s().\-/]+(?:\s*(?:x|ext\.?|转)\s*\d{1,6})?$", re.ASCII | re.IGNORECASE)
_EXTENSION = re.compile(r"(?:x|ext\.?|转).*$", re.IGNORECASE)
_YES, _NO = {"true", "yes"}, {"false", "no"}


def text_of(value: object, field: Field) -> str:
    if not isinstance(value, str):
        raise invalid(value, field)
    found = forbidden_character(value.strip())
    if found:
        raise InvalidField(hidden(found), phrase("text without it"), Code.TEXT_INVALID)
    return value.strip()


def text_or_number(value: object, field: Field) -> str:
    """Numbers of JSON as text, exactly as they were written; a boolean is no number."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        digits = value.adjusted() if isinstance(value, Decimal) and value.is_finite() else 0
        if abs(digits) > MAX_DIGITS or (isinstance(value, int) and value.bit_length() > _MAX_BITS):
            raise InvalidField(phrase("the number is too large or too small"), example(field))
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    if isinstance(value, float):
        # repr gives the shortest text that is this number, which is the one that stood in the JSON.
        written = Decimal(repr(value))
        if not written.is_finite() or abs(written.adjusted()) > MAX_DIGITS:
            raise invalid(value, field)
        return format(written, "f").removesuffix(".0")
    return text_of(value, field)


def read_text(value: object, field: Field) -> str:
    if not isinstance(value, str):
        raise invalid(value, field)
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    most = MAX_TEXT if field.max_length is None else min(field.max_length, MAX_TEXT)
    if len(text) > most:
        raise InvalidField(characters(len(text)), at_most_characters(most), Code.TEXT_INVALID)
    least = field.min_length or 0
    if (length := visible_length(text)) < least:
        right = counted("at least {n:,} character", "at least {n:,} characters", least)
        raise InvalidField(characters(length), right)
    if found := forbidden_character(text):
        raise InvalidField(hidden(found), phrase("text without it"), Code.TEXT_INVALID)
    return text


def read_boolean(value: object, field: Field) -> bool:
    if isinstance(value, bool):
        return value
    word = text_of(value, field).lower()
    if word not in _YES | _NO:
        raise invalid(value, field)
    return word in _YES


def read_one_of(value: object, field: Field) -> str:
    word = text_of(value, field)
    if word in field.option_ids:
        return word
    given = normal_name(word).casefold()
    meant = [option for option in field.options if given in option.names]
    if len(meant) == 1:
        return meant[0].id
    if meant:
        wrong = phrase("{given} fits {n} options", given=shown(value, field), n=len(meant))
        raise InvalidField(wrong, phrase("one of {known}", known=[choice(option) for option in meant]))
    # What is nearest to a personal value would tell of it.
    titles = (title for option in field.options for title in option.title.values())
    near = None if field.personal else nearest(word, (*field.option_ids, *titles))
    raise InvalidField(
        phrase("{given} is not an option", given=shown(value, field)), example(field), suggestion=near
    )  # fmt: skip


def read_person(value: object, field: Field) -> str:
    word = normal_name(text_of(value, field))
    if len(word) > _MAX_PERSON or "\n" in word or "\t" in word:
        raise invalid(value, field)
    return word


def read_phone(value: object, field: Field) -> str:
    word = text_or_number(value, field)
    digits = sum(char.isdigit() for char in _EXTENSION.sub("", word))
    if not _PHONE.match(word) or digits not in _PHONE_DIGITS:
        raise invalid(value, field)
    return word


def read_email(value: object, field: Field) -> str:
    word = text_of(value, field)
    if len(word) > _MAX_EMAIL or not _EMAIL.match(word):
        raise invalid(value, field)
    return word


def read_url(value: object, field: Field) -> str:
    word = text_of(value, field)
    if len(word) > _MAX_URL or not _URL.match(word):
        raise invalid(value, field)
    return word
