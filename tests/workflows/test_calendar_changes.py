"""A calendar that comes, goes and comes back under a running worker: its deals wait, others go on, no deadline is lost."""

import asyncio
from pathlib import Path

import pytest

from dealflow.adapters.processes.reader import load_process
from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.application.reading.board import DealQuery
from dealflow.domain.deal import commands as c
from dealflow.domain.values.refusal import Code, CommandRefused
from tests.support.running.running_system import TWO_STEPS, RunningSystem, running_system
from tests.support.waiting import eventually


def write_calendar(running: RunningSystem, name: str) -> None:
    week = "[mon, tue, wed, thu, fri, sat, sun]"
    running.settings.calendars.write_text(
        f"calendars:\n  - {{name: {name}, zone: Europe/Berlin, week: {week}, hours: '00:00-24:00'}}\n",
        encoding="utf-8",
    )


def publish(running: RunningSystem) -> None:
    written = TWO_STEPS.format(learn="4 seconds", sign="30 days")
    path = running.settings.home / "berlin.yaml"
    path.write_text(written.replace("two-steps", "berlin").replace("calendar: plain", "calendar: berlin"), "utf-8")
    definition, problems = load_process(path, calendars=running.system.calendars)
    assert definition is not None, problems
    running.system.processes.publish(definition, who=c.Who(actor="ops"), command_id="publish-berlin")


def open_deal(running: RunningSystem, deal_id: str) -> None:
    process = running.system.processes.get("berlin").ref
    running.execute(deal_id, c.OpenDeal(title=f"Deal {deal_id}", process=process, owner=running.seller))


def test_a_calendar_that_changes_under_a_running_worker(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker(), running.relay():
            write_calendar(running, "berlin")
            publish(running)
            open_deal(running, "moves")
            running.prove_need("moves")
            await eventually(lambda: running.deal("moves").stage == "sign")

            open_deal(running, "waits")
            due_at = running.row("waits").next_due
            write_calendar(running, "munich")
            with pytest.raises(CommandRefused) as refused:
                open_deal(running, "refused")
            assert [reason.code for reason in refused.value.reasons] == [Code.CALENDAR_MISSING]
            running.open("other")
            await eventually(lambda: running.deal("other").open_stalls)
            assert not running.deal("waits").open_stalls
            rows = {row.deal_id: row.wrong for row in running.system.board.deals(DealQuery())}
            assert rows.keys() == {"moves", "waits", "other"} and not rows["other"]
            assert "no calendar 'berlin'" in rows["waits"] and "no calendar 'berlin'" in rows["moves"]

            write_calendar(running, "berlin")
            await eventually(lambda: running.deal("waits").open_stalls)
            [stall] = running.deal("waits").open_stalls
            assert stall.due_at == due_at

    with running_system(tmp_path / "calendars", temporal_server.address, learn="5 seconds") as running:
        asyncio.run(story(running))
