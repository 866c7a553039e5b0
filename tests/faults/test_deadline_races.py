"""Evidence racing a deadline: what counts is which came first, not when it was noticed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from dealflow.application.commands.answers import Answer
from dealflow.domain.deal import events as e
from dealflow.domain.deal.stalls import EndedStall, NotRaised
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import House, RunningSystem
from tests.support.stores.databases import on
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow
LATE = timedelta(seconds=1)


def due_of(opened: Answer) -> datetime:
    """The deadline of a deal that was just opened."""
    assert opened.next_due
    return opened.next_due


def test_evidence_recorded_before_the_deadline_leaves_no_stall_however_late_the_worker_comes(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        due_at = due_of(running.open("before"))
        running.prove_need("before")
        assert running.system.clock.now() < due_at, "this computer is too slow for the story"
        async with running.relay():
            await eventually(lambda: running.system.clock.now() > due_at)
            async with running.worker():
                await eventually(lambda: running.deal("before").stage == "sign")
                await everything_holds(running)
        assert not running.deal("before").stalls

    with house(learn="8 seconds") as running:
        asyncio.run(story(running))


@on("postgres")
def test_evidence_recorded_after_the_deadline_finds_a_stall_dated_at_the_deadline(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        due_at = due_of(running.open("after"))
        async with running.relay():
            await eventually(lambda: running.system.clock.now() > due_at)
            running.prove_need("after")
            async with running.worker():
                await eventually(lambda: running.deal("after").stage == "sign")
                await everything_holds(running)
        [stall] = running.deal("after").stalls.values()
        assert stall.due_at == due_at and isinstance(stall, EndedStall)
        # It had ended when it was noticed: history, of which nobody is told.
        assert stall.escalation == NotRaised() and running.system.outbox.counts()["waiting"] == 0

    with house(learn="3 seconds") as running:
        asyncio.run(story(running))


@on("postgres")
def test_with_a_worker_there_each_of_many_races_is_won_by_whichever_was_recorded_first(house: House) -> None:
    numbers = range(40)

    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            due_at = [due_of(running.open(f"race-{number}")) for number in numbers]
            with ThreadPoolExecutor(8) as threads:
                loop = asyncio.get_running_loop()

                async def race(number: int) -> None:
                    # From two seconds before the deadline, since a busy computer is late, to half a second after it.
                    meeting = due_at[number] + timedelta(seconds=number / 16 - 2)
                    await asyncio.sleep((meeting - running.system.clock.now()).total_seconds())
                    await loop.run_in_executor(threads, running.prove_need, f"race-{number}")

                await asyncio.gather(*map(race, numbers))
            await eventually(lambda: all(running.deal(f"race-{n}").stage == "sign" for n in numbers))
            await everything_holds(running)
        stalled = [won_by_the_deadline(running, f"race-{number}", due_at[number]) for number in numbers]
        # Both orders happened, or this was no race.
        assert any(stalled) and not all(stalled)

    with house(learn="12 seconds") as running:
        asyncio.run(story(running))


def won_by_the_deadline(running: RunningSystem, deal_id: str, due_at: datetime) -> bool:
    """Whether the deal has a stall, which must be so exactly when its evidence was recorded at the deadline or later."""
    events = running.system.store.load(f"deal/{deal_id}")
    [recorded_at] = [one.stamp.recorded_at for one in events if isinstance(one.fact, e.EvidenceRecorded)]
    stalls = running.deal(deal_id).stalls.values()
    assert [stall.due_at for stall in stalls] == ([due_at] if recorded_at >= due_at else [])
    assert not running.deal(deal_id).open_stalls
    assert running.facts(deal_id).count("deal.stage_advanced.v1") == 1
    return bool(stalls)


def test_a_worker_that_was_away_over_a_deadline_dates_the_stall_at_it_and_tells_once(house: House) -> None:
    async def story(running: RunningSystem) -> None:
        due_at = due_of(running.open("away"))
        async with running.relay():
            await eventually(lambda: running.system.clock.now() > due_at + LATE)
            async with running.worker():
                await eventually(lambda: running.system.outbox.counts()["delivered"] == 2)
                await everything_holds(running)
        [stall] = running.deal("away").open_stalls
        assert stall.due_at == due_at and stall.recorded_at - stall.due_at >= LATE
        assert len(list(running.settings.outbox.rglob("*.txt"))) == 2

    with house(learn="3 seconds") as running:
        asyncio.run(story(running))
