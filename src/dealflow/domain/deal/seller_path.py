"""The seller's path as the fold keeps it: what decides where the seller stands, in recorded order, each with its instant."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class EnteredStage:
    """The deal stands in this stage from `at` on.

    Only milestones recorded after version `standing_from` vouch from here on, and only those after `gate_from` count
    for a gate. None: the entry leaves both as they were.
    """

    at: datetime
    stage: str
    standing_from: int | None = None
    gate_from: int | None = None


@dataclass(frozen=True)
class VouchedFor:
    """A milestone was recorded, which vouches for its stage."""

    at: datetime
    version: int
    milestone: str
    stage: str


@dataclass(frozen=True)
class TakenBack:
    """Every record of this milestone until then was withdrawn."""

    at: datetime
    milestone: str


@dataclass(frozen=True)
class PathEnded:
    """The deal's life ended; a milestone recorded after this version vouches only once the deal is reopened."""

    at: datetime
    version: int


PathPoint = EnteredStage | VouchedFor | TakenBack | PathEnded
