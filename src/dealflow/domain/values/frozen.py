"""The one base of every value that is stored or read from a file: frozen, and strict about unknown keys."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value; unknown keys are refused so that a misspelling never passes in silence.

    What a value should have been is never told with the value itself, which may be personal.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, ser_json_timedelta="iso8601", defer_build=True
    )
