"""The connection to Temporal: where the server is, by which means it is reached, and what its errors mean."""

import asyncio
import gc
import ipaddress
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from textwrap import shorten
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfigProfile
from temporalio.service import GrpcCompression, RPCError, RPCStatusCode

from dealflow.adapters.temporal.sdk_runtime import runtime
from dealflow.adapters.temporal_server import address
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.observability.logs import Log, emit
from dealflow.settings import Settings

LONGEST_PAUSE = 5.0
NO_ADDRESS = phrase("no Temporal server is configured and none of this folder is running (`dealflow up` starts one)")
_AWAY = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.PERMISSION_DENIED,
}


# What the SDK's client says, in the words of its own parts, and what it means; the first that fits.
_MEANINGS = (
    ("connectionrefused", phrase("nothing listens there (connection refused)")),
    ("dns error", phrase("there is no host of that name")),
    ("invalid target url", phrase("that is no address such as 127.0.0.1:7233")),
    ("unauthenticated", phrase("it does not take these credentials")),
    ("permissiondenied", phrase("it does not take these credentials")),
    ("certificate", phrase("its certificate is not accepted")),
    ("invalidmessage", phrase("it does not speak TLS, or not the one that is configured")),
    ("unreachable", phrase("there is no way to that network")),
    ("timed out", phrase("no answer in time")),
    ("deadline", phrase("no answer in time")),
    ("code: unavailable", phrase("it is not ready")),
    ("get_system_info", phrase("what answers there is no Temporal server")),
)


def address_of(settings: Settings) -> str:
    """The configured address, else that of the home folder's own server, else that of Temporal's environment, else ""."""
    return address.address_of(settings) or own_profile().address or ""


def own_profile() -> ClientConfigProfile:
    """What Temporal's own environment and file say; TemporalUnreachable when they cannot be read."""
    try:
        return ClientConfigProfile.load()
    except RuntimeError as error:
        # The first line only: the others show the file's own, which may be a key.
        raise TemporalUnreachable(
            phrase("Temporal's own configuration cannot be used: {reason}", reason=str(error).splitlines()[0])
        ) from None


def guarded_by() -> str:
    """What this client shows a server that is elsewhere: `mtls`, `api_key`, or nothing."""
    profile = own_profile()
    if profile.tls and not profile.tls.disabled and profile.tls.client_cert and profile.tls.client_private_key:
        return "mtls"
    return "api_key" if profile.api_key else ""


async def connect(settings: Settings, *, within: timedelta = timedelta(seconds=10), **more: Any) -> Client:
    """Connect once, with TLS, API key and headers from Temporal's own environment and file; else TemporalUnreachable."""
    address = address_of(settings)
    if not address:
        raise TemporalUnreachable(NO_ADDRESS)
    profile = dict(own_profile().to_client_connect_config())
    chosen: dict[str, Any] = {name: profile[name] for name in ("tls", "api_key", "rpc_metadata") if name in profile}
    if is_loopback(address):
        # Compressing costs more than it saves where nothing leaves the computer; keys of a server elsewhere stay here.
        kept = chosen if profile.get("target_host") == address else {}
        chosen = {**kept, "grpc_compression": GrpcCompression.NONE}
    try:
        return await asyncio.wait_for(
            Client.connect(
                address,
                namespace=settings.temporal_namespace,
                data_converter=pydantic_data_converter,
                connect_timeout=within,
                runtime=runtime(),
                **(chosen | more),
            ),
            within.total_seconds(),
        )
    except (RuntimeError, ValueError, TimeoutError, RPCError) as error:
        raise TemporalUnreachable(
            phrase("Temporal at {address} is not reachable: {reason}", address=address, reason=why_not(error))
        ) from error


def why_not(error: Exception) -> Phrase:
    """Why a connection failed, in plain words; what is not known is said as it came, cut between words."""
    said = " ".join(str(error).split())
    known = next((meaning for word, meaning in _MEANINGS if word in said.lower()), None)
    return known or (Phrase(shorten(said, 200, placeholder=" ..."), {}) if said else phrase("no answer in time"))


async def reach(
    settings: Settings, stop: asyncio.Event, missed: Callable[[str], None] = lambda _: None
) -> Client | None:
    """Connect, trying again until the server is there; None when `stop` was set first. `missed` hears of each failure."""
    pause, said = 0.5, False
    while not stop.is_set():
        try:
            return await _unless_stopped(connect(settings), stop)
        except TemporalUnreachable as error:
            missed(str(error))
            if not said:
                emit(Log.TEMPORAL_UNREACHABLE, "warning", error=str(error))
            said = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    return None


async def _unless_stopped(connecting: Coroutine[Any, Any, Client], stop: asyncio.Event) -> Client | None:
    """A server that neither answers nor refuses must not hold up the end of whoever waits for it."""
    tried, stopped = asyncio.create_task(connecting), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({tried, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return await tried if tried.done() else None
    finally:
        tried.cancel()
        stopped.cancel()


async def server_id(client: Client) -> str:
    """The identity of the namespace in this server's database; another one means that the database is another."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    answer = await client.workflow_service.describe_namespace(request, retry=True, timeout=timedelta(seconds=5))
    return answer.namespace_info.id


def is_away(error: RPCError) -> bool:
    """Whether the error says that the server cannot be used now, rather than that this request is wrong."""
    # A connection that is cut in the middle of a call has no code of its own.
    is_cut = error.status is RPCStatusCode.UNKNOWN and "transport error" in error.message
    return error.status in _AWAY or is_cut


def let_go() -> None:
    """Call once when the last client is out of use, where the interpreter ends by itself.

    The SDK's threads let go of Python objects a little later; an interpreter that ends meanwhile aborts (exit code 134).
    """
    gc.collect()
    time.sleep(0.5)


def is_loopback(address: str) -> bool:
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
