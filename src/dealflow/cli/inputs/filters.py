"""What `deal list` is given: which deals are asked for."""

from dataclasses import dataclass

from dealflow.application.reading.board import DealQuery
from dealflow.cli.errors import WrongUsage
from dealflow.domain.deal.state import Outcome
from dealflow.domain.values.phrase import phrase

_OUTCOMES = tuple(outcome.value for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class WrittenFilter:
    """Which deals are asked for, as written."""

    stage: str | None
    position: str | None
    owner: str | None
    director: str | None
    process: str | None
    customer: str | None
    outcome: str | None
    stalled: bool
    proof_lost: bool
    set_aside: bool
    gap: int | None
    ever: bool
    closed: bool
    everything: bool

    def wanted(self, limit: int | None, after: str | None) -> DealQuery:
        """The question to the board; an outcome that is named decides by itself which lives are meant.

        So does asking who ever had a gap: most deals that had one have ended. And so do lost proofs, and evidence that is set
        aside: a closed deal may have been won on one.
        """
        if self.outcome is not None and self.outcome not in _OUTCOMES:
            raise WrongUsage(
                phrase("--outcome '{given}' is not known; one of {known}", given=self.outcome, known=_OUTCOMES)
            )
        if self.gap == 0:
            raise WrongUsage(phrase("--gap 0 is no gap; give 1 or more (ahead), or -1 or less (behind)"))
        either = self.everything or self.outcome is not None or self.ever or self.proof_lost or self.set_aside
        return DealQuery(
            stage=self.stage,
            position=self.position,
            owner=self.owner,
            director=self.director,
            process=self.process,
            customer=self.customer,
            outcome=Outcome(self.outcome) if self.outcome is not None else None,
            in_progress=False if self.closed else None if either else True,
            stalled=True if self.stalled else None,
            proof_lost=True if self.proof_lost else None,
            set_aside=True if self.set_aside else None,
            gap=self.gap,
            ever=self.ever,
            limit=limit,
            after=after,
        )
