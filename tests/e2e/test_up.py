"""`dealflow up` in one process, commands in others: deals move, nothing is lost when something is killed, the end is clean."""

import json
import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from dealflow.adapters.temporal_server.address import read_note
from dealflow.adapters.temporal_server.server import RunningServer
from dealflow.bootstrap import open_system
from dealflow.settings import Settings
from tests.support.running.command_line import Terminal, Up, is_server
from tests.support.running.prepared_home import PreparedHomes
from tests.support.waiting import LONGEST_SECONDS, until
from tests.support.workers.silent_waker import SilentWaker

pytestmark = [pytest.mark.temporal, pytest.mark.slow, pytest.mark.usefixtures("temporal_program")]

CONTACT = ("--field", "channel=wechat", "--field", "phone=+86 139 0000 1234", "--field", "added_on=2026-11-20")


@pytest.fixture
def terminal(tmp_path: Path, prepared: PreparedHomes) -> Terminal:
    prepared.with_process("standard-sale", tmp_path / "home")
    return Terminal(tmp_path / "home")


OPEN = ("deal", "open", "Forty seats", "--process", "standard-sale", "--amount", "100,000 CNY", "--id")


def open_deal(terminal: Terminal, deal: str) -> None:
    terminal.json_here(*OPEN, deal)


def make_contact(terminal: Terminal, deal: str) -> None:
    terminal.json_here("evidence", "record", deal, "messenger_contact", *CONTACT)


def stage_of(terminal: Terminal, deal: str) -> str:
    return str(terminal.json_here("deal", "show", deal)["stage"]["id"])


def arrives(terminal: Terminal, deal: str, stage: str) -> bool:
    """Whether it comes there; looked at in this process, since a command for each look would keep the computer from the rest."""
    with open_system(Settings.load(terminal.home), SilentWaker()) as system:
        assert until(lambda: system.reading.read(deal).deal.stage == stage, every_seconds=0.1)
    return stage_of(terminal, deal) == stage


def end(up: Up, sign: signal.Signals) -> int:
    up.process.send_signal(sign)
    return up.process.wait(LONGEST_SECONDS)


def readable_by_others(home: Path) -> list[str]:
    """What of Temporal, its log and the parts that run others than the owner may read; a test's own files apart."""
    names = ("*.sqlite*", "*.json", "run", "run/*", "logs", "logs/*", "outbox")
    return [str(path) for name in names for path in home.glob(name) if path.stat().st_mode & 0o077]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_deal_moves_and_the_end_is_clean(terminal: Terminal, sign: signal.Signals) -> None:
    with terminal.up() as up:
        terminal.json(*OPEN, "d-1")
        terminal.json("evidence", "record", "d-1", "messenger_contact", *CONTACT)
        assert arrives(terminal, "d-1", "meeting")
        assert terminal.json("doctor")["healthy"]
        server = up.server
        assert readable_by_others(terminal.home) == []
        assert end(up, sign) == 0
        assert "Traceback" not in up.logged + up.said and up.said.rstrip().endswith("Stopped.")
        assert not is_server(server.pid, terminal.home)
    assert [problem["part"] for problem in _wrong(terminal)] == ["temporal", "worker"]


def _wrong(terminal: Terminal) -> list[dict[str, str]]:
    code, printed = terminal.here("doctor", "--json")
    assert code == 1
    found: list[dict[str, str]] = json.loads(printed)["problems"]
    return found


def test_a_worker_and_a_relay_beside_it_are_told_by_doctor_and_end_in_order(terminal: Terminal) -> None:
    def told() -> dict[str, int]:
        parts = json.loads(terminal.here("doctor", "--json")[1])["found"]["running"]["parts"]
        reached = [part["what"] for part in parts if part["stopped_at"] is None and part["temporal"] != "away"]
        return dict(Counter(reached))

    with terminal.up(), terminal.part("worker") as worker, terminal.part("relay") as relay:
        both = {"worker": 2, "relay": 2, "views": 1}
        assert until(lambda: told() == both), told()
        _, page = terminal.here("doctor")
        assert page.count("relay, works") == page.count("relay, stands by") == 1
        for process in (worker, relay):
            process.send_signal(signal.SIGTERM)
            assert process.wait(LONGEST_SECONDS) == 0
        assert told() == {"worker": 1, "relay": 1, "views": 1}
        open_deal(terminal, "d-1")
        make_contact(terminal, "d-1")
        assert arrives(terminal, "d-1", "meeting")
        assert terminal.json_here("doctor")["healthy"]


def test_with_a_configured_address_no_server_is_started(terminal: Terminal, temporal_server: RunningServer) -> None:
    configured = {"DEALFLOW_TEMPORAL_ADDRESS": temporal_server.address, "DEALFLOW_TEMPORAL_QUEUE": "up-elsewhere"}
    terminal = Terminal(terminal.home, **configured)
    with terminal.up() as up:
        assert read_note(terminal.home) is None
        open_deal(terminal, "elsewhere-1")
        make_contact(terminal, "elsewhere-1")
        assert arrives(terminal, "elsewhere-1", "meeting")
        assert end(up, signal.SIGTERM) == 0
    assert temporal_server.alive()


def test_without_any_server_it_ends_with_3_and_names_the_four_ways(tmp_path: Path) -> None:
    nowhere = {"PATH": "/nowhere", "XDG_CACHE_HOME": str(tmp_path / "cache"), "HTTPS_PROXY": "http://127.0.0.1:9"}
    found = Terminal(tmp_path / "home", **nowhere).run("up", "--no-ui")
    assert found.returncode == 3, found.stdout + found.stderr
    for way in ("DEALFLOW_TEMPORAL_ADDRESS", "PATH", "download", "Go"):
        assert way in found.stderr
    assert "Traceback" not in found.stderr


def test_a_second_one_for_the_same_folder_is_refused_and_hears_who_runs(terminal: Terminal) -> None:
    with terminal.up() as up:
        second = terminal.run("up", "--no-ui")
        assert second.returncode == 1
        assert f"process {up.process.pid}" in second.stderr and "Traceback" not in second.stderr


def test_a_server_that_is_killed_comes_back_on_its_file_at_its_address(terminal: Terminal) -> None:
    with terminal.up() as up:
        open_deal(terminal, "d-1")
        before = up.server
        os.kill(before.pid, signal.SIGKILL)
        make_contact(terminal, "d-1")
        assert arrives(terminal, "d-1", "meeting")
        assert up.server.pid != before.pid and up.server.address == before.address
        assert "part.failed" in up.logged and "part.restarted" in up.logged and f"process {before.pid}" in up.logged
        assert end(up, signal.SIGTERM) == 0


def test_what_was_recorded_while_nothing_ran_is_done_when_it_runs_again(terminal: Terminal) -> None:
    with terminal.up() as up:
        open_deal(terminal, "d-1")
        server = up.server
        up.process.kill()
        up.process.wait(LONGEST_SECONDS)
        make_contact(terminal, "d-1")
        assert stage_of(terminal, "d-1") == "first_contact"
        with terminal.up() as again:
            assert again.server.pid == server.pid, "the server that was left on the file is taken over"
            assert arrives(terminal, "d-1", "meeting")
            assert end(again, signal.SIGTERM) == 0
        assert not is_server(server.pid, terminal.home)
    history = terminal.json_here("deal", "history", "d-1")["entries"]
    assert [entry["topic"] for entry in history].count("deal.stage_advanced.v1") == 1
