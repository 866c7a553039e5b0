"""The log events of a stretch of a test, whatever level an earlier command line has set."""

import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from structlog.testing import capture_logs

from dealflow.observability.log_lines import structured
from dealflow.observability.logs import OURS


@contextmanager
def captured_logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged inside the block, down to debugging, and not written anywhere."""
    ours = logging.getLogger(OURS)
    level = ours.level
    structured(OURS)  # configured before, or the events of this block would be the first to do it
    ours.setLevel(logging.DEBUG)
    try:
        with capture_logs() as events:
            yield events
    finally:
        ours.setLevel(level)
