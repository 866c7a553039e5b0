"""Both tracks together: where customer and seller stand, the gap between them, since when, and what it was before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from dealflow.domain.deal.seller_path import EnteredStage, PathEnded
from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.position import Statuses, customer_stage_index, position, statuses_of
from dealflow.domain.track.standing import SellerPlace, lacks_milestones, seller_place, standing_index


@dataclass(frozen=True, slots=True)
class GapSpan:
    """A time with one gap, which is not 0; `until` is None while it lasts."""

    gap: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Tracks:
    """Both tracks at one instant; `gap` is in stages, standing minus customer's stage, since `gap_since`.

    `gaps` are those that the deal ever had while it was in progress, oldest first; the last may still last.
    """

    position: str | None
    position_since: datetime
    customer_stage: str | None
    standing: str
    gap: int
    gap_since: datetime
    gaps: tuple[GapSpan, ...]
    ahead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TracksAt:
    """Position and gap from this instant on, until the next change."""

    at: datetime
    position: str | None
    gap: int


def gap_of(deal: Deal, process: ProcessDefinition) -> int:
    """The gap as the deal's state has it."""
    return _gap(seller_place(deal.path), statuses_of(deal), process)


def _gap(place: SellerPlace, statuses: Statuses, process: ProcessDefinition) -> int:
    """How many stages the seller stands ahead of the customer; 0 when no required node is left.

    Behind (negative) only while the gate waits for the seller's milestones: else the deal moves on by itself.
    """
    customer = customer_stage_index(process, statuses)
    if customer is None:
        return 0
    difference = standing_index(place, process) - customer
    return difference if difference >= 0 or lacks_milestones(place, process) else 0


def tracks(deal: Deal, process: ProcessDefinition) -> Tracks:
    """Both tracks of the deal as its state has them."""
    statuses = statuses_of(deal)
    customer = customer_stage_index(process, statuses)
    moments = timeline(deal, process)
    present = moments[-1]
    order = list(process.nodes)
    beyond = order.index(present.position) + 1 if present.position else 0
    return Tracks(
        position=present.position,
        position_since=_since([(moment.at, moment.position) for moment in moments]),
        customer_stage=None if customer is None else process.stages[customer].id,
        standing=process.stages[standing_index(seller_place(deal.path), process)].id,
        gap=present.gap,
        gap_since=_since([(moment.at, moment.gap) for moment in moments]),
        gaps=tuple(_gaps(moments, tuple(_lives(deal)))),
        ahead=tuple(n for n in order[beyond:] if statuses.get(n) is NodeStatus.REACHED),
    )


def _since(values: Sequence[tuple[datetime, object]]) -> datetime:
    """The start of the last run of equal values."""
    since, present = values[-1]
    for at, value in reversed(values):
        if value != present:
            break
        since = at
    return since


def timeline(deal: Deal, process: ProcessDefinition) -> tuple[TracksAt, ...]:
    """Position and gap at every instant at which something of either track changed, by all that is known now.

    The value at T is that of the deal folded as of T. Both leave out what became effective after T and keep the order
    of recording, so they agree although facts were recorded late. They differ from what was *known* at T: evidence
    observed on Monday and recorded on Friday closes the gap on Monday, and evidence withdrawn later never closed it.
    What lies before the opening counts from the opening.
    """
    opened = deal.opened_at
    on_path = {point.at for point in deal.path}
    on_nodes = {at for state in deal.nodes.values() for at, _ in state.changes}
    statuses, place = _statuses_at(deal, opened), seller_place(deal.path, opened)
    moments = [TracksAt(opened, position(process, statuses), _gap(place, statuses, process))]
    for instant in sorted(at for at in on_path | on_nodes if at > opened):
        at_position = moments[-1].position
        if instant in on_nodes:
            statuses = _statuses_at(deal, instant)
            at_position = position(process, statuses)
        if instant in on_path:
            place = seller_place(deal.path, instant)
        moments.append(TracksAt(instant, at_position, _gap(place, statuses, process)))
    return tuple(moments)


def _statuses_at(deal: Deal, instant: datetime) -> Statuses:
    return {
        node: next((status for at, status in reversed(state.changes) if at <= instant), NodeStatus.OPEN)
        for node, state in deal.nodes.items()
    }


def _gaps(moments: Sequence[TracksAt], lives: Sequence[tuple[datetime, datetime | None]]) -> Iterator[GapSpan]:
    """The runs of gaps, as far as they lie in the deal's lives."""
    for gap, since, until in _runs(moments):
        for begun, ended in lives if gap else ():
            span = GapSpan(gap, max(since, begun), _earlier(until, ended))
            if span.until is None or span.since < span.until:
                yield span


def _runs(moments: Sequence[TracksAt]) -> Iterator[tuple[int, datetime, datetime | None]]:
    """Gap, beginning and end of every run of equal gaps."""
    starts = [moments[0], *(later for earlier, later in pairwise(moments) if later.gap != earlier.gap)]
    ends = [*(start.at for start in starts[1:]), None]
    yield from ((start.gap, start.at, end) for start, end in zip(starts, ends, strict=True))


def _lives(deal: Deal) -> Iterator[tuple[datetime, datetime | None]]:
    """The times in which the deal was in progress, as recorded; a reopening begins another, never before the last end."""
    begun: datetime | None = None
    ended = deal.opened_at
    for point in deal.path:
        match point:
            case EnteredStage(at=at) if begun is None:
                begun = max(at, ended)
            case PathEnded(at=at) if begun is not None:
                yield begun, at
                begun, ended = None, max(ended, at)
    if begun is not None:
        yield begun, None


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other
