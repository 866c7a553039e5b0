"""Events of tokens. What opens nothing stands in them: of the token itself only a digest."""

from typing import ClassVar

from pydantic import AwareDatetime

from dealflow.domain.deal.events.fact import Fact
from dealflow.domain.people.rights import RightsAct


class TokenCreated(Fact):
    """The person has a token; `only`: the acts that it is good for, where it is not for all that they may do."""

    topic: ClassVar[str] = "token.created.v1"
    token_id: str
    person: str
    label: str
    digest: str
    only: tuple[RightsAct, ...] = ()
    expires_at: AwareDatetime | None = None


class TokenRevoked(Fact):
    """The token is good for nothing any more."""

    topic: ClassVar[str] = "token.revoked.v1"
    token_id: str
    person: str
    reason: str
