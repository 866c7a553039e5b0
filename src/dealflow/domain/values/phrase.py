"""A text that people read, before anybody has chosen their language: English with what it was made of."""

from collections.abc import Mapping
from typing import Any, Self

from dealflow.domain.values.language import in_language


class Phrase(str):
    """An English text that keeps its template and values, so that a catalogue can say it in another language.

    As text it is the English: logs, `--json` and tests see nothing else. `dealflow.wording.catalogue` reads the parts.
    Made by `phrase`, `phrase_in` and `counted`, whose literal arguments `make messages` puts into the catalogues.
    """

    __slots__ = ("context", "many", "message", "n", "shortens", "values")

    message: str
    context: str | None
    many: str | None
    n: int
    values: Mapping[str, object]
    shortens: bool

    def __new__(
        cls,
        message: str,
        values: Mapping[str, object],
        *,
        context: str | None = None,
        many: str | None = None,
        n: int = 1,
        english: str | None = None,
    ) -> Self:
        """The phrase, with its English made at once; a value is put in as it is and never read as a template.

        `english` is given by who has made it already, of a message that gets shorter where values are missing.
        """
        if english is None:
            template = message if many is None or n == 1 else many
            self = super().__new__(cls, template.format(**_joined(values)) if values else template)
        else:
            self = super().__new__(cls, english)
        self.message, self.context, self.many, self.n, self.values = message, context, many, n, values
        self.shortens = english is not None
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Copies and pickles are made from the parts."""
        english = str.__str__(self) if self.shortens else None
        return (self.message, self.values), {
            "context": self.context, "many": self.many, "n": self.n, "english": english,
        }  # fmt: skip

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> Any:
        """In a model: a phrase stays a phrase, and is written as its English; text that was written stays text."""
        # Imported here, for a phrase is made on the path of `--help`, which loads no pydantic.
        from pydantic_core import core_schema  # noqa: PLC0415  see above

        return core_schema.union_schema(
            [
                core_schema.is_instance_schema(cls),
                core_schema.no_info_after_validator_function(as_phrase, core_schema.str_schema()),
            ],
            mode="left_to_right",
            serialization=core_schema.plain_serializer_function_ser_schema(
                str.__str__, return_schema=core_schema.str_schema()
            ),
        )


NOTHING = Phrase("", {})


def phrase(message: str, /, **values: object) -> Phrase:
    """A text for people. `{name}` in the message is a value: text, a number, another phrase, or a sequence of these."""
    return Phrase(message, values)


def phrase_in(context: str, message: str, /, **values: object) -> Phrase:
    """The same for an English word that has several meanings: the context says which."""
    return Phrase(message, values, context=context)


def counted(one: str, many: str, n: int, /, **values: object) -> Phrase:
    """A text with a count, `{n}` in it, in the form that the number asks for."""
    return Phrase(one, {"n": n, **values}, many=many, n=n)


def as_phrase(text: str) -> Phrase:
    """The phrase itself, or a text from outside (a library, an operating system) that no catalogue knows."""
    return text if isinstance(text, Phrase) else Phrase(text, {})


def phrase_of(error: BaseException) -> Phrase:
    """The phrase that an error was raised with, or its text."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Phrase) else as_phrase(str(error))


def _joined(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _english(value) for name, value in values.items()}


def _english(value: object) -> object:
    """A list behind one another; of an operator's wording the English one, else any."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return in_language(value, "en", "") if isinstance(value, Mapping) else value
