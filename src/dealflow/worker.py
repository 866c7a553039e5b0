"""The parts that run for ever: the worker, which carries out the workflows, and the relay, which makes wakes certain."""

import asyncio
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

from temporalio.client import Client
from temporalio.worker import Worker

from dealflow import __version__
from dealflow.adapters.temporal.activities import Activities
from dealflow.adapters.temporal.client import connect, let_go, reach
from dealflow.adapters.temporal.runs import TemporalRuns
from dealflow.adapters.temporal.starter import TemporalStarter, starter_over
from dealflow.application.engine.follow import FollowHouse
from dealflow.application.engine.lease import LeaseHolder
from dealflow.application.engine.parts import Identity, What
from dealflow.application.engine.presence import present
from dealflow.application.engine.reconcile import Reconcile, Reconciled
from dealflow.application.engine.relay import Pace, Relay, last_cause
from dealflow.application.engine.reschedule import reschedule
from dealflow.application.notices.concern import Superseded
from dealflow.application.notices.deliver import DeliverNotices
from dealflow.application.other_deals import OtherDeals
from dealflow.application.ports.store import EventUnreadable, StoreUnreachable
from dealflow.application.viewer import Viewer
from dealflow.bootstrap import System
from dealflow.domain.process.definition import ProcessRef
from dealflow.domain.values.refusal import CommandRefused
from dealflow.observability.logs import Log, emit
from dealflow.observability.metrics import given_by
from dealflow_workflows.deal_progression import DealProgression
from dealflow_workflows.person_notices import PersonNotices

WORKFLOWS = [DealProgression, PersonNotices]
GRACE = timedelta(seconds=10)
# By itself the SDK passes on a sign of life only after four fifths of the time in which one must come.
SIGNS_EVERY = timedelta(seconds=5)
EVERY_DAY = Pace()


async def run_worker(system: System, stop: asyncio.Event) -> None:
    """Carry out workflows and activities until `stop` is set; what is under way then has ten seconds to end."""
    async with present(system.parts.running, system.clock, identity_of("worker")) as presence:
        client = await reach(system.settings, stop, presence.missed)
        if client is None:
            return
        presence.asks(starter_of(system, client).server_id)
        await _work(system, client, stop)


async def _work(system: System, client: Client, stop: asyncio.Event) -> None:
    # Looks are local and have slots of their own, so that a mail server that does not answer holds no deal; but a look that has
    # failed is tried again beside the deliveries.
    threads = system.settings.worker_threads
    with ThreadPoolExecutor(2 * threads, "activity") as pool:
        worker = worker_of(client, system.settings.temporal_queue, activities_of(system), pool, threads)
        emit(Log.WORKER_STARTED, queue=system.settings.temporal_queue, threads=threads)
        running = asyncio.create_task(worker.run())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            await worker.shutdown()
        await running
    emit(Log.WORKER_STOPPED, queue=system.settings.temporal_queue)


def worker_of(client: Client, queue: str, activities: Activities, pool: ThreadPoolExecutor, threads: int) -> Worker:
    """A worker with both workflows and both activities."""
    return Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=[activities.progress_deal, activities.deliver_notices],
        activity_executor=pool,
        max_concurrent_activities=threads,
        max_concurrent_local_activities=threads,
        max_heartbeat_throttle_interval=SIGNS_EVERY,
        graceful_shutdown_timeout=GRACE,
    )


def activities_of(system: System) -> Activities:
    """The activities over this system."""
    settings = system.settings
    delivering = DeliverNotices(
        system.outbox,
        system.notifier,
        system.texts,
        system.people_with_addresses,
        zone=settings.timezone,
        gather=timedelta(minutes=settings.digest_minutes),
        superseded=Superseded(system.store, system.processes),
        as_seen=lambda notice, people: OtherDeals(
            Viewer(notice.recipient, people, system.clock.now()), system.store
        ).notice(notice),
    )
    return Activities(system.deals, system.schedule, delivering, system.parts.clock.check_instant)


