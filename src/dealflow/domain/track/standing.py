"""Where the seller stands: the stage that the deal is in, or a later one that a milestone vouches for."""

from collections.abc import Iterable
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


def seller_place(path: Iterable[PathPoint], until: datetime | None = None) -> SellerPlace:
    """The end of this path as it was recorded; `until`: of what was effective by then.

    A milestone vouches if it was recorded since the last move back, reopening or claim, and not withdrawn. One that
    was recorded after the end of the deal's life waits for the reopening.
    """
    stage, standing_from, gate_from = "", 0, 0
    ended: int | None = None
    vouched: list[VouchedFor] = []
    for point in path:
        if until is not None and point.at > until:
            continue
        match point:
            case EnteredStage():
                stage, ended = point.stage, None
                standing_from = standing_from if point.standing_from is None else point.standing_from
                gate_from = gate_from if point.gate_from is None else point.gate_from
            case VouchedFor():
                vouched.append(point)
            case TakenBack():
                vouched = [one for one in vouched if one.milestone != point.milestone]
            case PathEnded():
                ended = point.version
    known = [one for one in vouched if ended is None or one.version < ended]
    return SellerPlace(
        stage=stage,
        vouched=tuple(one.stage for one in known if one.version > standing_from),
        counting=frozenset(one.milestone for one in known if one.version > gate_from),
    )


def standing_index(place: SellerPlace, process: ProcessDefinition) -> int:
    """Index of the stage where the seller stands."""
    return max(process.stage_index.get(stage, 0) for stage in (place.stage, *place.vouched))


def lacks_milestones(place: SellerPlace, process: ProcessDefinition) -> bool:
    """Whether the gate of the stage that the deal is in waits for the seller: a milestone that it asks for is missing."""
    if place.stage not in process.stage_index:
        return False
    stage = process.stage(place.stage)
    if stage.gate == "nodes" and stage.required_nodes:
        return False
    asked = (one.id for one in stage.milestones if one.leaves or stage.gate != "nodes")
    return not place.counting.issuperset(asked)
