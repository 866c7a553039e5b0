"""What is wrong with the value of a field, and what would be right; a personal value is never repeated."""

from dealflow.domain.process.definition import Field, FieldType, Option
from dealflow.domain.values.phrase import Phrase, counted, phrase, phrase_of
from dealflow.domain.values.refusal import Code
from dealflow.domain.values.text.visible import forbidden_character


class InvalidField(Exception):
    """One value that does not fit; becomes a Reason with its field."""

    def __init__(
        self, wrong: Phrase, right: Phrase, code: Code = Code.FIELD_INVALID, suggestion: str | None = None
    ) -> None:
        self.wrong, self.right, self.code, self.suggestion = wrong, right, code, suggestion
        super().__init__(wrong)


def shown(value: object, field: Field | None = None) -> str:
    # A refusal may end in a log or on another's screen: personal values are never repeated in it.
    if field is not None and field.personal:
        return phrase("the value given")
    text = value if isinstance(value, str) else repr(value)
    shown = text if len(text) <= 60 else text[:57] + "..."
    return shown.encode("unicode_escape").decode() if forbidden_character(shown) else shown


def example(field: Field) -> Phrase:
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
            return phrase("one of {known}", known=[choice(option) for option in field.options])
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


def invalid(value: object, field: Field) -> InvalidField:
    right = example(field)
    return InvalidField(phrase("{given} is not {right}", given=shown(value, field), right=right), right)


def fault(error: ValueError, field: Field) -> Phrase:
    """What a reader finds wrong; it repeats the value, which a personal one must not be."""
    return phrase("the value given") if field.personal else phrase_of(error)


def choice(option: Option) -> str:
    """An option as it may be given: its title, and the id behind it."""
    return phrase("{title} ({id})", title=option.title, id=option.id) if option.title else option.id


def characters(n: int) -> Phrase:
    """How long a text is."""
    return counted("{n:,} character", "{n:,} characters", n)


def at_most_characters(most: int) -> Phrase:
    """How long a text may be."""
    return counted("at most {n:,} character", "at most {n:,} characters", most)


def hidden(found: tuple[int, str]) -> Phrase:
    """What `forbidden_character` found."""
    return phrase("character {place} is {name}", place=found[0] + 1, name=found[1])
