"""How the embedded server is started, shared and ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dealflow.adapters.temporal_server.server import RunningServer, ServerFailed, free_port, start_server
from tests.support.running.servers import temporal_program
from tests.support.shell_programs import program, runs
from tests.support.waiting import LONGEST_SECONDS


def test_a_server_answers_on_loopback_and_ends(tmp_path: Path) -> None:
    server = start_server(temporal_program(), None, log_file=tmp_path / "temporal.log")
    assert server.address.startswith("127.0.0.1:")
    assert server.alive()
    server.stop()
    server.stop()
    assert not server.alive()
    assert not runs(server.pid)


def test_a_free_port_goes_to_nobody_but_the_server_that_asks_for_it(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as another, pytest.raises(OSError, match="in use"):
        another.bind(("127.0.0.1", port))
    server = start_server(temporal_program(), None, log_file=tmp_path / "temporal.log", port=port)
    assert server.alive()
    server.stop()


def test_a_server_left_by_a_killed_run_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "temporal.sqlite"
    # The child is killed like a terminal that was closed; its server lives on.
    script = (
        "import os, pathlib, signal, sys\n"
        "from dealflow.adapters.temporal_server.server import start_server\n"
        "binary, file, log = map(pathlib.Path, sys.argv[1:])\n"
        "print(start_server(binary, file, log_file=log).pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    log = tmp_path / "temporal.log"
    given = [sys.executable, "-c", script, str(temporal_program()), str(file), str(log)]
    left = int(subprocess.run(given, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False).stdout)
    server = start_server(temporal_program(), file, log_file=log)
    assert (server.adopted, server.pid) == (True, left)
    server.stop()
    assert not server.alive()
    again = start_server(temporal_program(), file, log_file=log)
    assert not again.adopted
    again.stop()


def test_a_server_that_was_killed_is_not_alive(tmp_path: Path) -> None:
    file = tmp_path / "temporal.sqlite"
    server = start_server(temporal_program(), file, log_file=tmp_path / "temporal.log")
    os.kill(server.pid, signal.SIGKILL)
    ends = time.monotonic() + 10
    while server.alive() and time.monotonic() < ends:
        time.sleep(0.05)
    assert not server.alive()


def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    broken = program(tmp_path / "temporal", "echo 'database is locked' >&2", "exit 1")
    with pytest.raises(ServerFailed, match="database is locked"):
        start_server(broken, None, log_file=tmp_path / "temporal.log")


def test_the_tests_have_a_server_of_their_own(temporal_server: RunningServer) -> None:
    assert temporal_server.alive()
