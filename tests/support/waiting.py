"""Waiting for an event: only a test that fails waits as long as this takes at most."""

import asyncio
from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

# For the slowest computer that tests may run on, with other work beside them.
LONGEST_SECONDS = 180.0
T = TypeVar("T")


async def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds; it is asked in another thread, and the test's event loop goes on meanwhile."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110  other threads and processes make it so
            await asyncio.sleep(0.05)


def until(look: Callable[[], T], *, every_seconds: float = 0.05) -> T:
    """Look again until what is seen is true; what is seen in the end, true or not."""
    ends = monotonic() + LONGEST_SECONDS
    while not (seen := look()) and monotonic() < ends:
        sleep(every_seconds)
    return seen
