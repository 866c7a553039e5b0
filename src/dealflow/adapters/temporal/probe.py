"""Asks a Temporal server who it is and who works for it, once and within a few seconds."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, timedelta
from typing import Any, TypeVar

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.temporal.client import address_of, connect, guarded_by, is_loopback, own_profile, server_id
from dealflow.application.health.state import TemporalState
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase, phrase_of
from dealflow.settings import Settings
from dealflow_workflows.contracts import DEAL_PROGRESSION, PERSON_NOTICES

CONNECT = timedelta(seconds=3)
CALL = timedelta(seconds=5)
# A worker with nothing to do asks again after a minute.
ONE_POLL = timedelta(seconds=90)
T = TypeVar("T")


async def probe(settings: Settings) -> TemporalState:
    """What the server says of itself; with its error when it does not answer."""
    known = {
        "address": address_of(settings),
        "found": found_by(settings),
        "namespace": settings.temporal_namespace,
        "queue": settings.temporal_queue,
        "guarded_by": guarded_by(),
        "is_elsewhere": bool(address_of(settings)) and not is_loopback(address_of(settings)),
    }
    try:
        client = await connect(settings, within=CONNECT)
        return TemporalState(**known, **await _asked(client, settings.temporal_queue))
    except (TemporalUnreachable, RPCError, TimeoutError) as error:
        return TemporalState(**known, error=phrase_of(error) if str(error) else phrase("it does not answer in time"))


def found_by(settings: Settings) -> Phrase:
    """Where the address comes from, in words; "" when there is none."""
    if settings.temporal_address:
        return phrase("setting temporal_address")
    if own_profile().address:
        return phrase("Temporal's own environment")
    return phrase("noted by `dealflow up`") if address_of(settings) else NOTHING


async def _asked(client: Client, queue: str) -> dict[str, Any]:
    info, database, deals, people, workflow_pollers, activity_pollers = await asyncio.gather(
        client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=CALL),
        server_id(client),
        _running(client, queue, DEAL_PROGRESSION),
        _running(client, queue, PERSON_NOTICES),
        _pollers(client, queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
        _pollers(client, queue, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    )
    return {
        "version": info.server_version,
        "database": database,
        "deal_workflows": deals,
        "person_workflows": people,
        "workers": len(workflow_pollers & activity_pollers),
    }


async def _running(client: Client, queue: str, workflow_type: str) -> int:
    # Another installation in the same namespace has another queue, and its runs are none of ours.
    query = f'WorkflowType = "{workflow_type}" AND TaskQueue = "{queue}" AND ExecutionStatus = "Running"'
    return (await _soon(client.count_workflows(query))).count


async def _pollers(client: Client, queue: str, kind: "TaskQueueType.ValueType") -> set[str]:
    """Who polls the queue, by the name that each worker gives itself; the server remembers for minutes those that ended."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=CALL)
    lately = SystemClock().now() - ONE_POLL
    return {poller.identity for poller in answer.pollers if poller.last_access_time.ToDatetime(UTC) > lately}


async def _soon(call: Awaitable[T]) -> T:
    return await asyncio.wait_for(call, CALL.total_seconds())
