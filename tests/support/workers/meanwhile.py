"""A Temporal client during whose question something happens: after the server has answered, before the asker hears it."""

from collections.abc import Awaitable, Callable

from temporalio.client import (
    Client,
    DescribeWorkflowInput,
    Interceptor,
    OutboundInterceptor,
    WorkflowExecutionDescription,
)


def meanwhile(client: Client, act: Callable[[], Awaitable[None]]) -> Client:
    """The same connection; each time a run is described, this happens before the description arrives."""
    config = client.config()
    config["interceptors"] = [*config["interceptors"], _Meanwhile(act)]
    return Client(**config)


class _Meanwhile(Interceptor):
    def __init__(self, act: Callable[[], Awaitable[None]]) -> None:
        self._act = act

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002  Temporal's name
        return _Described(next, self._act)


class _Described(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, act: Callable[[], Awaitable[None]]) -> None:  # noqa: A002  Temporal's name
        super().__init__(next)
        self._act = act

    async def describe_workflow(self, input: DescribeWorkflowInput) -> WorkflowExecutionDescription:  # noqa: A002  Temporal's name
        found = await super().describe_workflow(input)
        await self._act()
        return found
