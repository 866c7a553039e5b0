"""The running workflows as Temporal lists them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from dealflow.adapters.temporal.starter import RPC_TIMEOUT, running_workflow, told
from dealflow.application.engine.reconcile import RunningWorkflows, WorkflowRun
from dealflow_workflows.contracts import (
    DEAL_PROGRESSION,
    PERSON_NOTICES,
    deal_workflow_id,
    opening_of,
    person_of,
    person_workflow_id,
)

PAGE = 1000


class TemporalRuns:
    """Reads by visibility query, page by page, and asks for one workflow where the list may be behind."""

    def __init__(self, client: Client, queue: str) -> None:
        self._client, self._queue = client, queue

    async def deals(self) -> AsyncIterator[WorkflowRun]:
        """All running DealProgressions."""
        async for workflow_id in self._running(DEAL_PROGRESSION):
            if run := opening_of(workflow_id):
                yield WorkflowRun(run.deal_id, run.opening, run.run)

    async def people(self) -> AsyncIterator[str]:
        """All recipients whose PersonNotices runs."""
        async for workflow_id in self._running(PERSON_NOTICES):
            if person_id := person_of(workflow_id):
                yield person_id

    async def deal(self, run: WorkflowRun) -> RunningWorkflows | None:
        """This one, if it runs."""
        found = await self._found(deal_workflow_id(run.deal_id, run.opening, run.run))
        if found is None:
            return None
        # Within a start delay there is nothing but the start: not even a task for a worker.
        begins_at = found.execution_time if found.history_length == 1 else None
        raw = found.raw_description
        return RunningWorkflows(begins_at, looks=raw.HasField("pending_workflow_task") or bool(raw.pending_activities))

    async def has_person(self, person_id: str) -> bool:
        """Whether this one runs."""
        return await self._found(person_workflow_id(person_id)) is not None

    async def end(self, run: WorkflowRun, reason: str) -> None:
        """Terminate it."""
        async with _asked():
            try:
                handle = self._client.get_workflow_handle(deal_workflow_id(run.deal_id, run.opening, run.run))
                await handle.terminate(reason=reason, rpc_timeout=RPC_TIMEOUT)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise

    async def _running(self, workflow_type: str) -> AsyncIterator[str]:
        # Another installation in the same namespace has another queue, and its runs are none of ours.
        query = f'WorkflowType = "{workflow_type}" AND TaskQueue = "{self._queue}" AND ExecutionStatus = "Running"'
        async with _asked():
            async for found in self._client.list_workflows(query, page_size=PAGE):
                yield found.id

    async def _found(self, workflow_id: str) -> WorkflowExecutionDescription | None:
        async with _asked():
            return await running_workflow(self._client, workflow_id)


@asynccontextmanager
async def _asked() -> AsyncIterator[None]:
    try:
        yield
    except RPCError as error:
        raise told(error) from error
