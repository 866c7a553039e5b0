"""The commands to tokens, each with its fields. Only the shape is checked here."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from dealflow.domain.people.actor import Who
from dealflow.domain.people.rights import RightsAct
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.ids import MAX_COMMAND_ID


class CreateToken(Frozen):
    """A new token for a person. It lasts so long, or until then, else the usual time; `endless`: until it is revoked.

    `only`: the acts that it is good for; empty: all that the person may do.
    """

    act: Literal["create_token"] = "create_token"
    person: str
    label: str = ""
    only: tuple[RightsAct, ...] = ()
    lasts: Duration | None = None
    until: AwareDatetime | None = None
    endless: bool = False


class RevokeToken(Frozen):
    """The token is good for nothing any more."""

    act: Literal["revoke_token"] = "revoke_token"
    token_id: str
    reason: str


TokenCommand = Annotated[CreateToken | RevokeToken, Field(discriminator="act")]


class TokenEnvelope(Frozen):
    """One command to one token, under an id: sent twice it has one effect."""

    command_id: Annotated[str, Field(min_length=1, max_length=MAX_COMMAND_ID)]
    who: Who
    commands: tuple[TokenCommand]
