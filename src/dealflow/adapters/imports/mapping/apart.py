"""A part of a mapping that is read by itself: the schema of the whole has its keys."""

from typing import Any, Literal

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

TEXT: dict[str, Any] = {"type": "string"}


def object_of(values: dict[str, Any]) -> dict[str, Any]:
    """The schema of names that the file makes up."""
    return {"type": "object", "additionalProperties": values}


class Apart:
    """A part with keys of its own, in one of several forms: the schema has them, the content is read by itself."""

    def __init__(
        self, part: type[BaseModel], form: Literal["one", "list", "by value", "by name", "by name alone", "or text"]
    ) -> None:
        self.part, self.form = part, form

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> CoreSchema:
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        self.part.model_rebuild()
        one = handler(self.part.__pydantic_core_schema__)
        match self.form:
            case "one":
                return one
            case "list":
                return {"type": "array", "items": one}
            case "by value":
                return object_of({"anyOf": [one, {"type": "array", "items": one}]})
            case "by name alone":
                return object_of(one)
            case "by name":
                return object_of({"anyOf": [TEXT, one]})
            case "or text":
                return {"anyOf": [TEXT, one, {"type": "array", "items": {"anyOf": [TEXT, one]}}]}
