"""Fields of evidence and milestones as the command line gives them: `--field name=value`, `@file`, `--fields-json`."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from dealflow.cli.errors import WrongUsage
from dealflow.cli.inputs.files import read_text
from dealflow.cli.inputs.values import pairs
from dealflow.domain.values.phrase import Phrase, phrase

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
        whole[name] = _value(value)
    return whole


def _value(written: str) -> str:
    if written.startswith("@@"):
        return written[1:]
    return read_text(Path(written[1:])) if written.startswith("@") and len(written) > 1 else written


def _object(written: str) -> dict[str, Any]:
    text = read_text(Path(written[1:])) if written.startswith("@") else written
    try:
        # Numbers stay as they were written: a float would change an amount.
        read = json.loads(text, parse_float=Decimal, parse_constant=_not_a_number, object_pairs_hook=_once)
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


def _once(items: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(items)
    if len(read) != len(items):
        names = [name for name, _ in items]
        twice = next(name for name in names if names.count(name) > 1)
        raise WrongUsage(phrase("--fields-json names {name} twice", name=repr(twice)))
    return read


def _not_a_number(written: str) -> None:
    raise WrongUsage(phrase("--fields-json: {given} is not a number", given=written))
