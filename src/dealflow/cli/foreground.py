"""A part that runs in this terminal until it is told to stop; it begins again when it fails."""

import asyncio
from collections.abc import Awaitable, Callable

from dealflow.adapters.telemetry.observing import observed
from dealflow.adapters.temporal.client import let_go
from dealflow.bootstrap import System, open_system
from dealflow.embedded.signals import stop_when_told
from dealflow.embedded.supervisor import SupervisedPart, keep_running
from dealflow.settings import Settings


def run_part(settings: Settings, name: str, run: Callable[[System, asyncio.Event], Awaitable[None]]) -> int:
    """Run until SIGINT or SIGTERM; a second one ends it where it stands.

    Raise StoreUnreachable when there is no store, HouseFilesDiffer when other people or calendars count in it than this
    computer's files say, MetricsNotServed when their port is taken.
    """
    try:
        with observed(settings), open_system(settings) as system:
            system.must_agree()
            asyncio.run(_until_told(SupervisedPart(name, lambda stop: run(system, stop))))
    finally:
        let_go()
    return 0


async def _until_told(part: SupervisedPart) -> None:
    stop = asyncio.Event()
    stop_when_told(stop)
    await keep_running(part, stop)
