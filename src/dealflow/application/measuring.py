"""What an append means for metrics and traces: the facts that are counted, and what made a look due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dealflow import metrics as m
from dealflow.domain import events as e
from dealflow.domain.deal import Deal
from dealflow.domain.due import next_due
from dealflow.domain.notices import Notice
from dealflow.tracing import Cause


def count_facts(facts: Iterable[e.Fact], process: str) -> None:
    """Count what was appended to a deal of this process."""
    for fact in facts:
        match fact:
            case e.StageAdvanced() | e.StageMovedBack():
                m.count(m.TRANSITIONS, process, fact.from_stage, fact.to_stage)
            case e.StallRecorded():
                m.count(m.STALLS, process, fact.stage, fact.clock)
            case e.RungReached():
                m.count(m.ESCALATIONS, process, str(fact.rung))


@dataclass(frozen=True, slots=True)
class Due:
    """Since when something was due; `by` is the event that made it so, None where a deadline did by passing."""

    since: datetime
    by: e.Stamp | None


def due_of(recorded: Sequence[e.Recorded], deal: Deal) -> Due | None:
    """What a look at the deal of these events has to do; None when nothing is ever due."""
    since, last = next_due(deal), recorded[-1].stamp
    if since is None:
        return None
    if deal.ready is not None:
        met = next((each.stamp for each in reversed(recorded) if isinstance(each.fact, e.GateMet)), last)
        if deal.ready.ready_at <= met.recorded_at:
            return Due(met.recorded_at, met)
    # A withdrawal may compute a clock again whose deadline lies in the past: then the withdrawal made it due.
    return Due(last.recorded_at, last) if since <= last.recorded_at else Due(since, None)


def time_look(due: Due, facts: Iterable[e.Fact], at: datetime) -> float:
    """Observe for how many seconds what a look has recorded had been due."""
    seconds = (at - due.since).total_seconds()
    if due.by is None:
        m.observe(m.LATENESS, seconds)
    elif any(isinstance(fact, e.StageAdvanced) for fact in facts):
        m.observe(m.ADVANCE, seconds)
    return seconds


def cause_in(stamp: e.Stamp) -> Cause:
    """The span of the command or look that appended the event of this stamp."""
    # A linked deal is opened by the append of another, under that one's command id with the node behind it.
    linked = stamp.cause.startswith("linked:")
    return Cause(stamp.correlation_id, stamp.command_id.rpartition("/")[0] if linked else stamp.command_id)


def causes_of(notices: Iterable[Notice]) -> list[Cause]:
    """The spans of the appends that these notices tell of, each once; notices of before have none."""
    found = (Cause(n.correlation_id, n.command_id) for n in notices if n.correlation_id and n.command_id)
    return list(dict.fromkeys(found))
