"""A part that fails or ends unasked begins again, with the reason in the log; told to stop, it finishes."""

import asyncio
import io
import json
from collections.abc import Iterator

import pytest
import structlog

from dealflow.embedded import supervisor
from dealflow.embedded.supervisor import Pauses, SupervisedPart, keep_running
from dealflow.observability.logs import configure_logs
from tests.support.waiting import LONGEST_SECONDS

QUICK = Pauses(first=0.01, longest=0.04, steady=60)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    out = io.StringIO()
    configure_logs("json", "info", out)
    yield out
    structlog.reset_defaults()


def events(log: io.StringIO, name: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == name]


class Flaky:
    """A part that fails so often, and then runs until it is told to stop."""

    def __init__(self, failures: int) -> None:
        self.failures, self.begun = failures, 0
        self.steady = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        self.begun += 1
        if self.begun <= self.failures:
            raise ConnectionError(f"no answer, try {self.begun}")
        self.steady.set()
        await stop.wait()


def test_a_part_that_fails_begins_again_and_the_log_has_the_reason(log: io.StringIO) -> None:
    async def story() -> None:
        stop, flaky = asyncio.Event(), Flaky(2)
        running = asyncio.create_task(keep_running(SupervisedPart("relay", flaky.run), stop, QUICK))
        await asyncio.wait_for(flaky.steady.wait(), LONGEST_SECONDS)
        stop.set()
        await asyncio.wait_for(running, LONGEST_SECONDS)

    asyncio.run(story())
    failed = events(log, "part.failed")
    assert [line["reason"] for line in failed] == [
        "ConnectionError: no answer, try 1",
        "ConnectionError: no answer, try 2",
    ]
    assert len(events(log, "part.restarted")) == 2 and len(events(log, "part.stopped")) == 1


def test_the_pause_doubles_up_to_its_longest(log: io.StringIO) -> None:
    async def story() -> None:
        stop, flaky = asyncio.Event(), Flaky(4)
        running = asyncio.create_task(keep_running(SupervisedPart("relay", flaky.run), stop, QUICK))
        await asyncio.wait_for(flaky.steady.wait(), LONGEST_SECONDS)
        stop.set()
        await running

    asyncio.run(story())
    assert [line["again_in_seconds"] for line in events(log, "part.failed")] == [0.01, 0.02, 0.04, 0.04]


def test_a_part_that_ends_unasked_begins_again(log: io.StringIO) -> None:
    async def story() -> int:
        stop, begun = asyncio.Event(), 0

        async def ends(_: asyncio.Event) -> None:
            nonlocal begun
            begun += 1
            if begun == 3:
                stop.set()

        await asyncio.wait_for(keep_running(SupervisedPart("views", ends), stop, QUICK), LONGEST_SECONDS)
        return begun

    assert asyncio.run(story()) == 3
    assert {line["reason"] for line in events(log, "part.failed")} == {"it ended without being told to"}


def test_a_part_told_to_stop_finishes_what_is_in_hand(log: io.StringIO) -> None:
    async def story() -> list[str]:
        stop, done = asyncio.Event(), []

        async def careful(stop: asyncio.Event) -> None:
            await stop.wait()
            await asyncio.sleep(0.05)
            done.append("the last act")

        running = asyncio.create_task(keep_running(SupervisedPart("worker", careful), stop, QUICK))
        await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(running, LONGEST_SECONDS)
        return done

    assert asyncio.run(story()) == ["the last act"]
    assert events(log, "part.failed") == []


def test_a_part_that_does_not_end_is_cancelled_in_the_end(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LAST_WORD_SECONDS", 0.05)

    async def story() -> None:
        stop = asyncio.Event()

        async def deaf(_: asyncio.Event) -> None:
            await asyncio.sleep(60)

        running = asyncio.create_task(keep_running(SupervisedPart("worker", deaf), stop, QUICK))
        await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(running, LONGEST_SECONDS)

    asyncio.run(story())
    assert len(events(log, "part.failed")) == 1 and len(events(log, "part.stopped")) == 1


def test_a_part_that_rests_hears_that_it_is_to_stop(log: io.StringIO) -> None:
    async def story() -> None:
        stop = asyncio.Event()
        part = SupervisedPart("relay", Flaky(1000).run)
        running = asyncio.create_task(keep_running(part, stop, Pauses(first=60, longest=60)))
        await asyncio.sleep(0.02)
        stop.set()
        await asyncio.wait_for(running, LONGEST_SECONDS)

    asyncio.run(story())
    assert events(log, "part.restarted") == []
