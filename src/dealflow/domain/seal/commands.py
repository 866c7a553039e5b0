"""The commands about the seal, each with its fields. Only the shape is checked here."""

from typing import Annotated, Literal

from pydantic import Field

from dealflow.domain.people.actor import Who
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.ids import MAX_COMMAND_ID


class RotateSeal(Frozen):
    """Another key seals from now on, by the word of the one before."""

    act: Literal["rotate_seal"] = "rotate_seal"
    reason: str = ""


class SealAnew(Frozen):
    """The key is lost for ever: everything is sealed as it stands, by a new one."""

    act: Literal["seal_anew"] = "seal_anew"
    reason: str


class SealEnvelope(Frozen):
    """One command about the seal, under its id: sent twice it has one effect and the same answer."""

    command_id: Annotated[str, Field(min_length=1, max_length=MAX_COMMAND_ID)]
    who: Who
    commands: Annotated[tuple[RotateSeal | SealAnew, ...], Field(min_length=1, max_length=1)]
