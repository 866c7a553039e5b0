"""What led to what, by the ids in the stamps of events: the spans of appends, and what made a deal's progress due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dealflow.domain.clocks.due import next_due
from dealflow.domain.deal import events as e
from dealflow.domain.deal.state import Deal
from dealflow.domain.escalation.notice import Notice
from dealflow.observability.traces import Cause


@dataclass(frozen=True, slots=True)
class Due:
    """Since when something was due, and the event that made it so; `by_deadline`: the last one before a deadline passed."""

    since: datetime
    by: e.Stamp
    by_deadline: bool = False


def due_of(recorded: Sequence[e.Recorded], deal: Deal) -> Due | None:
    """What is due on the deal of these events; None when nothing is ever due."""
    since, last = next_due(deal), recorded[-1].stamp
    if since is None:
        return None
    if deal.ready is not None:
        met = next((each.stamp for each in reversed(recorded) if isinstance(each.fact, e.GateMet)), last)
        if deal.ready.ready_at <= met.recorded_at:
            return Due(met.recorded_at, met)
    # A withdrawal may compute a clock again whose deadline lies in the past: then the withdrawal made it due.
    return Due(last.recorded_at, last) if since <= last.recorded_at else Due(since, last, by_deadline=True)


def cause_in(stamp: e.Stamp) -> Cause:
    """The span of the command or progress that appended the event of this stamp."""
    own = stamp.command_id.rpartition("/")[0] if stamp.is_of_another_deal else stamp.command_id
    return Cause(stamp.correlation_id, own)


def causes_of(notices: Iterable[Notice]) -> list[Cause]:
    """The spans of the appends that these notices tell of, each once; notices of before have none."""
    found = (Cause(n.correlation_id, n.command_id) for n in notices if n.correlation_id and n.command_id)
    return list(dict.fromkeys(found))
