"""Wakes workflows: a signal that also starts the run where there is none, or a start delayed to the first deadline."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio.api.enums.v1 import PendingActivityState, PendingWorkflowTaskState
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from dealflow.adapters.temporal.client import is_away, server_id
from dealflow.application.engine.relay import summary_of
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.schedule import Schedule, Scheduled
from dealflow.application.ports.store import EventStore
from dealflow.application.ports.workflow_starter import TemporalUnreachable, Woken
from dealflow.domain.values.phrase import phrase
from dealflow_workflows.contracts import (
    DEAL_PROGRESSION,
    PERSON_NOTICES,
    WAKE,
    DealRun,
    PersonRun,
    deal_workflow_id,
    person_workflow_id,
)

NOTHING_EVER = timedelta(days=365)
RPC_TIMEOUT = timedelta(seconds=5)
# The server takes 400 bytes; Chinese characters have three.
MOST_SUMMARY_BYTES = 390

RESTART_FAILED = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
RESTART_ANY = WorkflowIDReusePolicy.ALLOW_DUPLICATE


class TemporalStarter:
    """One per process and event loop; `about` says in a few words what a deal is, `now_row` reads its schedule afresh."""

    def __init__(
        self,
        client: Client,
        queue: str,
        clock: UtcClock,
        *,
        about: Callable[[str], Awaitable[str]],
        now_row: Callable[[str], Awaitable[Scheduled | None]],
    ) -> None:
        self._client, self._queue, self._clock = client, queue, clock
        self._about, self._now_row = about, now_row

    async def wake(self, row: Scheduled, about: str = "") -> Woken:
        """Make sure that this opening's workflow looks at the deal when it must; raise TemporalUnreachable.

        `about` says in a few words what the deal is, where the caller knows it.
        """
        try:
            if not row.in_progress:
                return await self._end(row, about)
            # A server takes ten thousand signals; a worker that is away for a week must not use them up.
            if is_again(row) and await self._has_a_wake(_id_of(row)):
                return Woken.SIGNALLED
            now = self._clock.now()
            # Where the clock of whoever gave the command is ahead, what is due by it is due; the look will say.
            is_ahead = row.wake_at is not None and row.wake_at > now
            if not is_ahead and (row.next_due is None or row.next_due > now):
                delay = row.next_due - now if row.next_due else NOTHING_EVER
                if await self._started_later(row, delay, about):
                    return Woken.DELAYED
            return await self._signal(row, about)
        except RPCError as error:
            raise told(error) from error

    async def wake_recipient(self, person_id: str, *, again: bool = False) -> None:
        """Wake or start the person's PersonNotices; raise TemporalUnreachable."""
        try:
            if again and await self._has_a_wake(person_workflow_id(person_id)):
                return
            await self._client.start_workflow(
                PERSON_NOTICES,
                PersonRun(person_id=person_id),
                id=person_workflow_id(person_id),
                task_queue=self._queue,
                id_reuse_policy=RESTART_ANY,
                start_signal=WAKE,
                static_summary=_cut(person_id),
                rpc_timeout=RPC_TIMEOUT,
            )
        except RPCError as error:
            raise told(error) from error

    async def server_id(self) -> str:
        """The identity of the server's database; raise TemporalUnreachable."""
        try:
            return await server_id(self._client)
        except RPCError as error:
            raise told(error) from error

    async def _end(self, row: Scheduled, about: str) -> Woken:
        if await running_workflow(self._client, _id_of(row)) is None:
            return Woken.ENDED
        try:
            # With a start, since a signal alone does not cut a start delay short.
            await self._start(row, RESTART_FAILED, about, start_signal=WAKE)
        except WorkflowAlreadyStartedError:
            # It has completed meanwhile, and that it does only when it has seen that the deal is closed.
            return Woken.ENDED
        return Woken.SIGNALLED

    async def _has_a_wake(self, workflow_id: str) -> bool:
        """Whether a task waits for a worker: then an earlier wake has arrived, and nobody has looked since."""
        found = await running_workflow(self._client, workflow_id)
        if found is None:
            return False
        raw = found.raw_description
        task = raw.pending_workflow_task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
        waiting = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
        return task or any(activity.state == waiting for activity in raw.pending_activities)

    async def _started_later(self, row: Scheduled, delay: timedelta, about: str) -> bool:
        try:
            await self._start(row, RESTART_FAILED, about, start_delay=delay)
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def _signal(self, row: Scheduled, about: str) -> Woken:
        try:
            await self._start(row, RESTART_FAILED, about, start_signal=WAKE)
        except WorkflowAlreadyStartedError:
            # The run has completed. That is right when the deal was closed meanwhile; else the store was restored.
            now = await self._now_row(row.deal_id)
            if now is None or not now.in_progress or not now.is_of(row.run, row.opening):
                return Woken.ENDED
            await self._start(row, RESTART_ANY, about, start_signal=WAKE)
        return Woken.SIGNALLED

    async def _start(
        self,
        row: Scheduled,
        reuse: WorkflowIDReusePolicy,
        about: str,
        *,
        start_delay: timedelta | None = None,
        start_signal: str | None = None,
    ) -> None:
        """A signal goes without a start delay, so that a delay that still runs is cut short."""
        await self._client.start_workflow(
            DEAL_PROGRESSION,
            DealRun(deal_id=row.deal_id, opening=row.opening, run=row.run),
            id=_id_of(row),
            task_queue=self._queue,
            id_reuse_policy=reuse,
            start_delay=start_delay,
            start_signal=start_signal,
            static_summary=_cut(about or await self._about(row.deal_id)),
            rpc_timeout=RPC_TIMEOUT,
        )


def starter_over(store: EventStore, schedule: Schedule, client: Client, queue: str, clock: UtcClock) -> TemporalStarter:
    """One that reads of this store what a deal is and what its schedule says now."""

    async def about(deal_id: str) -> str:
        return await asyncio.to_thread(summary_of, store, deal_id)

    async def now_row(deal_id: str) -> Scheduled | None:
        return await asyncio.to_thread(schedule.get, deal_id)

    return TemporalStarter(client, queue, clock, about=about, now_row=now_row)


async def running_workflow(client: Client, workflow_id: str) -> WorkflowExecutionDescription | None:
    """This one, if it runs; raise RPCError."""
    handle: WorkflowHandle[None, None] = client.get_workflow_handle(workflow_id)
    try:
        found = await handle.describe(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    return found if found.status is WorkflowExecutionStatus.RUNNING else None


def is_again(row: Scheduled) -> bool:
    """Whether this version's wake was sent before."""
    return row.signalled_at is not None and row.signalled_version >= row.wake_version


def told(error: RPCError) -> Exception:
    """The port's word for an outage; any other error as it is."""
    # Where a workflow may be missing that is answered before; what is left not to be found is the namespace.
    if is_away(error) or error.status is RPCStatusCode.NOT_FOUND:
        return TemporalUnreachable(phrase("Temporal does not answer: {wrong}", wrong=error.message[:200]))
    return error


def _id_of(row: Scheduled) -> str:
    return deal_workflow_id(row.deal_id, row.opening, row.run)


def _cut(text: str) -> str:
    return text.encode()[:MOST_SUMMARY_BYTES].decode(errors="ignore")
