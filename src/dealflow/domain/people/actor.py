"""Who acts, and how long the ids may be that are given from outside."""

from typing import Annotated

from pydantic import Field

from dealflow.domain.values.frozen import Frozen

MAX_DEAL_ID = 120
MAX_COMMAND_ID = 200
DealId = Annotated[str, Field(pattern=r"^[^\s/\x00-\x1f][^/\x00-\x1f]*$", max_length=MAX_DEAL_ID)]


class Who(Frozen):
    """The person who acts, and the one whose rights are used; ids of people.yaml, or an operating-system user."""

    actor: str
    on_behalf_of: str | None = None

    @property
    def person(self) -> str:
        """Whose rights count."""
        return self.on_behalf_of or self.actor
