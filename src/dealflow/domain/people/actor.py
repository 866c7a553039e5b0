"""Who acts, and with whose rights."""

from dealflow.domain.values.frozen import Frozen


class Who(Frozen):
    """The person who acts, and the one whose rights are used; ids of people.yaml, or an operating-system user."""

    actor: str
    on_behalf_of: str | None = None

    @property
    def person(self) -> str:
        """Whose rights count."""
        return self.on_behalf_of or self.actor