async def run_relay(system: System, stop: asyncio.Event, pace: Pace = EVERY_DAY) -> None:
    """Wake what waits until `stop` is set, and bring every run back when the server's database is a new one.

    Of several relays on one store one works, and the others stand by.
    """
    who = identity_of("relay")
    with given_by(system.gauges):
        await _relay(system, stop, pace, who)


async def _relay(system: System, stop: asyncio.Event, pace: Pace, who: Identity) -> None:
    async with present(system.parts.running, system.clock, who) as presence:
        client = await reach(system.settings, stop, presence.missed)
        if client is None:
            return
        starter = starter_of(system, client)
        presence.asks(starter.server_id)

        async def mend() -> None:
            await _reconciling(system, client, starter).run()

        lease = LeaseHolder(system.parts.relay_lease, who.id, pace.lease)
        known = system.parts.known_server
        ports = system.schedule, system.outbox, system.clock, starter, known, lease, mend
        house = FollowHouse(
            system.store,
            system.clock,
            system.people,
            system.house_calendars,
            system.board,
            lambda ref: _calendar_of(system, ref),
        )
        await Relay(*ports, house=house, pace=pace, cause_of=lambda deal_id: last_cause(system.store, deal_id)).run(
            stop
        )


def _calendar_of(system: System, ref: ProcessRef) -> str | None:
    """The name of the calendar that a process is measured by; None where it cannot be read."""
    try:
        return system.processes.get(ref).definition.calendar
    except (CommandRefused, EventUnreadable):
        return None


async def run_views(system: System, stop: asyncio.Event) -> None:
    """Keep the board up to date until `stop` is set."""
    async with present(system.parts.running, system.clock, identity_of("views")):
        await system.board.follow(stop)


def identity_of(what: What) -> Identity:
    """A part of this process; in containers host and process may be those of another one, so the id has a random end."""
    host, pid = socket.gethostname(), os.getpid()
    return Identity(f"{what}-{host}-{pid}-{uuid4().hex[:6]}", what, host, pid, __version__)


async def reconcile(
    system: System, *, dry_run: bool = False, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Reconciled:
    """Compare store and Temporal and mend what differs; raise TemporalUnreachable or StoreUnreachable."""
    client = await connect(system.settings)
    return await _reconciling(system, client, starter_of(system, client)).run(dry_run=dry_run, progress=progress)


def reconcile_all(system: System, *, dry_run: bool, progress: Callable[[int, int], None]) -> Reconciled:
    """Compare streams with their schedule rows, then the store with Temporal, and mend both."""
    try:
        at = system.clock.now()
        wrong = reschedule(system.store, system.schedule, at, dry_run=dry_run, progress=progress)
        views_wrong = _views_wrong(system)
        if views_wrong and not dry_run:
            system.board.refill()
        done = asyncio.run(reconcile(system, dry_run=dry_run, progress=progress))
    finally:
        let_go()
    mended = done.mended if dry_run else done.mended + len(wrong) + views_wrong
    return done.model_copy(update={"row_wrong": len(wrong), "views_wrong": views_wrong, "mended": mended})


def _views_wrong(system: System) -> int:
    """How many deals the board has otherwise than they are; where it cannot be read, all of it is one."""
    try:
        return len(system.board.differing())
    except StoreUnreachable:
        raise
    except Exception:  # noqa: BLE001  whatever stands in its tables, they are filled anew
        return 1


def starter_of(system: System, client: Client) -> TemporalStarter:
    """Wakes the workflows of this system."""
    return starter_over(system.store, system.schedule, client, system.settings.temporal_queue, system.clock)


def _reconciling(system: System, client: Client, starter: TemporalStarter) -> Reconcile:
    return Reconcile(
        system.schedule, system.outbox, system.clock, starter, TemporalRuns(client, system.settings.temporal_queue)
    )
