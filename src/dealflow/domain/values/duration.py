"""Lengths of time as operations write them: `10 working days`, `139 days`, `30 seconds`."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_serializer, model_validator

from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, counted


class Unit(StrEnum):
    """What a duration counts in; a plain day is 24 elapsed hours, a working day is the calendar's."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_HOURS = "working hours"
    WORKING_DAYS = "working days"

    @property
    def is_working(self) -> bool:
        return self in (Unit.WORKING_HOURS, Unit.WORKING_DAYS)


_WRITTEN = re.compile(r"^\s*(\d{1,7})\s*(working\s+hours?|working\s+days?|seconds?|minutes?|hours?|days?)\s*$")
_ELAPSED = {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3_600, Unit.DAYS: 86_400}


class Duration(Frozen):
    """A whole number of one unit; written and stored as text such as `10 working days`."""

    count: Annotated[int, Field(ge=0, le=9_999_999)]
    unit: Unit

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = _WRITTEN.match(value)
        if not match:
            raise ValueError(f"{value!r} is not a duration such as '10 working days', '139 days', '8 hours'")
        unit = re.sub(r"\s+", " ", match[2])
        return {"count": int(match[1]), "unit": unit if unit.endswith("s") else unit + "s"}

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        unit = self.unit.value if self.count != 1 else self.unit.value.removesuffix("s")
        return f"{self.count} {unit}"

    @property
    def said(self) -> Phrase:
        """The duration as people read it."""
        match self.unit:
            case Unit.SECONDS:
                return counted("{n} second", "{n} seconds", self.count)
            case Unit.MINUTES:
                return counted("{n} minute", "{n} minutes", self.count)
            case Unit.HOURS:
                return counted("{n} hour", "{n} hours", self.count)
            case Unit.DAYS:
                return counted("{n} day", "{n} days", self.count)
            case Unit.WORKING_HOURS:
                return counted("{n} working hour", "{n} working hours", self.count)
            case Unit.WORKING_DAYS:
                return counted("{n} working day", "{n} working days", self.count)

    @property
    def elapsed(self) -> timedelta:
        """Length on the clock; ValueError for working time, which only a calendar can lay out."""
        if self.unit.is_working:
            raise ValueError(f"{self} depends on a calendar")
        return timedelta(seconds=self.count * _ELAPSED[self.unit])
