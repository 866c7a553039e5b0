"""The two activities that the workflows call; both may run twice and then do nothing the second time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Protocol

from temporalio import activity

from dealflow.application.commands.answers import Progressed
from dealflow.application.notices.deliver import Delivered
from dealflow.application.ports.schedule import Schedule
from dealflow_workflows.contracts import (
    DELIVER_NOTICES,
    PROGRESS_DEAL,
    DeliverRequest,
    Delivery,
    Progress,
    ProgressRequest,
)

SECONDS_BETWEEN_SIGNS = 5.0


class Progresses(Protocol):
    """The deal side as a workflow needs it."""

    def progress(self, deal_id: str, opening: int, now: datetime, *, run: int = 1) -> Progressed:
        """Do what is due by `now`; again, nothing."""
        ...


class Delivers(Protocol):
    """The telling side as a workflow needs it."""

    def deliver(
        self, person_id: str, now: datetime, is_stopping: Callable[[], bool], is_given_up: Callable[[], bool]
    ) -> Delivered:
        """Send what is due at `now`; once `is_stopping` or `is_given_up` the message in hand is the last one."""
        ...


class Activities:
    """Synchronous, for a pool of threads of the worker's own."""

    def __init__(
        self, deals: Progresses, schedule: Schedule, delivering: Delivers, check_instant: Callable[[datetime], None]
    ) -> None:
        self._deals, self._schedule, self._delivering = deals, schedule, delivering
        self._check_instant = check_instant

    # A cancellation is not thrown into the thread: between sending a message and recording that it went out, or in the
    # middle of a transaction, it would have the message sent again. Both end by themselves soon enough.
    @activity.defn(name=PROGRESS_DEAL, no_thread_cancel_exception=True)
    def progress_deal(self, request: ProgressRequest) -> Progress:
        """Look at the deal and note what the workflow has seen and will wait for."""
        done = self._deals.progress(request.deal_id, request.opening, _present(request.now), run=request.run)
        # What a look appends says itself that the workflow has seen it.
        if not done.facts and (not done.closed or self._is_current(request)):
            self._schedule.seen(done.deal_id, done.version, done.next_due)
        return Progress(closed=done.closed, next_due=done.next_due, waits_for=done.waits_for)

    @activity.defn(name=DELIVER_NOTICES, no_thread_cancel_exception=True)
    def deliver_notices(self, request: DeliverRequest) -> Delivery:
        """Tell the person what is due."""
        now = _present(request.now)
        # Whoever reaches Temporal's port can call this with any instant.
        self._check_instant(now)
        with _heartbeats():
            told = self._delivering.deliver(request.person_id, now, activity.is_worker_shutdown, activity.is_cancelled)
        return Delivery(delivered=told.delivered, failed=told.failed, next_try_at=told.next_try_at)

    def _is_current(self, request: ProgressRequest) -> bool:
        """A run of an earlier opening must not pass for one that has seen what concerns the present one."""
        row = self._schedule.get(request.deal_id)
        return row is not None and row.is_of(request.run, request.opening)


@contextmanager
def _heartbeats() -> Iterator[None]:
    """Signs of life while one message may hang: a server under load loses a task now and then, and only their absence tells."""
    done = Event()

    def beat() -> None:
        while not done.wait(SECONDS_BETWEEN_SIGNS):
            activity.heartbeat()

    pulse = Thread(target=copy_context().run, args=(beat,), name="heartbeat", daemon=True)
    pulse.start()
    try:
        yield
    finally:
        done.set()
        pulse.join()


def _present(asked_at: datetime) -> datetime:
    """The workflow's clock moved on by what went by since it asked: a retried attempt decides with a fresh instant."""
    info = activity.info()
    if info.is_local:
        return asked_at
    return asked_at + max(info.started_time - info.scheduled_time, timedelta(0))
