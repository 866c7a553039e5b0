"""The loops of `bench.transitions`: each opens deals and moves them one at a time, with everything real beside it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Thread
from time import monotonic, sleep
from typing import Any, Protocol
from uuid import UUID

from temporalio.client import Client

from bench.against.bare_loop import LOOP, WAKE, BareRun, Said
from bench.against.plain import PlainStore
from bench.against.watching import Watch
from bench.house import House, open_house
from bench.rig import Rig
from dealflow.adapters.temporal.client import connect
from dealflow.domain.deal.stream import stream_of
from dealflow.settings import Settings

# What became of a wake is noted a little after it was sent.
NOTED_WITHIN_SECONDS = 5.0


class Loop(Protocol):
    """One way to do the work."""

    def open(self) -> Any:
        """Something to move; it does not count."""
        ...

    def settle(self) -> None:
        """Return when everything that was opened can be moved."""
        ...

    def move(self, moved: Any) -> None:
        """From the word of a caller to the end of what follows from it."""
        ...


class _Ready:
    def settle(self) -> None:
        """What was opened can be moved at once."""


class OurLoop(_Ready):
    """Evidence through the command path, with its hint; the worker is `dealflow worker`."""

    def __init__(self, house: House, watch: Watch) -> None:
        self._house, self._watch = house, watch
        self._numbers = count(1)

    def open(self) -> str:
        deal_id = f"d-{next(self._numbers)}"
        self._house.open(deal_id)
        return deal_id

    def check_started(self) -> None:
        """Every deal that was opened has its workflow: a hint that fails does so in silence, and would pass for a fast one."""
        until = monotonic() + NOTED_WITHIN_SECONDS
        while (late := self._without_a_wake()) and monotonic() < until:
            sleep(0.1)
        assert not late, late

    def move(self, moved: str) -> None:
        answer = self._house.prove(moved)
        self._watch.until_past(stream_of(moved), answer.version)

    def _without_a_wake(self) -> list[str]:
        rows = self._house.system.schedule.in_progress(limit=1_000_000)
        assert rows
        return [row.deal_id for row in rows if max(row.signalled_version, row.seen_version) < row.wake_version]


@contextmanager
def our_loop(rig: Rig) -> Iterator[OurLoop]:
    """With a worker in a process of its own."""
    database = rig.new_database()
    with open_house(rig, database, worker=True) as house:
        watch = Watch(database, "dealflow.stored_events")
        try:
            yield OurLoop(house, watch)
        finally:
            watch.close()


class TemporalClient:
    """A client in a loop of its own, for callers that are threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="bare-client", daemon=True)
        self._thread.start()
        self._client: Client = self._done(connect(settings))

    def start(self, run: BareRun, **more: Any) -> None:
        """Start the workflow of this run, or signal it where `start_signal` is given."""
        self._done(
            self._client.start_workflow(
                LOOP, run, id=f"bare/{run.entry_id}", task_queue=self._settings.temporal_queue, **more
            )
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _done(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


class BareLoop(_Ready):
    """One plain load-and-append, one signal with start; a kept timer, and another load-and-append in the local activity."""

    def __init__(self, store: PlainStore, client: TemporalClient, watch: Watch) -> None:
        self._store, self._client, self._watch = store, client, watch

    def open(self) -> UUID:
        entry_id = self._store.open("a bare deal")
        self._client.start(BareRun(entry_id=str(entry_id)), start_delay=WAKE.far)
        return entry_id

    def move(self, moved: UUID) -> None:
        version = self._store.load_and_append(moved)
        self._client.start(BareRun(entry_id=str(moved)), start_signal=WAKE.name)
        self._watch.until_past(moved, version)


class EmptyLoop(_Ready):
    """The signal, the kept timer, and a local activity that only says that it was there."""

    def __init__(self, client: TemporalClient, said: Said) -> None:
        self._client, self._said = client, said
        self._numbers = count(1)

    def open(self) -> str:
        name = f"empty-{next(self._numbers)}"
        self._client.start(self._run(name), start_delay=WAKE.far)
        return name

    def move(self, moved: str) -> None:
        with self._said.awaited(moved) as heard:
            self._client.start(self._run(moved), start_signal=WAKE.name)
            heard.result(60)

    def _run(self, name: str) -> BareRun:
        return BareRun(entry_id=name, socket=self._said.path)


@contextmanager
def bare_loops(rig: Rig) -> Iterator[tuple[BareLoop, EmptyLoop]]:
    """Both on one worker in a process of its own, with our worker's settings."""
    database = rig.new_database()
    settings = rig.settings(database_url=database, queue="bare")
    store, client = PlainStore(database), TemporalClient(settings)
    watch, said = Watch(database, store.table), Said(rig.new_folder() / "said")
    with rig.process("bench.against.bare_loop", database, settings.temporal_address, settings.temporal_queue):
        try:
            yield BareLoop(store, client, watch), EmptyLoop(client, said)
        finally:
            for part in (watch, said, client, store):
                part.close()
