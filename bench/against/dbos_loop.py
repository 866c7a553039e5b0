"""The same work on DBOS: a message sent to a workflow that waits for it, then a step with one plain load-and-append.

python -m bench.against.dbos_loop DATABASE_URL SYSTEM_DATABASE_URL
"""

import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from uuid import UUID

from dbos import DBOS, DBOSClient, WorkflowHandle

from bench.against.plain import TEXT, PlainStore
from bench.against.watching import Watch
from bench.rig import Rig

FOLLOW = "follow"
QUEUE = "entries"
TOPIC = "said"
# How long a workflow waits for a message before it gives up.
PATIENCE_SECONDS = 600
START_SECONDS = 60.0


class DbosLoop:
    """The caller's side. Each entry has a workflow of its own, which ends after as many messages as were announced."""

    def __init__(self, store: PlainStore, client: DBOSClient, watch: Watch, messages: int) -> None:
        self._store, self._client, self._watch, self._messages = store, client, watch, messages
        self._versions: dict[UUID, int] = {}

    def open(self, messages: int | None = None) -> UUID:
        """A new entry whose workflow will wait for its first message within a second."""
        entry_id = self._store.open("an entry followed by DBOS")
        self._versions[entry_id] = 1
        options = {"queue_name": QUEUE, "workflow_name": FOLLOW, "workflow_id": str(entry_id)}
        self._client.enqueue(options, str(entry_id), messages or self._messages)  # type: ignore[arg-type]
        return entry_id

    def settle(self) -> None:
        """Return when no workflow is left that has not begun."""
        until = time.monotonic() + START_SECONDS
        while self._client.list_queued_workflows(queue_name=QUEUE, status="ENQUEUED"):
            if time.monotonic() > until:
                raise TimeoutError("DBOS does not start its workflows")
            time.sleep(0.1)

    def send(self, entry_id: UUID, text: str = TEXT) -> None:
        """One message, durable when this returns; it becomes one step with one append of this text."""
        self._client.send(str(entry_id), text, TOPIC)

    def appended(self, entry_id: UUID, count: int = 1) -> None:
        """Return when this many more messages have become events."""
        version = self._versions[entry_id] + count
        self._watch.until_past(entry_id, version - 1)
        self._versions[entry_id] = version

    def move(self, moved: UUID) -> None:
        """Send one, and wait for the append of its step."""
        self.send(moved)
        self.appended(moved)


@contextmanager
def dbos_loop(rig: Rig, messages: int) -> Iterator[DbosLoop]:
    """With its worker in a process of its own; the entries and DBOS's own tables are two databases of one server."""
    database, own = rig.new_database(), rig.new_database()
    store = PlainStore(database)
    watch = Watch(database, store.table)
    with ExitStack() as kept:
        kept.callback(store.close)
        kept.callback(watch.close)
        kept.enter_context(rig.process("bench.against.dbos_loop", database, own))
        client = _client(own)
        kept.callback(client.destroy)
        yield DbosLoop(store, client, watch, messages)


def _client(own: str) -> DBOSClient:
    """As soon as the worker has made all its tables and done something; what it says until then is no news."""
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            client = DBOSClient(system_database_url=own)
            options = {"queue_name": QUEUE, "workflow_name": FOLLOW}
            nothing: WorkflowHandle[None] = client.enqueue(options, "nothing", 0)  # type: ignore[arg-type]
            while nothing.get_status().status != "SUCCESS":
                if time.monotonic() > until:
                    raise TimeoutError("DBOS does not do anything")
                time.sleep(0.1)
            return client
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def main(database_url: str, own: str) -> None:
    """Until SIGTERM."""
    store, stop = PlainStore(database_url), Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    DBOS(config={"name": "bench", "system_database_url": own, "log_level": "ERROR", "enable_otlp": False})

    @DBOS.step()
    def append(entry_id: str, text: str) -> int:
        return store.load_and_append(UUID(entry_id), text)

    @DBOS.workflow(name=FOLLOW)
    def follow(entry_id: str, messages: int) -> None:
        for _ in range(messages):
            text = DBOS.recv(TOPIC, timeout_seconds=PATIENCE_SECONDS)
            if text is None:
                return
            append(entry_id, text)

    DBOS.launch()
    DBOS.register_queue(QUEUE, polling_interval_sec=0.2)
    stop.wait()
    DBOS.destroy()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
