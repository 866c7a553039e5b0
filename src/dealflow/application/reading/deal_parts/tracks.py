"""The two tracks of a deal with their wording: where both stand, the gap, and every gap that the deal has had."""

from pydantic import AwareDatetime

from dealflow.application.reading.deal_parts.named import Named, node_named, stage_named
from dealflow.domain.deal.state import Deal
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.gap import tracks
from dealflow.domain.values.frozen import Frozen


class GapView(Frozen):
    """A time with one gap; `until` is None while it lasts."""

    gap: int
    since: AwareDatetime
    until: AwareDatetime | None


class TracksView(Frozen):
    """The seller's track against the customer's; `gap` is in stages, `ahead` what is reached beyond the position.

    `gaps` are those that the deal ever had while it was in progress, oldest first.
    """

    standing: Named
    customer_stage: Named | None
    position: Named | None
    position_since: AwareDatetime
    gap: int
    gap_since: AwareDatetime
    gaps: tuple[GapView, ...]
    ahead: tuple[Named, ...]


def tracks_view(deal: Deal, process: ProcessDefinition) -> TracksView:
    """Both tracks as the deal's state has them."""
    both = tracks(deal, process)
    return TracksView(
        standing=stage_named(both.standing, process),
        customer_stage=stage_named(both.customer_stage, process) if both.customer_stage else None,
        position=node_named(both.position, process) if both.position else None,
        position_since=both.position_since,
        gap=both.gap,
        gap_since=both.gap_since,
        gaps=tuple(GapView(gap=one.gap, since=one.since, until=one.until) for one in both.gaps),
        ahead=tuple(node_named(node, process) for node in both.ahead),
    )
