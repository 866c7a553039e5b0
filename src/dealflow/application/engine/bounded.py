"""The same act for many things, a few at a time; one that fails does not stop the others, an outage stops all."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from dealflow.application.ports.store import StoreUnreachable
from dealflow.application.ports.workflow_starter import TemporalUnreachable

T = TypeVar("T")


async def for_each(
    items: Iterable[T], act: Callable[[T], Awaitable[object]], *, at_once: int, failed: Callable[[T, Exception], None]
) -> int:
    """How many succeeded; raise TemporalUnreachable or StoreUnreachable after the acts under way have ended."""
    waiting = iter(items)
    done = 0
    outage: Exception | None = None

    async def work() -> None:
        nonlocal done, outage
        for item in waiting:
            try:
                await act(item)
                done += 1
            except (TemporalUnreachable, StoreUnreachable) as error:
                outage = outage or error
            except Exception as error:  # noqa: BLE001  whatever is wrong with one is not to hold the others
                failed(item, error)
            if outage:
                return

    await asyncio.gather(*(work() for _ in range(at_once)))
    if outage:
        raise outage
    return done
