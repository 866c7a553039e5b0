"""Hints of a command: the deal moves at once without any relay, and an absent server costs little and says nothing."""

import asyncio
from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.store import open_store
from dealflow.adapters.temporal.client import connect
from dealflow.adapters.temporal.wake_hint import TemporalWakeHint
from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.workflow_starter import TemporalUnreachable
from dealflow.settings import Settings
from dealflow_workflows.contracts import person_workflow_id
from tests.support.observed.captured_logs import captured_logs
from tests.support.running.running_system import RunningSystem, running_system
from tests.support.waiting import eventually
from tests.support.workers.scripted_worker import events

NEW = Scheduled("d", 1, True, 1, None, 1, None, 0, None, 0, None)


def test_a_deal_moves_at_once_by_its_hints_alone(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker():
            await asyncio.to_thread(running.open, "hinted")
            await eventually(lambda: running.row("hinted").armed_at == running.row("hinted").next_due)
            await asyncio.to_thread(running.prove_need, "hinted")
            await eventually(lambda: running.deal("hinted").stage == "sign")
            await asyncio.to_thread(running.sign, "hinted")
            await (await running.handle("hinted")).result()

    with running_system(tmp_path / "hinted", temporal_server.address, hints=True) as running:
        asyncio.run(story(running))


def test_recipients_are_told_by_hints_alone(temporal_server: RunningServer, tmp_path: Path) -> None:
    async def story(running: RunningSystem) -> None:
        async with running.worker():
            await asyncio.to_thread(running.open, "told")
            await eventually(lambda: running.system.outbox.counts()["delivered"] == 2)

    with running_system(tmp_path / "told", temporal_server.address, learn="1 seconds", hints=True) as running:
        asyncio.run(story(running))


def test_what_became_of_a_commands_wakes_is_noted_before_its_process_ends(
    temporal_server: RunningServer, tmp_path: Path
) -> None:
    with running_system(tmp_path / "noted", temporal_server.address, hints=True) as running:
        running.open("noted")
        running.prove_need("noted")
        assert (running.row("noted").seen_version, running.row("noted").signalled_version) == (0, 0)
        settings = running.settings
    parts = open_store(settings.database_url, settings.home, settings.keys)
    row = parts.schedule.get("noted")
    assert row and row.signalled_version == row.wake_version == row.version and row.seen_version > 0
    parts.close()


@pytest.mark.parametrize("address", ["", "127.0.0.1:1", "127.0.0.1:notaport"])
def test_a_server_that_is_not_there_breaks_nothing_and_is_not_told(tmp_path: Path, address: str) -> None:
    settings = Settings.load(home=tmp_path, temporal_address=address)
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    hints = TemporalWakeHint(settings, parts.store, parts.schedule, SystemClock())
    with captured_logs() as logs:
        for _ in range(20):
            assert not hints.wake(NEW, "a deal")
            assert not hints.wake_recipients(["dora"])
    assert logs == []
    hints.close()
    hints.close()
    parts.close()


def test_a_configuration_of_temporals_own_that_is_broken_fails_no_command_and_shows_no_line_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "temporal.toml"
    broken.write_text("api_key = = secret\n")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(broken))
    settings = Settings.load(home=tmp_path, temporal_address="127.0.0.1:1")
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    hints = TemporalWakeHint(settings, parts.store, parts.schedule, SystemClock())
    assert not hints.wake(NEW, "a deal")
    hints.close()
    parts.close()
    with pytest.raises(TemporalUnreachable, match=r"^Temporal's own configuration cannot be used: .*line 1.*") as away:
        asyncio.run(connect(settings))
    assert "secret" not in str(away.value)


def test_many_notices_for_one_recipient_are_few_signals(temporal_server: RunningServer, tmp_path: Path) -> None:
    settings = Settings.load(home=tmp_path, temporal_address=temporal_server.address, temporal_queue="nobody")
    parts = open_store("", tmp_path, tmp_path / "keys.sqlite")
    hints = TemporalWakeHint(settings, parts.store, parts.schedule, SystemClock())

    async def story() -> None:
        handle = (await connect(settings)).get_workflow_handle(person_workflow_id("busy"))
        for _ in range(50):
            assert await asyncio.to_thread(hints.wake_recipients, ["busy"])
        assert (await events(handle)).count("WORKFLOW_EXECUTION_SIGNALED") == 1
        await asyncio.sleep(1.5)
        # The last of them is not lost: it may have come after the delivery had read the outbox.
        assert (await events(handle)).count("WORKFLOW_EXECUTION_SIGNALED") == 2
        await handle.terminate()

    asyncio.run(story())
    hints.close()
    parts.close()
