"""The form of a log line: key-values as JSON or for a console, without passwords and without anybody's local variables."""

import logging
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog
from structlog.stdlib import ProcessorFormatter

from dealflow.settings import without_password


def structured(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of that name, which takes key-values and hands them to the standard library's logging."""
    if not structlog.is_configured():
        structlog.configure(
            processors=[structlog.stdlib.filter_by_level, *_shared(), ProcessorFormatter.wrap_for_formatter],
            wrapper_class=structlog.stdlib.BoundLogger,
            logger_factory=structlog.stdlib.LoggerFactory(),
            cache_logger_on_first_use=False,
        )
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def formatter(log_format: Literal["console", "json"], *, is_terminal: bool) -> logging.Formatter:
    """Makes a line of each record, whether it came from `structured` or from another package."""
    return ProcessorFormatter(
        foreign_pre_chain=[*_shared(), structlog.stdlib.add_logger_name],
        processors=[ProcessorFormatter.remove_processors_meta, *_renderers(log_format, is_terminal=is_terminal)],
    )


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _hide_passwords,
    ]


def _renderers(log_format: Literal["console", "json"], *, is_terminal: bool) -> list[structlog.typing.Processor]:
    if log_format == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
    # Plain tracebacks: the default ones print local variables, which may be personal.
    return [structlog.dev.ConsoleRenderer(colors=is_terminal, exception_formatter=structlog.dev.plain_traceback)]


def _hide_passwords(_logger: Any, _method: str, values: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in values.items():
        if isinstance(value, str) and "://" in value:
            values[key] = without_password(value)
    return values
