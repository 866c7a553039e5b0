"""Logs: one catalogue of event names, key-values only, as JSON or for a console; never on standard output."""

import logging
import sys
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, TextIO

Format = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]
OURS = "dealflow"
_NUMBERS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class Log(StrEnum):
    """Every event that is logged; a name is a contract with whoever searches the logs, so it is never reused."""

    COMMAND_ACCEPTED = "command.accepted"
    COMMAND_REFUSED = "command.refused"
    COMMAND_REPEATED = "command.repeated"
    DEAL_OPENED = "deal.opened"
    DEAL_PROGRESSED = "deal.progressed"
    DEAL_STAGE_ADVANCED = "deal.stage_advanced"
    DEAL_STAGE_MOVED_BACK = "deal.stage_moved_back"
    DEAL_WON = "deal.won"
    DEAL_LOST = "deal.lost"
    DEAL_CLOSED = "deal.closed"
    DEAL_REOPENED = "deal.reopened"
    EVIDENCE_RECORDED = "evidence.recorded"
    PROOF_LOST = "proof.lost"
    PROOF_REGAINED = "proof.regained"
    STALL_RECORDED = "stall.recorded"
    STALL_ENDED = "stall.ended"
    WARNING_GIVEN = "warning.given"
    ESCALATION_RAISED = "escalation.raised"
    ESCALATION_DECIDED = "escalation.decided"
    NOTICE_DELIVERED = "notice.delivered"
    NOTICE_FAILED = "notice.failed"
    NOTICE_ABANDONED = "notice.abandoned"
    NOTICE_SUPERSEDED = "notice.superseded"
    NOTICE_TEMPLATE_BROKEN = "notice.template_broken"
    CUSTOMER_CHANGED = "customer.changed"
    TOKEN_CHANGED = "token.changed"  # noqa: S105  the name of an event
    PROCESS_PUBLISHED = "process.published"
    PEOPLE_RELOADED = "people.reloaded"
    PEOPLE_BROKEN = "people.broken"
    CALENDARS_RELOADED = "calendars.reloaded"
    CALENDARS_BROKEN = "calendars.broken"
    HOUSE_RECORDED = "house.recorded"
    HOUSE_REFUSED = "house.refused"
    HOUSE_DIFFERS = "house.differs"
    HOUSE_FOLLOWED = "house.followed"
    STORE_CONFLICT = "store.conflict"
    STORE_GROUP_SPLIT = "store.group_split"
    STORE_UNREACHABLE = "store.unreachable"
    RELAY_STARTED = "relay.started"
    RELAY_WOKE = "relay.woke"
    RELAY_WAKE_FAILED = "relay.wake_failed"
    RELAY_TOOK_OVER = "relay.took_over"
    RELAY_GAVE_WAY = "relay.gave_way"
    RELAY_STOPPED = "relay.stopped"
    RECONCILE_STARTED = "reconcile.started"
    RECONCILE_MENDED = "reconcile.mended"
    RECONCILE_FAILED = "reconcile.failed"
    RECONCILE_FINISHED = "reconcile.finished"
    WORKER_STARTED = "worker.started"
    WORKER_STOPPED = "worker.stopped"
    PROJECTION_STARTED = "projection.started"
    PROJECTION_CAUGHT_UP = "projection.caught_up"
    PROJECTION_FAILED = "projection.failed"
    TEMPORAL_STARTED = "temporal.started"
    TEMPORAL_UNREACHABLE = "temporal.unreachable"
    TEMPORAL_STOPPED = "temporal.stopped"
    PART_STARTED = "part.started"
    PART_FAILED = "part.failed"
    PART_RESTARTED = "part.restarted"
    PART_STOPPED = "part.stopped"
    METRICS_SERVED = "metrics.served"
    TRACES_LOST = "traces.lost"
    IMPORT_STARTED = "import.started"
    IMPORT_FINISHED = "import.finished"


# The facts that an operator looks for; the others stand in the list that `command.accepted` and `deal.progressed` carry.
_OF_TOPIC = {
    "deal.opened.v1": Log.DEAL_OPENED,
    "deal.stage_advanced.v1": Log.DEAL_STAGE_ADVANCED,
    "deal.stage_moved_back.v1": Log.DEAL_STAGE_MOVED_BACK,
    "deal.won.v1": Log.DEAL_WON,
    "deal.lost.v1": Log.DEAL_LOST,
    "deal.closed.v1": Log.DEAL_CLOSED,
    "deal.reopened.v1": Log.DEAL_REOPENED,
    "deal.evidence_recorded.v1": Log.EVIDENCE_RECORDED,
    "deal.proof_lost.v1": Log.PROOF_LOST,
    "deal.proof_regained.v1": Log.PROOF_REGAINED,
    "deal.stall_recorded.v1": Log.STALL_RECORDED,
    "deal.stall_ended.v1": Log.STALL_ENDED,
    "deal.warning_given.v1": Log.WARNING_GIVEN,
    "deal.escalation_raised.v1": Log.ESCALATION_RAISED,
    "deal.escalation_decided.v1": Log.ESCALATION_DECIDED,
}


def configure_logs(
    log_format: Format = "console", level: Level = "info", stream: TextIO | None = None, *, at_once: bool = True
) -> None:
    """Send all logs, ours and other packages', to one stream (standard error) in one form; may be called again.

    Without `at_once` what forms the lines is loaded for the first of them, and most commands write none. A process that
    runs workflows loads it now: a workflow that logs may import nothing.
    """
    lines = _Lines(log_format, stream or sys.stderr)
    if at_once:
        lines.prepare()
    handler = logging.StreamHandler(lines.stream)
    handler.setFormatter(lines)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Other packages' chatter is of use only to whoever asked for debugging.
    root.setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    logging.getLogger(OURS).setLevel(level.upper())


def emit(event: Log, level: Level = "info", /, **values: Any) -> None:
    """Log one event of the catalogue with its key-values; an exception goes as `exc_info=error`."""
    if logging.getLogger(OURS).isEnabledFor(_NUMBERS[level]):
        from dealflow.observability.log_lines import structured  # noqa: PLC0415  structlog takes longer to load than a command to run

        getattr(structured(OURS), level)(event.value, **values)


def emit_facts(topics: Iterable[str], /, **values: Any) -> None:
    """Log one event for each appended fact that has one."""
    for topic in topics:
        if event := _OF_TOPIC.get(topic):
            emit(event, **values)


class _Lines(logging.Formatter):
    """Forms the lines, with a formatter that is loaded when it is needed."""

    def __init__(self, log_format: Format, stream: TextIO) -> None:
        super().__init__()
        self.stream, self._form = stream, log_format

    def prepare(self) -> None:
        """Load it now."""
        _ = self._formatter

    def format(self, record: logging.LogRecord) -> str:
        return self._formatter.format(record)

    @cached_property
    def _formatter(self) -> logging.Formatter:
        from dealflow.observability.log_lines import formatter  # noqa: PLC0415  as above

        return formatter(self._form, is_terminal=self.stream.isatty())
