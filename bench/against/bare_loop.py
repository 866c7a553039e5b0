"""The bare loop beside ours: the same shape on the same parts, without a domain, and a worker for it.

python -m bench.against.bare_loop DATABASE_URL TEMPORAL_ADDRESS QUEUE
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Final
from uuid import UUID

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from bench.against.plain import PlainStore
    from dealflow.adapters.temporal.client import connect, let_go
    from dealflow.settings import Settings
    from dealflow_workflows.waiting import KeptTimer

LOOP = "BareLoop"


class WAKE:
    """The signal, and how far off the timer is that never fires here."""

    name: Final = "wake"
    far: Final = timedelta(days=10)


class BareRun(BaseModel):
    """`socket`: say that you were there, and do nothing; else append to the entry."""

    entry_id: str
    socket: str = ""


@workflow.defn(name=LOOP)
class Loop:
    """Looks, waits for a wake or for the kept timer, looks again."""

    def __init__(self) -> None:
        self._woken = False
        self._timer = KeptTimer()

    @workflow.signal(name=WAKE.name)
    def wake(self) -> None:
        """Look again."""
        self._woken = True

    @workflow.run
    async def run(self, run: BareRun) -> None:
        """For ever."""
        due = workflow.now() + WAKE.far
        while True:
            self._woken = False
            await workflow.execute_local_activity(
                "say" if run.socket else "append",
                run,
                start_to_close_timeout=timedelta(seconds=5),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
            await self._timer.woken_or_due(lambda: self._woken, due, summary="far off")


class Work:
    """The two local activities."""

    def __init__(self, store: PlainStore) -> None:
        self._store = store
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    @activity.defn(name="append", no_thread_cancel_exception=True)
    def append(self, run: BareRun) -> None:
        """One plain load-and-append."""
        self._store.load_and_append(UUID(run.entry_id))

    @activity.defn(name="say", no_thread_cancel_exception=True)
    def say(self, run: BareRun) -> None:
        """Nothing but a word to whoever measures."""
        self._socket.sendto(run.entry_id.encode(), run.socket)


class Said:
    """Hears that an empty activity was there."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._waiting: dict[str, Future[None]] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._thread = Thread(target=self._run, name="said", daemon=True)
        self._thread.start()

    @contextmanager
    def awaited(self, name: str) -> Iterator[Future[None]]:
        """The next word of this one."""
        heard = self._waiting[name] = Future()
        try:
            yield heard
        finally:
            self._waiting.pop(name, None)

    def close(self) -> None:
        """Hear no more."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.path)
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        while name := self._socket.recv(200).decode():
            if heard := self._waiting.pop(name, None):
                heard.set_result(None)


async def _worker(database_url: str, address: str, queue: str) -> None:
    settings = Settings.load(temporal_address=address, temporal_queue=queue)
    client, store = await connect(settings), PlainStore(database_url)
    work, threads, stop = Work(store), settings.worker_threads, asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    # As in dealflow.worker: the same pool, the same slots, the same sandbox.
    with ThreadPoolExecutor(2 * threads, "activity") as pool:
        worker = Worker(
            client,
            task_queue=queue,
            workflows=[Loop],
            activities=[work.append, work.say],
            activity_executor=pool,
            max_concurrent_activities=threads,
            max_concurrent_local_activities=threads,
        )
        async with worker:
            await stop.wait()
    store.close()


def main(database_url: str, address: str, queue: str) -> None:
    """Until SIGTERM."""
    asyncio.run(_worker(database_url, address, queue))
    let_go()


if __name__ == "__main__":
    main(*sys.argv[1:])
