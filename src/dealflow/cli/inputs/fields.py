"""Fields of evidence and milestones as the command line gives them: `--field name=value`, `@file`, `--fields-json`."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from dealflow.cli.errors import FilesInvalid, WrongUsage
from dealflow.cli.inputs.files import UNREADABLE, read_text
from dealflow.cli.inputs.values import pairs
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.refusal import Code, refuse

_MOST_DIGITS = 1_000
# What the standard library finds wrong with JSON, word for word: they are what the catalogues translate.
_JSON_FAULTS = (
    phrase("Expecting value"),
    phrase("Expecting ',' delimiter"),
    phrase("Expecting ':' delimiter"),
    phrase("Expecting property name enclosed in double quotes"),
    phrase("Illegal trailing comma before end of object"),
    phrase("Illegal trailing comma before end of array"),
    phrase("Unterminated string starting at"),
    phrase("Invalid control character at"),
    phrase("Extra data"),
)


def fields(written: Iterable[str] | None, as_json: str | None) -> dict[str, Any]:
    """All fields by name, values as given; what they must be is for the template to say."""
    whole = _object(as_json) if as_json is not None else {}
    for name, value in pairs(written, "--field").items():
        if name in whole:
            raise WrongUsage(phrase("the field {name} is given by --field and in --fields-json", name=name))
        whole[name] = _value(name, value)
    return whole


def _value(name: str, written: str) -> str:
    if written.startswith("@@"):
        return written[1:]
    return _content(name, written[1:]) if written.startswith("@") and len(written) > 1 else written


def _content(place: str, file: str) -> str:
    """The text of a file that a field names. What is no file may be a value that begins with @: it is not repeated."""
    try:
        return read_text(Path(file))
    except FilesInvalid as error:
        if error.problems[0].rule != UNREADABLE:
            raise
        wrong = phrase("it names a file by @, and {message}", message=error.problems[0].message)
        right = phrase("the name of a text file behind @, or @@ for a text that begins with @")
        raise refuse(Code.FIELD_INVALID, place, field=place, wrong=wrong, right=right) from error


def _object(written: str) -> dict[str, Any]:
    text = _content("--fields-json", written[1:]) if written.startswith("@") else written
    try:
        # Numbers stay as they were written: a float would change an amount.
        read = json.loads(
            text, parse_float=Decimal, parse_int=_whole, parse_constant=_not_a_number, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        wrong = phrase(
            "--fields-json is not JSON: {wrong}, line {line}, column {column}",
            wrong=Phrase(error.msg, {}),
            line=error.lineno,
            column=error.colno,
        )
        raise WrongUsage(wrong) from error
    except RecursionError as error:
        raise WrongUsage(phrase("--fields-json is nested too deeply")) from error
    if not isinstance(read, dict):
        raise WrongUsage(phrase("--fields-json must be an object such as {example}", example='{"with": "decider"}'))
    return read


def _whole(written: str) -> int | Decimal:
    # Python reads no int of more digits than its own limit; the field says what is wrong with so many.
    return int(written) if len(written) <= _MOST_DIGITS else Decimal(written)


def _once(items: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(items)
    if len(read) != len(items):
        names = [name for name, _ in items]
        twice = next(name for name in names if names.count(name) > 1)
        raise WrongUsage(phrase("--fields-json names {name} twice", name=repr(twice)))
    return read


def _not_a_number(written: str) -> None:
    raise WrongUsage(phrase("--fields-json: {given} is not a number", given=written))
