"""Both tracks together: where customer and seller stand, the gap between them, since when, and what it was before."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, takewhile
from typing import NamedTuple

from dealflow.domain.deal.seller_path import EnteredStage, PathEnded
from dealflow.domain.deal.state import Deal, NodeStatus
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.position import customer_stage_index, position, statuses_of
from dealflow.domain.track.standing import SellerPlace, lacks_milestones, seller_place, seller_places, standing_index


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


class TracksAt(NamedTuple):
    """Position and gap from this instant on, until the next change; the customer's stage and the seller's by their index."""

    at: datetime
    position: str | None
    customer_stage: int | None
    standing: int
    gap: int


def gap_of(deal: Deal, process: ProcessDefinition) -> int:
    """The gap as the deal's state has it."""
    place = seller_place(deal.path)
    return _gap(customer_stage_index(process, statuses_of(deal)), standing_index(place, process), place, process)


def tracks(deal: Deal, process: ProcessDefinition) -> Tracks:
    """Both tracks of the deal as its state has them."""
    moments = timeline(deal, process)
    present = moments[-1]
    order = list(process.nodes)
    beyond = order.index(present.position) + 1 if present.position else 0
    return Tracks(
        position=present.position,
        position_since=_since(moments, lambda moment: moment.position),
        customer_stage=None if present.customer_stage is None else process.stages[present.customer_stage].id,
        standing=process.stages[present.standing].id,
        gap=present.gap,
        gap_since=_since(moments, lambda moment: moment.gap),
        gaps=tuple(_gaps(moments, tuple(_lives(deal)))) if any(moment.gap for moment in moments) else (),
        ahead=tuple([n for n in order[beyond:] if deal.node(n).status is NodeStatus.REACHED]),
    )


def _since(moments: Sequence[TracksAt], value: Callable[[TracksAt], object]) -> datetime:
    """The start of the last run of equal values."""
    run = takewhile(lambda moment: value(moment) == value(moments[-1]), reversed(moments))
    return [moment.at for moment in run][-1]


def timeline(deal: Deal, process: ProcessDefinition) -> tuple[TracksAt, ...]:
    """Position and gap at every instant at which something of either track changed, by all that is known now.

    The value at T is that of the deal folded as of T. Both leave out what became effective after T and keep the order
    of recording, so they agree although facts were recorded late. They differ from what was *known* at T: evidence
    observed on Monday and recorded on Friday closes the gap on Monday, and evidence withdrawn later never closed it.
    What lies before the opening counts from the opening.
    """
    opened = deal.opened_at
    places = {max(at, opened): place for at, place in seller_places(deal.path)}
    changes = defaultdict[datetime, list[tuple[int, str, NodeStatus]]](list)
    for node, state in deal.nodes.items():
        for nth, (at, status) in enumerate(state.changes):
            changes[max(at, opened)].append((nth, node, status))
    statuses: dict[str, NodeStatus] = {}
    last: dict[str, int] = {}
    moments: list[TracksAt] = []
    place = seller_place(())
    for instant in sorted({opened, *places, *changes}):
        for nth, node, status in changes.get(instant, ()):
            if nth >= last.get(node, 0):  # else what is effective earlier was recorded later
                last[node], statuses[node] = nth, status
        if instant in changes or not moments:
            customer, at_position = customer_stage_index(process, statuses), position(process, statuses)
        place = places.get(instant, place)
        standing = standing_index(place, process)
        moments.append(TracksAt(instant, at_position, customer, standing, _gap(customer, standing, place, process)))
    return tuple(moments)


def _gap(customer: int | None, standing: int, place: SellerPlace, process: ProcessDefinition) -> int:
    """How many stages the seller stands ahead of the customer; 0 when no required node is left.

    Behind (negative) only while the gate waits for the seller's milestones: else the deal moves on by itself.
    """
    if customer is None:
        return 0
    difference = standing - customer
    return difference if difference >= 0 or lacks_milestones(place, process) else 0


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
