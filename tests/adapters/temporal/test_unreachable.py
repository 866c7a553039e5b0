"""Why Temporal is not reachable is said in plain words."""

import asyncio
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.service import RPCError

from dealflow.adapters.temporal.client import connect, is_away, server_id, why_not
from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.settings import Settings

# As the SDK's client 1.35 says it.
FAILED = "Failed client connect: Server connection error: tonic::transport::Error(Transport, ConnectError("


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (FAILED + 'ConnectError("tcp connect error", Os { code: 111, kind: ConnectionRefused })))', "nothing listens there"),
        (FAILED + 'ConnectError("dns error", Custom { kind: Uncategorized })))', "there is no host of that name"),
        (FAILED + "Custom { kind: InvalidData, error: InvalidMessage(InvalidContentType) }))", "it does not speak TLS"),
        ("invalid target URL: invalid port number", "that is no address such as 127.0.0.1:7233"),
        ("`get_system_info` call error after connection: Status { code: Internal }", "no Temporal server"),
        ("`get_system_info` call error after connection: Status { code: Unavailable }", "it is not ready"),
        ("`get_system_info` call error after connection: Status { code: Unauthenticated }", "these credentials"),
        ("", "no answer in time"),
    ],
)  # fmt: skip
def test_the_words_of_the_client_are_translated(said: str, meaning: str) -> None:
    assert meaning in why_not(RuntimeError(said)) and "::" not in why_not(RuntimeError(said))


def test_what_nobody_has_seen_before_is_cut_between_words() -> None:
    said = why_not(RuntimeError("something quite new " * 50))
    assert len(said) <= 200 and said.endswith(("something ...", "quite ...", "new ..."))


def test_a_port_where_nothing_listens_is_told_so(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings = Settings.load(tmp_path, temporal_address=f"127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(TemporalUnreachable, match="is not reachable: nothing listens there"):
            asyncio.run(connect(settings, within=timedelta(seconds=3)))


def test_a_connection_that_is_cut_in_the_middle_of_a_call_is_an_outage_and_no_mistake(
    temporal_server: RunningServer,
) -> None:
    host, _, port = temporal_server.address.partition(":")
    cuts = False

    async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, *, is_answer: bool) -> None:
        while data := await source.read(65_536):
            if cuts and is_answer:
                break
            target.write(data)
            await target.drain()
        target.transport.abort()

    async def between(client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, on = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pass_on(client, on, is_answer=False), pass_on(server, back, is_answer=True))

    async def story() -> None:
        nonlocal cuts
        proxy = await asyncio.start_server(between, "127.0.0.1", 0)
        client = await connect(Settings.load(temporal_address=f"127.0.0.1:{proxy.sockets[0].getsockname()[1]}"))
        assert await server_id(client)
        cuts = True
        request = DescribeNamespaceRequest(namespace=client.namespace)
        with pytest.raises(RPCError) as cut:
            await client.workflow_service.describe_namespace(request, timeout=timedelta(seconds=5))
        assert is_away(cut.value), cut.value
        cuts = False
        assert await server_id(client), "it connects again by itself"
        proxy.close()

    asyncio.run(story())
