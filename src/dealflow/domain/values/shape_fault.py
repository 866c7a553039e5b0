"""What pydantic finds wrong with a value, as a phrase; pydantic itself speaks English only."""

from collections.abc import Mapping
from typing import Any

from dealflow.domain.values.phrase import Phrase, counted, phrase


def shape_fault(fault: Mapping[str, Any]) -> Phrase:
    """The phrase of one of a ValidationError's faults: by its type, else as our own check or pydantic says it."""
    limits = fault.get("ctx", {})
    match fault.get("type"):
        case "value_error":
            first = limits["error"].args[0] if limits.get("error") and limits["error"].args else ""
            return first if isinstance(first, Phrase) else _as_it_stands(str(first))
        case "greater_than":
            return phrase("input should be greater than {least}", least=limits["gt"])
        case "greater_than_equal":
            return phrase("input should be greater than or equal to {least}", least=limits["ge"])
        case "less_than":
            return phrase("input should be less than {most}", most=limits["lt"])
        case "less_than_equal":
            return phrase("input should be less than or equal to {most}", most=limits["le"])
        case "literal_error" | "enum":
            return phrase("input should be one of {expected}", expected=_alternatives(limits["expected"]))
        case "string_too_short":
            least = limits["min_length"]
            return counted(
                "input should have at least {n} character", "input should have at least {n} characters", least
            )
        case "string_too_long":
            most = limits["max_length"]
            return counted("input should have at most {n} character", "input should have at most {n} characters", most)
        case "string_pattern_mismatch":
            return phrase("input should match the pattern {pattern}", pattern=limits["pattern"])
        case "int_type" | "int_parsing" | "int_from_float":
            return phrase("input should be a whole number")
        case "float_type" | "float_parsing" | "decimal_type" | "decimal_parsing":
            return phrase("input should be a number")
        case "bool_type" | "bool_parsing":
            return phrase("input should be true or false")
        case "string_type":
            return phrase("input should be a text")
        case "missing":
            return phrase("a value is required")
        case "extra_forbidden":
            return phrase("there is no such field")
    return _as_it_stands(fault["msg"])


def _alternatives(written: str) -> list[str]:
    """Pydantic writes 'a', 'b' or 'c'."""
    return written.replace(" or ", ", ").split(", ")


def _as_it_stands(said: str) -> Phrase:
    return Phrase(said[:1].lower() + said[1:], {})
