"""What Typer finds wrong with a command line, as phrases; Typer itself speaks English only."""

import re
from typing import Any

import typer

from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.suggest import nearest

_MAY_BE_PERSONAL = {"field", "fields_json", "customer"}
_EXTRA = re.compile(r"^Got unexpected extra argument\(s\) \((?P<words>.*)\)$", re.DOTALL)
_NO_COMMAND = re.compile(r"^No such command (?P<name>.*?)\.(?: Did you mean (?P<near>.*)\?)?$", re.DOTALL)


def usage_fault(error: typer.TyperException) -> Phrase:
    """The fault that Typer raised, with what would be right where Typer knows it."""
    match type(error).__name__:
        case "NoSuchOption":
            return _no_option(error)
        case "MissingParameter":
            name, is_option = _parameter(error), getattr(error.param, "param_type_name", "") == "option"  # type: ignore[attr-defined]
            return (
                phrase("Missing option {name}.", name=name)
                if is_option
                else phrase("Missing argument {name}.", name=name)
            )
        case "BadParameter":
            return phrase("Invalid value for {name}: {wrong}", name=_parameter(error), wrong=_wrong(error))
        case "BadOptionUsage":
            return _option_misused(error)
    return _other(error)


def _no_option(error: Any) -> Phrase:
    # Compared without the dashes: what all of them share would make any two alike.
    possible = {option.lstrip("-"): option for option in error.possibilities or ()}
    near = nearest(error.option_name.lstrip("-"), possible)
    if near:
        return phrase("No such option: {option}; did you mean {near}?", option=error.option_name, near=possible[near])
    return phrase("No such option: {option}", option=error.option_name)


def _option_misused(error: Any) -> Phrase:
    name = repr(error.option_name)
    if error.message.endswith("does not take a value."):
        return phrase("Option {name} does not take a value.", name=name)
    return phrase("Option {name} requires an argument.", name=name)


def _other(error: typer.TyperException) -> Phrase:
    message = error.format_message().strip()
    if found := _EXTRA.match(message):
        if _takes_personal(error):
            return phrase("There are more arguments than this command takes; put quotes around what has blanks in it.")
        return phrase("Got unexpected extra argument(s) ({words})", words=found["words"])
    if found := _NO_COMMAND.match(message):
        from dealflow.domain.customer.commands import names_external_id

        name, near = found["name"], found["near"]
        if names_external_id(name.strip("'")):
            # A command was forgotten, and the id of a person in another system is repeated by no message.
            return phrase("No such command; what stands there is an id of another system.")
        if near:
            return phrase("No such command {name}. Did you mean {near}?", name=name, near=near.split(", "))
        return phrase("No such command {name}.", name=name)
    return Phrase(message, {})


def _takes_personal(error: typer.TyperException) -> bool:
    """Whether what stands too much may be a part of a personal value, whose quotes or whose option were forgotten."""
    context = getattr(error, "ctx", None)
    names = {parameter.name for parameter in context.command.params} if context else set()
    return not names.isdisjoint(_MAY_BE_PERSONAL)


def _parameter(error: Any) -> str:
    return str(error.param.get_error_hint()) if error.param is not None else ""


def _wrong(error: Any) -> Phrase:
    """What pydantic, to which Typer hands a value, finds wrong with it."""
    cause = error.__cause__
    if not hasattr(cause, "errors"):
        return Phrase(error.message, {})
    from dealflow.domain.values.shape_fault import shape_fault

    return shape_fault(cause.errors()[0])
