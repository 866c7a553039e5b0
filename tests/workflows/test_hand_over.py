"""A deal that changes hands on a real server: one message to the new owner, and a store that holds together."""

import asyncio
from pathlib import Path

from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.domain.deal import commands as c
from tests.support.observed.sound import everything_holds
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.waiting import eventually


def with_people(running: RunningSystem, *lines: str) -> None:
    """The people of the system and these."""
    file = running.settings.people
    file.write_text(file.read_text() + "".join(f"  - {line}\n" for line in lines))


def messages(running: RunningSystem, person: str) -> list[str]:
    """The texts that reached this person's folder."""
    folder = running.settings.home / "outbox" / person
    return [file.read_text() for file in sorted(folder.iterdir())] if folder.is_dir() else []


def test_a_new_owner_is_told_once_of_the_deal_and_of_what_is_open(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem) -> None:
        ben = f"ben-{running.seller}"
        with_people(running, f"{{id: {ben}, name: Ben, manager: {running.director}}}")
        running.open("given-1")
        async with running.worker(), running.relay():
            await eventually(lambda: len(messages(running, running.director)) == 1)
            running.execute("given-1", c.ReassignDeal(owner=ben, reason="anna is ill"), by=running.director)
            await eventually(lambda: messages(running, ben))
            await everything_holds(running)
        [told] = messages(running, ben)
        assert (
            "given-1 is yours now (Learn)" in told and "Owner until now: Anna" in told and "Reason: anna is ill" in told
        )
        assert "Given to you by: Dora" in told and "Stalled since: time in stage" in told and "Need confirmed" in told
        assert len(messages(running, running.director)) == 1

    with running_system(tmp_path / "handover", temporal_server.address, learn="2 seconds") as running:
        asyncio.run(story(running))


def test_what_waited_while_the_deal_changed_hands_goes_to_whom_it_concerns_only(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    async def story(running: RunningSystem) -> None:
        ben = f"ben-{running.seller}"
        with_people(running, f"{{id: {ben}, name: Ben, manager: {running.director}}}")
        running.open("waited-1")
        due_at = running.deal("waited-1").clocks["stage_age"].due_at
        await eventually(lambda: running.system.clock.now() > due_at)
        running.system.deals.progress("waited-1", 1, running.system.clock.now())
        assert running.system.outbox.counts()["waiting"] == 2
        running.execute("waited-1", c.ReassignDeal(owner=ben, reason="anna is ill"), by=running.director)
        async with running.worker(), running.relay():
            await eventually(lambda: running.system.outbox.counts()["waiting"] == 0)
            await everything_holds(running)
        counts = running.system.outbox.counts()
        assert (counts["delivered"], counts["superseded"], messages(running, running.seller)) == (2, 1, [])
        assert len(messages(running, ben)) == len(messages(running, running.director)) == 1

    with running_system(tmp_path / "waited", temporal_server.address, learn="1 seconds") as running:
        asyncio.run(story(running))
