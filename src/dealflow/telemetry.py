"""Logs: one catalogue of event names, key-values only, as JSON or for a console; never on standard output."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from enum import StrEnum
from typing import Any, Literal, TextIO

import structlog

from dealflow.settings import without_password

Level = Literal["debug", "info", "warning", "error"]


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
    STALL_RECORDED = "stall.recorded"
    STALL_ENDED = "stall.ended"
    WARNING_GIVEN = "warning.given"
    ESCALATION_RAISED = "escalation.raised"
    ESCALATION_DECIDED = "escalation.decided"
    NOTICE_DELIVERED = "notice.delivered"
    NOTICE_FAILED = "notice.failed"
    NOTICE_ABANDONED = "notice.abandoned"
    NOTICE_TEMPLATE_BROKEN = "notice.template_broken"
    PROCESS_PUBLISHED = "process.published"
    PEOPLE_RELOADED = "people.reloaded"
    PEOPLE_BROKEN = "people.broken"
    STORE_CONFLICT = "store.conflict"
    STORE_UNREACHABLE = "store.unreachable"
    RELAY_STARTED = "relay.started"
    RELAY_WOKE = "relay.woke"
    RELAY_WAKE_FAILED = "relay.wake_failed"
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
    PROJECTION_REBUILT = "projection.rebuilt"
    TEMPORAL_STARTED = "temporal.started"
    TEMPORAL_UNREACHABLE = "temporal.unreachable"
    TEMPORAL_STOPPED = "temporal.stopped"
    PART_STARTED = "part.started"
    PART_FAILED = "part.failed"
    PART_RESTARTED = "part.restarted"
    PART_STOPPED = "part.stopped"
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
    "deal.stall_recorded.v1": Log.STALL_RECORDED,
    "deal.stall_ended.v1": Log.STALL_ENDED,
    "deal.warning_given.v1": Log.WARNING_GIVEN,
    "deal.escalation_raised.v1": Log.ESCALATION_RAISED,
    "deal.escalation_decided.v1": Log.ESCALATION_DECIDED,
}


def configure_logs(
    log_format: Literal["console", "json"] = "console", level: Level = "info", stream: TextIO | None = None
) -> None:
    """Send all logs, ours and other packages', to one stream (standard error) in one form; may be called again."""
    out = stream or sys.stderr
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _hide_passwords,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(log_format, out)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Other packages' chatter is of use only to whoever asked for debugging.
    root.setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    logging.getLogger("dealflow").setLevel(level.upper())


def emit(event: Log, level: Level = "info", /, **values: Any) -> None:
    """Log one event of the catalogue with its key-values; an exception goes as `exc_info=error`."""
    getattr(structlog.stdlib.get_logger("dealflow"), level)(event.value, **values)


def emit_facts(topics: Iterable[str], /, **values: Any) -> None:
    """Log one event for each appended fact that has one."""
    for topic in topics:
        if event := _OF_TOPIC.get(topic):
            emit(event, **values)


def _renderers(log_format: Literal["console", "json"], out: TextIO) -> list[structlog.typing.Processor]:
    if log_format == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    # Plain tracebacks: the default ones print local variables, which may be personal.
    return [structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)]


def _hide_passwords(_logger: Any, _method: str, values: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in values.items():
        if isinstance(value, str) and "://" in value:
            values[key] = without_password(value)
    return values
