"""Keeps parts running: a part that fails, or ends unasked, begins again after a pause, with the reason in the log."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from dealflow.observability.logs import Log, emit

Run = Callable[[asyncio.Event], Awaitable[None]]
LAST_WORD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SupervisedPart:
    """Something that runs until its event is set; it cleans up after itself, whatever happens."""

    name: str
    run: Run


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long a part rests before it begins again, in seconds: twice as long each time, until it has run `steady` long."""

    first: float = 0.5
    longest: float = 30.0
    steady: float = 60.0


async def keep_running(part: SupervisedPart, stop: asyncio.Event, pauses: Pauses = Pauses()) -> None:
    """Run a part, again and again, until `stop` is set; its own last failure is logged and never raised."""
    pause = pauses.first
    emit(Log.PART_STARTED, part=part.name)
    while True:
        begun = monotonic()
        reason = await _once(part, stop)
        if stop.is_set():
            break
        pause = pauses.first if monotonic() - begun >= pauses.steady else pause
        emit(Log.PART_FAILED, "error", part=part.name, reason=reason, again_in_seconds=pause)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        if stop.is_set():
            break
        pause = min(pause * 2, pauses.longest)
        emit(Log.PART_RESTARTED, part=part.name, reason=reason)
    emit(Log.PART_STOPPED, part=part.name)


async def _once(part: SupervisedPart, stop: asyncio.Event) -> str:
    """Run it to its end and say why it ended; once told to stop it has a while to finish what is in hand."""
    running = asyncio.ensure_future(part.run(stop))
    told = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await asyncio.wait({running}, timeout=LAST_WORD_SECONDS)
        if not running.done():
            emit(Log.PART_FAILED, "error", part=part.name, reason=f"it did not end within {LAST_WORD_SECONDS:.0f} s")
    finally:
        told.cancel()
        running.cancel()
        [outcome] = await asyncio.gather(running, return_exceptions=True)
    if isinstance(outcome, asyncio.CancelledError):
        return "it was cancelled"
    if isinstance(outcome, BaseException):
        emit(Log.PART_FAILED, "debug", part=part.name, exc_info=outcome)
        return f"{type(outcome).__name__}: {outcome}".strip(": ")[:500]
    return "it ended without being told to"
