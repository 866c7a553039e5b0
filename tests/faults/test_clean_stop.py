"""SIGTERM: what is in hand is finished, the rest is left to others, and no part that is away holds up the end."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from dealflow.adapters.notices.notify import KEY_HEADER
from dealflow.adapters.temporal_server.server import RunningServer
from tests.support.observed.sound import everything_holds
from tests.support.running.programs import Programs, programs
from tests.support.running.restartable_postgres import restartable_postgres
from tests.support.running.restartable_server import restartable_server
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.waiting import eventually

pytestmark = [pytest.mark.temporal, pytest.mark.slow]
DEALS = 6
SECONDS_A_MESSAGE = 2.0


class SlowReceiver(ThreadingHTTPServer):
    """Takes its time over each message, and remembers the keys of those that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Slow)
        self.begun: list[str] = []
        self.taken: list[str] = []

    @property
    def channel(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/"


class _Slow(BaseHTTPRequestHandler):
    server: SlowReceiver

    def do_POST(self) -> None:
        key = self.headers[KEY_HEADER]
        self.server.begun.append(key)
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(SECONDS_A_MESSAGE)
        self.server.taken.append(key)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that http.server calls
        """Say nothing."""


@contextmanager
def slow_receiver() -> Iterator[SlowReceiver]:
    with SlowReceiver() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_worker_finishes_the_messages_in_hand_and_another_sends_the_others(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem, started: Programs) -> None:
        first, relay = started.start("worker"), started.start("relay")
        await eventually(lambda: started.works(first, relay))
        for number in range(DEALS):
            running.open(f"slowly{number}")
        await eventually(lambda: len(receiver.begun) >= 3)
        assert await asyncio.to_thread(first.end) == 0
        assert sorted(receiver.begun) == sorted(receiver.taken), "no message was cut off"
        delivered = running.system.outbox.counts()["delivered"]
        assert delivered == len(receiver.taken) < 2 * DEALS, "what was sent is recorded, and the rest was left"
        second = started.start("worker")
        await eventually(lambda: running.system.outbox.counts()["delivered"] == 2 * DEALS)
        assert set(Counter(receiver.taken).values()) == {1} and len(receiver.taken) == 2 * DEALS
        await everything_holds(running)
        assert await asyncio.to_thread(second.end) == 0

    with (
        slow_receiver() as receiver,
        running_system(tmp_path / "slowly", temporal_server.address, learn="3 seconds") as running,
        programs(running, DEALFLOW_DEFAULT_CHANNELS=receiver.channel) as started,
    ):
        asyncio.run(story(running, started))


def test_parts_end_while_temporal_is_away(tmp_path: Path) -> None:
    async def story(running: RunningSystem, started: Programs) -> None:
        parts = [started.start("worker"), started.start("relay")]
        await eventually(lambda: started.works(*parts))
        server.stop()
        await eventually(lambda: all(part.temporal == "away" for part in started.parts().values()))
        late = [started.start("worker"), started.start("relay")]
        await eventually(lambda: len(started.parts()) == 4)
        ended = await asyncio.gather(*(asyncio.to_thread(part.end) for part in (*parts, *late)))
        assert ended == [0] * 4
        assert started.parts() == {}

    with (
        restartable_server(tmp_path / "server") as server,
        running_system(tmp_path / "away", server.address) as running,
        programs(running) as started,
    ):
        server.start()
        asyncio.run(story(running, started))


def test_parts_end_while_a_server_neither_answers_nor_refuses(tmp_path: Path) -> None:
    async def story(running: RunningSystem, started: Programs) -> None:
        parts = [started.start("worker"), started.start("relay")]
        await eventually(lambda: len(started.parts()) == 2)
        # Each of them waits for an answer that never comes.
        await asyncio.gather(asyncio.to_thread(silent.accept), asyncio.to_thread(silent.accept))
        assert await asyncio.gather(*(asyncio.to_thread(part.end) for part in parts)) == [0, 0]

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with running_system(tmp_path / "silent", address) as running, programs(running) as started:
            asyncio.run(story(running, started))


@pytest.mark.postgres
def test_parts_end_while_the_store_is_away(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story(running: RunningSystem, started: Programs) -> None:
        parts = [started.start("worker"), started.start("relay")]
        await eventually(lambda: started.works(*parts))
        postgres.stop_at_once()
        await eventually(lambda: any("store.unreachable" in part.logged for part in parts))
        assert await asyncio.gather(*(asyncio.to_thread(part.end) for part in parts)) == [0, 0]
        postgres.start()

    with restartable_postgres() as postgres:
        url = postgres.create_database()
        with (
            running_system(tmp_path / "store-away", temporal_server.address, database=url) as running,
            programs(running) as started,
        ):
            asyncio.run(story(running, started))
