"""Starts a Temporal server on this computer, watches it and stops it; a server that an earlier run left is taken over."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dealflow.adapters.files.lock import locked
from dealflow.adapters.files.private import open_private, private_folder
from dealflow.domain.values.phrase import Phrase, phrase

LOOPBACK = "127.0.0.1"
EAGER_ACTIVITIES: Mapping[str, str] = {"system.enableActivityEagerExecution": "true"}  # off by default up to 1.31
START_SECONDS = 60.0
STOP_SECONDS = 15.0
_UMASK = 0o077


class ServerFailed(Exception):
    """The program was started and did not answer; the text has its last words."""


@dataclass
class RunningServer:
    """A development server on loopback; `adopted` when an earlier run that was killed had left it on the same file."""

    address: str
    pid: int
    ui_address: str = ""
    adopted: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _note: Path | None = field(default=None, repr=False)

    def alive(self) -> bool:
        """Whether the server's process still runs."""
        if self._process is not None:
            return self._process.poll() is None
        # Its number may belong to another process by now; its lock cannot.
        return self._note is not None and _held(self._note)

    def stop(self) -> None:
        """End it and wait for that; a second time does no harm."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            ends = time.monotonic() + STOP_SECONDS
            if self.alive():
                os.kill(self.pid, sign)
            while self.alive() and time.monotonic() < ends:
                time.sleep(0.05)


def start_server(
    binary: Path,
    db_filename: Path | None,
    *,
    log_file: Path,
    port: int = 0,
    ui_port: int | None = None,
    dynamic_config: Mapping[str, str] = EAGER_ACTIVITIES,
) -> RunningServer:
    """Start a development server on loopback and wait until it answers; ServerFailed if it does not.

    Without a file it keeps nothing; port 0 takes a free one; without a `ui_port` there are no pages. A server that
    an earlier run left on the same file is taken over: two on one file would destroy it.
    """
    private_folder(log_file.parent)
    command = [str(binary), "server", "start-dev", "--ip", LOOPBACK, "--log-level", "warn"]
    command += ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
    for key, value in dynamic_config.items():
        command += ["--dynamic-config-value", f"{key}={value}"]
    address = f"{LOOPBACK}:{port or free_port()}"
    command += ["--port", address.rpartition(":")[2]]
    ui_address = "" if ui_port is None else f"http://{LOOPBACK}:{ui_port}"
    if db_filename is None:
        return _launched(binary, command, address, ui_address, log_file)
    private_folder(db_filename.parent)
    with open_private(_note(db_filename), "a+") as note:
        if not locked(note.fileno()):
            return _left_over(note)
        # The server inherits the lock and so holds it for as long as it lives, whatever becomes of this process.
        command += ["--db-filename", str(db_filename)]
        note.truncate(0)
        server = _launched(binary, command, address, ui_address, log_file, keep=note.fileno())
        note.write(json.dumps({"address": server.address, "pid": server.pid, "ui_address": server.ui_address}))
    return server


def _held(note: Path) -> bool:
    if not note.exists():
        return False
    with note.open() as file:
        return not locked(file.fileno())


def _note(db_filename: Path) -> Path:
    return db_filename.with_name(db_filename.name + ".server.json")


def _left_over(note: IO[str]) -> RunningServer:
    note.seek(0)
    try:
        return RunningServer(**json.loads(note.read()), adopted=True, _note=Path(note.name))
    except (ValueError, TypeError) as error:
        raise ServerFailed(
            phrase("another process is starting the server of {name} just now; try again", name=note.name)
        ) from error


def _launched(
    binary: Path, command: Sequence[str], address: str, ui_address: str, log_file: Path, keep: int | None = None
) -> RunningServer:
    with open_private(log_file, "a") as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[] if keep is None else [keep],
                # Ctrl-C goes to all programs of a terminal, and the server must outlive the worker that it serves.
                start_new_session=True,
                # Its database holds who is told what of whom.
                umask=_UMASK,
            )
        except OSError as error:
            raise ServerFailed(
                phrase("{binary} cannot be started: {error}", binary=str(binary), error=str(error))
            ) from error
    server = RunningServer(address, process.pid, ui_address, _process=process)
    try:
        _wait_until_it_answers(binary, server, log_file)
    except BaseException:
        server.stop()
        raise
    return server


def _wait_until_it_answers(binary: Path, server: RunningServer, log_file: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    asking = [str(binary), "operator", "namespace", "describe", "--namespace", "default", "--address", server.address]
    while time.monotonic() < ends:
        if not server.alive():
            raise ServerFailed(phrase("Temporal ended while starting: {last_words}", last_words=_last_words(log_file)))
        if subprocess.run(asking, capture_output=True, timeout=10, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise ServerFailed(
        phrase(
            "Temporal did not answer at {address} in {seconds} s: {last_words}",
            address=server.address,
            seconds=format(START_SECONDS, ".0f"),
            last_words=_last_words(log_file),
        )
    )


def _last_words(log_file: Path) -> Phrase:
    lines = log_file.read_text(errors="replace").strip().splitlines()
    said = " / ".join(lines[-3:]) or phrase("it said nothing")
    return phrase("{said} ({file})", said=said, file=str(log_file))


def free_port() -> int:
    """One that nobody else is given for a while.

    A connection that was ended on this side rests for some seconds (TIME_WAIT). Meanwhile the system hands its port to nobody,
    and a server that asks for it by number gets it.
    """
    with socket.create_server((LOOPBACK, 0)) as held:
        address = held.getsockname()
        with socket.create_connection(address):
            held.accept()[0].close()
    port: int = address[1]
    return port
