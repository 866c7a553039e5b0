"""Who acts, and with whose rights."""

from dealflow.domain.people.rights import RightsAct
from dealflow.domain.values.frozen import Frozen


class ByToken(Frozen):
    """The token that somebody came by; `only` are the acts that it is good for, empty: all that its person may do."""

    id: str
    only: tuple[RightsAct, ...] = ()


class Who(Frozen):
    """The person who acts, and the one whose rights are used; ids of people.yaml, or an operating-system user.

    `by`: the token that the actor was known by, where it was one.
    """

    actor: str
    on_behalf_of: str | None = None
    by: ByToken | None = None

    @property
    def person(self) -> str:
        """Whose rights count."""
        return self.on_behalf_of or self.actor

    @property
    def token(self) -> str | None:
        """The id of the token that the actor came by."""
        return self.by.id if self.by else None

    def lets(self, act: RightsAct) -> bool:
        """Whether the way in which the actor came is good for this act; what the person may do is another question."""
        return self.by is None or not self.by.only or act in self.by.only
