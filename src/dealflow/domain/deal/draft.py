"""The facts of one decision. Each is folded into the deal at once, so that the next is decided on the deal with it."""

from datetime import datetime

from dealflow.domain.deal.context import Context
from dealflow.domain.deal.events import Fact, Stamp
from dealflow.domain.deal.evolve import NOTHING_BEHIND, Behind, evolve
from dealflow.domain.deal.state import Deal
from dealflow.domain.values.refusal import Code, refuse

# What stands in a stamp before the append gives it the ids of its command.
UNRECORDED = "draft"


class Draft:
    """A decision in progress. Its facts are recorded at the instant of the first context; a replay then sets other contexts."""

    def __init__(self, deal: Deal | None, deal_id: str, context: Context, behind: Behind = NOTHING_BEHIND) -> None:
        """`behind` is what the stream has where there is no deal."""
        self.deal_id = deal_id
        self.behind = behind
        self.context = context
        self.facts: list[Fact] = []
        self._deal, self._recorded_at = deal, context.at

    @property
    def opened(self) -> bool:
        """Whether there is a deal yet."""
        return self._deal is not None

    @property
    def deal(self) -> Deal:
        """The deal with the facts so far; a refusal when it has not been opened."""
        if self._deal is None:
            raise refuse(Code.UNKNOWN_DEAL, self.deal_id)
        return self._deal

    @property
    def at(self) -> datetime:
        """The instant of the decision."""
        return self.context.at

    def add(self, *facts: Fact) -> None:
        """Put these facts on the draft, one after the other."""
        for fact in facts:
            stamp = Stamp(
                version=(self._deal.version if self._deal else self.behind.version) + 1,
                recorded_at=self._recorded_at,
                actor=self.context.who.actor,
                on_behalf_of=self.context.who.on_behalf_of,
                command_id=UNRECORDED,
                correlation_id=UNRECORDED,
                cause=UNRECORDED,
                token=self.context.who.token,
            )
            self._deal = evolve(self._deal, fact, stamp)
            self.facts.append(fact)
