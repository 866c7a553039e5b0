"""The demo, once as a newcomer runs it and once again in the same folder; what it says is asked again by other means."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from dealflow.adapters.clock import SystemClock
from dealflow.adapters.people.reader import load_people
from dealflow.adapters.temporal_server.address import read_note
from dealflow.bootstrap import open_system
from dealflow.demo.cast import DIRECTOR
from dealflow.settings import Settings
from tests.support.files.maven import STALLED_BY_DIRECTOR
from tests.support.running.command_line import Terminal

pytestmark = [
    pytest.mark.temporal,
    pytest.mark.slow,
    pytest.mark.usefixtures("temporal_program"),
]

MINUTES = 60.0
DIGEST = re.compile(r"^Key: digest/", re.MULTILINE)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    return Terminal(tmp_path_factory.mktemp("demo") / "home")


@pytest.fixture(scope="module")
def first(terminal: Terminal) -> subprocess.CompletedProcess[str]:
    return terminal.run("demo", seconds=12 * MINUTES)


@pytest.fixture(scope="module")
def second(terminal: Terminal, first: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    assert first.returncode == 0, first.stdout
    return terminal.run("demo", seconds=8 * MINUTES)


def digests(home: Path) -> dict[str, int]:
    """Person -> how many digests of the import stand as files in the outbox; midnight may bring others."""
    told = [file for file in (home / "outbox").glob("*/*.txt") if DIGEST.search(file.read_text("utf-8"))]
    imported_at = min(file.name.partition("-")[0] for file in told)
    files = [file for file in told if file.name.startswith(imported_at)]
    return {folder.name: sum(file.parent == folder for file in files) for folder in {file.parent for file in files}}


def test_it_ends_well_and_leaves_nothing_running(terminal: Terminal, first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    assert "✗" not in first.stdout and "Traceback" not in first.stdout + first.stderr
    assert read_note(terminal.home) is None
    assert terminal.run("doctor").returncode == 1  # nothing runs any more, and that is all that is wrong


def test_the_numbers_are_those_counted_from_the_files(
    terminal: Terminal, first: subprocess.CompletedProcess[str]
) -> None:
    with open_system(Settings.load(terminal.home), reading=True) as system:
        shift = system.imports.records.of("maven-crm-sales").shift
    assert shift is not None
    assert SystemClock().now().date() - shift.last_day <= timedelta(days=1)  # midnight may have passed meanwhile
    found = terminal.json("inventory", "--as-of", shift.snapshot.isoformat())
    counted = {key: found[key] for key in ("deals", "won", "lost", "open", "in_progress", "stalled")}
    assert counted == {
        "deals": 8800,
        "won": 4238,
        "lost": 2473,
        "open": 2089,
        "in_progress": 2089,
        "stalled": 1291,
    }
    assert found["won_amount"] == {"USD": 10_005_534} and found["without_customer"] == 1_425
    assert found["by_stage"] == {"prospecting": 500, "engaging": 1_589}
    assert found["by_position"] == {"none": 2_089} and found["by_gap"] == {"0": 500, "1": 1_589}
    assert found["stalled_by_director"] == STALLED_BY_DIRECTOR


def test_the_backlog_reached_each_person_as_one_digest(
    terminal: Terminal, first: subprocess.CompletedProcess[str]
) -> None:
    found = digests(terminal.home)
    assert set(found) >= set(STALLED_BY_DIRECTOR) and set(found.values()) == {1}
    assert f"{len(found)} digests" in first.stdout


def test_the_deal_was_walked_to_its_end(terminal: Terminal, first: subprocess.CompletedProcess[str]) -> None:
    entries = terminal.json("deal", "history", "demo-1")["entries"]
    topics = [entry["topic"] for entry in entries]
    assert topics.count("deal.stall_recorded.v1") == 2 and topics.count("deal.escalation_decided.v1") == 2
    assert topics.count("deal.stage_advanced.v1") == 8 and topics[-1] == "deal.closed.v1"
    assert "deal.gate_overridden.v1" not in topics and topics.count("deal.won.v1") == 1
    assert "Idempotency-Key: demo-1%2F1%2F3%2Fstage_age%2F1/0/0/zhao/webhook" in first.stdout


def test_the_folder_is_left_so_that_one_can_go_on_in_it(
    terminal: Terminal, first: subprocess.CompletedProcess[str]
) -> None:
    director = load_people(terminal.home / "people.yaml").people[DIRECTOR]
    assert [channel.url for channel in director.channels] == ["file:"]
    assert terminal.json("people", "check")["people"] == 44


@pytest.mark.soak
def test_a_second_run_finds_nothing_new_to_import_and_walks_another_deal(
    terminal: Terminal, second: subprocess.CompletedProcess[str]
) -> None:
    assert second.returncode == 0, second.stdout[-3000:] + second.stderr[-3000:]
    assert "0 new events: every row was on record already." in second.stdout
    assert set(digests(terminal.home).values()) == {1}
    shown = {deal: terminal.json("deal", "show", deal) for deal in ("demo-1", "demo-2")}
    assert [(deal["outcome"], deal["in_progress"]) for deal in shown.values()] == [("won", False)] * 2
