"""What happens is said once: its log line, its counter and its note in the trace follow from one call."""

from collections.abc import Mapping
from dataclasses import dataclass

from dealflow.observability import metrics as m
from dealflow.observability.logs import Level, Log, emit
from dealflow.observability.traces import Value, note


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How an operator sees one kind of event; what is None does not exist for it. `outcome` is that of the step under way."""

    log: Log | None = None
    level: Level = "info"
    counter: m.Metric | None = None
    outcome: str | None = None


COMMAND_ACCEPTED = Occurrence(Log.COMMAND_ACCEPTED, counter=m.COMMANDS, outcome="accepted")
COMMAND_REFUSED = Occurrence(Log.COMMAND_REFUSED, counter=m.REFUSALS, outcome="refused")
COMMAND_REPEATED = Occurrence(Log.COMMAND_REPEATED, counter=m.REPEATED, outcome="repeated")
STORE_CONFLICT = Occurrence(Log.STORE_CONFLICT, "debug", m.CONFLICTS)
STORE_GROUP_SPLIT = Occurrence(Log.STORE_GROUP_SPLIT, "debug")
DEAL_PROGRESSED = Occurrence(Log.DEAL_PROGRESSED)
DEAL_WOKEN = Occurrence(counter=m.WAKES)
DEAL_WAKE_FAILED = Occurrence(Log.RELAY_WAKE_FAILED, "error", m.WAKES)
RECIPIENT_WOKEN = Occurrence(counter=m.RECIPIENT_WAKES)
RECIPIENT_WAKE_FAILED = Occurrence(Log.RELAY_WAKE_FAILED, "error", m.RECIPIENT_WAKES)
NOTICE_DELIVERED = Occurrence(Log.NOTICE_DELIVERED, counter=m.DELIVERED, outcome="delivered")
NOTICE_FAILED = Occurrence(Log.NOTICE_FAILED, "warning", m.FAILED, "failed")
NOTICE_ABANDONED = Occurrence(Log.NOTICE_ABANDONED, "error", m.ABANDONED, "abandoned")
NOTICE_SUPERSEDED = Occurrence(Log.NOTICE_SUPERSEDED)


def happened(
    what: Occurrence,
    /,
    *labels: m.Labels,
    by: int = 1,
    level: Level | None = None,
    traced: Mapping[str, Value | None] = {},
    **values: object,
) -> None:
    """Say it once for every operator: `values` go to the log line, `traced` to the step under way.

    `labels` are those of the counter, once for each time that it is counted; `by` is how many things it happened to.
    """
    if what.counter:
        for each in labels or ((),):
            m.count(what.counter, *each, by=by)
    if what.outcome or traced:
        note(**{"outcome": what.outcome, **traced})
    if what.log:
        emit(what.log, level or what.level, **values)
