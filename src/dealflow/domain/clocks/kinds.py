"""The table of clock kinds: what starts a clock, what begins its next episode, what its id holds, and where its limit stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, cast

from dealflow.domain.process.definition import ClockLimit, ClockName, ProcessDefinition
from dealflow.domain.values.duration import Duration


class Moment(Enum):
    """The moments at which a clock may start or begin its next episode."""

    ENTRY = auto()  # the deal enters a stage
    DECISION = auto()  # a person decides on the clock's stall, and the deal stays or moves back
    PROOF_LOST = auto()  # a proof is lost, or the deal is reopened without it
    GATE_LOST = auto()  # a gate is lost that was met when the deadline passed


# The parts of a stall's id beside deal, opening, clock and episode.
Part = Literal["visit", "node"]


@dataclass(frozen=True, slots=True)
class ClockKind:
    """One kind of clock. A clock with the visit in its name ends with the visit; every clock ends with the deal's life.

    With a node in its name there is one for each node, and the stage that its limit stands in is the node's.
    """

    name: ClockName
    starts: frozenset[Moment]
    resets: frozenset[Moment]
    named_by: tuple[Part, ...]
    limit: Callable[[ProcessDefinition, str], ClockLimit | None]  # of a deal, or a node, in this stage


def _limit_of_stage(clock: ClockName) -> Callable[[ProcessDefinition, str], ClockLimit | None]:
    """The limit stands under `clocks` of the stage that the deal is in; a stage without it has no such clock."""

    def limit(process: ProcessDefinition, stage: str) -> ClockLimit | None:
        return process.stage(stage).clocks.get(clock) if stage in process.stage_index else None

    return limit


def _limit_of_lost_proof(process: ProcessDefinition, stage: str) -> ClockLimit:
    """The same, or two working days: no template may leave a lost proof without a deadline."""
    return _limit_of_stage("proof_lost")(process, stage) or TWO_WORKING_DAYS


TWO_WORKING_DAYS = ClockLimit(limit=Duration(count=2, unit="working days"))
KINDS: Mapping[ClockName, ClockKind] = {
    kind.name: kind
    for kind in (
        ClockKind(
            name="stage_age",
            starts=frozenset({Moment.ENTRY}),
            resets=frozenset({Moment.DECISION, Moment.GATE_LOST}),
            named_by=("visit",),
            limit=_limit_of_stage("stage_age"),
        ),
        ClockKind(
            name="proof_lost",
            starts=frozenset({Moment.PROOF_LOST}),
            resets=frozenset({Moment.DECISION}),
            named_by=("node",),
            limit=_limit_of_lost_proof,
        ),
    )
}


def kind_of(clock: str) -> ClockKind:
    """The kind of a clock that is on record; KeyError for one that only a later version knows."""
    return KINDS[cast("ClockName", clock)]
