"""`dealflow up`: everything in one terminal, until Ctrl-C; what is in hand is finished, and the server ends last."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.telemetry.observing import observed
from dealflow.adapters.temporal.client import let_go, own_profile
from dealflow.adapters.temporal_server.find import Found, find_server
from dealflow.adapters.temporal_server.server import free_port
from dealflow.application.engine.relay import Pace
from dealflow.bootstrap import System, open_system
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.embedded.home_lock import hold
from dealflow.embedded.server import EmbeddedServer, port_is_free
from dealflow.embedded.signals import stop_when_told
from dealflow.embedded.supervisor import SupervisedPart, keep_running
from dealflow.settings import Settings
from dealflow.worker import run_relay, run_views, run_worker

Say = Callable[[str], None]
UI_PORT = 8233
# The development server writes one thing at a time: with more at once everybody waits longer, and no more gets done
# (400 delayed starts: 32/s with 4 in flight, 34/s with 16, the slowest 0.3 s against 1.6 s).
GENTLY = Pace(in_flight=4)


@dataclass(frozen=True, slots=True)
class RunningParts:
    """The embedded system once it runs: where its Temporal server is, its pages, and the open system that it works with."""

    address: str
    ui_address: str
    system: System


def run_up(settings: Settings, say: Say, *, ui: bool = True) -> None:
    """Run until SIGINT or SIGTERM.

    `say` gets the few lines for the terminal. Raise HomeTaken when this folder's system runs already, ServerNotFound or
    ServerFailed when there is no server, StoreUnreachable when there is no store, MetricsNotServed when their port is taken.
    """
    ui_port = _ui_port() if ui else None
    try:
        with hold(settings.home, "up", SystemClock().now()):
            must_have_store(settings)
            # Before there is a loop: Ctrl-C ends a download or a build at once.
            found = look_for_server(settings, say)
            with observed(settings):
                asyncio.run(_until_told(settings, found, say, ui_port))
    finally:
        let_go()


def must_have_store(settings: Settings) -> None:
    """Raise StoreUnreachable now, and not after a server was built and started that has nothing to do then."""
    with open_system(settings) as system:
        system.must_agree()


def look_for_server(settings: Settings, say: Say) -> Found:
    """The configured server, here or in Temporal's own environment, else a program to start; ServerNotFound."""
    return find_server(settings.model_copy(update={"temporal_address": configured_address(settings)}), say)


def configured_address(settings: Settings) -> str:
    """Where somebody else keeps a server running, by our settings or by Temporal's own environment; "" if nowhere."""
    return settings.temporal_address or own_profile().address or ""


@asynccontextmanager
async def embedded(
    settings: Settings, found: Found, stop: asyncio.Event, ui_port: int | None = None
) -> AsyncIterator[RunningParts]:
    """Start everything; on leaving, set `stop`, wait for the parts, and end the server last. Hold the home before."""
    server = EmbeddedServer(settings, found, ui_port) if found.binary else None
    stop_server = asyncio.Event()
    parts: list[asyncio.Task[None]] = []
    serving: asyncio.Task[None] | None = None
    if server is not None:
        await asyncio.to_thread(server.start)
        serving = asyncio.create_task(keep_running(SupervisedPart("temporal", server.run), stop_server))
    try:
        with open_system(settings) as system:
            try:
                parts += [asyncio.create_task(keep_running(part, stop)) for part in _parts(system)]
                address, pages = (server.running.address, server.running.ui_address) if server else (found.address, "")
                yield RunningParts(address, pages, system)
            finally:
                stop.set()
                await asyncio.gather(*parts)
    finally:
        stop_server.set()
        if serving is not None:
            await serving


def _parts(system: System) -> tuple[SupervisedPart, ...]:
    return (
        SupervisedPart("worker", lambda stop: run_worker(system, stop)),
        SupervisedPart("relay", lambda stop: run_relay(system, stop, GENTLY)),
        SupervisedPart("views", lambda stop: run_views(system, stop)),
    )


async def _until_told(settings: Settings, found: Found, say: Say, ui_port: int | None) -> None:
    stop = asyncio.Event()
    stop_when_told(stop)
    async with embedded(settings, found, stop, ui_port) as running:
        for line in _greeting(settings, running):
            say(line)
        await stop.wait()
        say(phrase("Stopping: what is in hand is finished first; Ctrl-C again ends it at once."))
    say(phrase("Stopped."))


def _greeting(settings: Settings, running: RunningParts) -> list[Phrase]:
    named = [] if settings.home.absolute() == _default_home() else ["--home", str(settings.home)]
    commands = (
        ["process", "publish", *named, "process_defs/standard-sale.yaml"],
        ["deal", "open", *named, "'First deal'", "--process standard-sale --amount 100000 --id D-1"],
        ["deal", "next", *named, "D-1"],
        ["doctor", *named],
    )
    runs = (
        phrase(
            "dealflow runs: Temporal at {address}, its pages at {pages}; worker, relay and views.",
            address=running.address,
            pages=running.ui_address,
        )
        if running.ui_address
        else phrase("dealflow runs: Temporal at {address}; worker, relay and views.", address=running.address)
    )
    return [
        runs,
        phrase(
            "State: {folder}. Store: {place}.", folder=str(settings.home.absolute()), place=running.system.parts.place
        ),
        phrase("In another terminal, for example:"),
        *(Phrase("  " + " ".join(["dealflow", *command]), {}) for command in commands),
        phrase("Ctrl-C ends it."),
    ]


def _default_home() -> Path:
    return Path(".dealflow").absolute()


def _ui_port() -> int:
    return UI_PORT if port_is_free(UI_PORT) else free_port()
