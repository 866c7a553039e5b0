"""Waiting for a wake or for one instant, with a timer that is kept while the instant stays the same."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

# An instant that is past already must not make the workflow spin; a real one is late by this at most.
SHORTEST = timedelta(seconds=0.2)


class KeptTimer:
    """One timer at a time; a wake leaves it running, so that it costs no history, and only another instant replaces it."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._sleep: asyncio.Task[None] | None = None

    async def woken_or_due(self, woken: Callable[[], bool], due_at: datetime | None, *, summary: str) -> None:
        """Return when `woken()` holds or `due_at` is reached; without an instant only the wake counts."""
        self._arm(due_at, summary)
        if self._sleep is None:
            await workflow.wait_condition(woken)
            return
        wake = asyncio.create_task(workflow.wait_condition(woken))
        # Not asyncio.wait: the order of its sets may differ when history is replayed.
        await workflow.wait([wake, self._sleep], return_when=asyncio.FIRST_COMPLETED)
        wake.cancel()
        if self._sleep.done():
            self._at = self._sleep = None

    def _arm(self, due_at: datetime | None, summary: str) -> None:
        if due_at == self._at:
            return
        if self._sleep is not None:
            self._sleep.cancel()
        self._at, self._sleep = due_at, None
        if due_at is not None:
            left = max(due_at - workflow.now(), SHORTEST)
            self._sleep = asyncio.create_task(workflow.sleep(left, summary=summary))
