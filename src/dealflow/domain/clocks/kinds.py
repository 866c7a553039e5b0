"""The kinds of clocks, one row each: what starts it, what begins its next episode, what names it, and where its limit stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal, cast

from dealflow.domain.process.definition import ClockLimit, ClockName, ProcessDefinition


class Moment(Enum):
    """What happens to a deal that a clock may start or begin again by."""

    ENTRY = auto()  # the deal enters a stage
    DECISION = auto()  # a person decides on the clock's stall, and the deal stays or moves back
    GATE_LOST = auto()  # a gate is lost that was met while the deadline passed


# What the name of a clock's stall holds beside deal, opening, clock and episode.
Part = Literal["visit"]


@dataclass(frozen=True, slots=True)
class ClockKind:
    """One kind. A clock that is named by a visit ends with the visit; every clock ends with the deal's life."""

    name: ClockName
    starts: frozenset[Moment]
    resets: frozenset[Moment]
    named_by: tuple[Part, ...]
    limit: Callable[[ProcessDefinition, str], ClockLimit | None]  # of a deal in this stage


def _limit_of_stage(clock: ClockName) -> Callable[[ProcessDefinition, str], ClockLimit | None]:
    """The limit stands under `clocks` of the stage that the deal is in; a stage without it has no such clock."""

    def limit(process: ProcessDefinition, stage: str) -> ClockLimit | None:
        return process.stage(stage).clocks.get(clock) if stage in process.stage_index else None

    return limit


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
    )
}


def kind_of(clock: str) -> ClockKind:
    """The kind of a clock that is on record; KeyError for one that only a later version knows."""
    return KINDS[cast("ClockName", clock)]
