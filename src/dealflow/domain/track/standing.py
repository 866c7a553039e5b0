"""Where the seller stands: the stage that the deal is in, or a later one that a milestone vouches for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dealflow.domain.deal.seller_path import EnteredStage, PathEnded, PathPoint, TakenBack, VouchedFor
from dealflow.domain.process.definition import ProcessDefinition


@dataclass(frozen=True, slots=True)
class SellerPlace:
    """The stage that the deal is in, the stages that milestones vouch for, and the milestones that count for a gate."""

    stage: str
    vouched: tuple[str, ...]
    counting: frozenset[str]


class _Walk:
    """A walk along a path in recorded order."""

    def __init__(self) -> None:
        self._stage, self._standing_from, self._gate_from = "", 0, 0
        self._ended: int | None = None
        self._vouched: list[VouchedFor] = []

    def go(self, point: PathPoint) -> None:
        match point:
            case EnteredStage():
                self._stage, self._ended = point.stage, None
                if point.standing_from is not None:
                    self._standing_from = point.standing_from
                if point.gate_from is not None:
                    self._gate_from = point.gate_from
            case VouchedFor():
                self._vouched.append(point)
            case TakenBack():
                self._vouched = [one for one in self._vouched if one.milestone != point.milestone]
            case PathEnded():
                self._ended = point.version

    def place(self) -> SellerPlace:
        """A milestone vouches if it was recorded since the last move back, reopening or claim, and not withdrawn.

        One that was recorded after the end of the deal's life waits for the reopening.
        """
        known = [one for one in self._vouched if self._ended is None or one.version < self._ended]
        return SellerPlace(
            self._stage,
            tuple([one.stage for one in known if one.version > self._standing_from]),
            frozenset([one.milestone for one in known if one.version > self._gate_from]),
        )


def seller_place(path: Iterable[PathPoint]) -> SellerPlace:
    """The end of this path, which is in recorded order."""
    walk = _Walk()
    for point in path:
        walk.go(point)
    return walk.place()


def seller_places(path: Sequence[PathPoint]) -> Iterator[tuple[datetime, SellerPlace]]:
    """Every instant of the path in time order, with the end of what was effective by then, as it was recorded."""
    walk, furthest = _Walk(), -1
    in_time = sorted(enumerate(path), key=_instant)
    for done, (index, point) in enumerate(in_time, 1):
        if index > furthest:
            walk.go(point)
            furthest = index
        else:  # recorded before what was walked, though effective later
            walk = _Walk()
            for _, each in sorted(in_time[:done]):
                walk.go(each)
        if done == len(in_time) or in_time[done][1].at > point.at:
            yield point.at, walk.place()


def _instant(place: tuple[int, PathPoint]) -> datetime:
    return place[1].at


def standing_index(place: SellerPlace, process: ProcessDefinition) -> int:
    """Index of the stage where the seller stands."""
    stages = process.stage_index
    return max([stages.get(stage, 0) for stage in (place.stage, *place.vouched)])


def lacks_milestones(place: SellerPlace, process: ProcessDefinition) -> bool:
    """Whether the gate of the stage that the deal is in waits for the seller: a milestone that it asks for is missing."""
    if place.stage not in process.stage_index:
        return False
    stage = process.stage(place.stage)
    if stage.gate == "nodes" and stage.required_nodes:
        return False
    asked = (one.id for one in stage.milestones if one.leaves or stage.gate != "nodes")
    return not place.counting.issuperset(asked)
