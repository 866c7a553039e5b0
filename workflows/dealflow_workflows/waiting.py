"""Waiting for a wake or for one instant with a timer that is kept, and how long a history may become meanwhile."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

# An instant that is past already must not make the workflow spin; a real one is late by this at most.
SHORTEST = timedelta(seconds=0.2)
# A worker that takes over a run replays it within one task of ten seconds: 4,000 events took five on two busy cores. Wakes are
# events too, so this also keeps a run far from the ten thousand signals that the server takes at most.
MOST_EVENTS = 1_000


def history_is_long() -> bool:
    """Whether the run should continue as new."""
    info = workflow.info()
    return info.is_continue_as_new_suggested() or info.get_current_history_length() >= MOST_EVENTS


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
