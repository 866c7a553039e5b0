"""Finds a Temporal server (a configured address, a program on this computer, downloaded, built) and starts one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from dealflow.adapters.files.lock import locked
from dealflow.adapters.temporal_server import binary
from dealflow.adapters.temporal_server.binary import NotServed, Say, cached_binary, server_version
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.settings import Settings, SettingsError

LOOPBACK = "127.0.0.1"
EAGER_ACTIVITIES: Mapping[str, str] = {"system.enableActivityEagerExecution": "true"}  # off by default up to 1.31
TIME_SKIPPING: Mapping[str, str] = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "system.workflowTimeSkippingEnabled": "true",
}  # for tests only
START_SECONDS = 60.0
STOP_SECONDS = 15.0

Kind = Literal["configured", "path", "cache", "download", "built"]


@dataclass(frozen=True)
class Found:
    """Where a server is: an address that somebody else keeps running, or a program to start."""

    kind: Kind
    address: str = ""
    binary: Path | None = None
    version: str = ""


class ServerNotFound(Exception):
    """No way led to a server; the lines name all four, and why each did not serve."""

    def __str__(self) -> str:
        return "\n".join(self.args)


class ServerFailed(Exception):
    """The program was started and did not answer; the text has its last words."""


def find_server(settings: Settings, say: Say) -> Found:
    """The first of: configured address, `temporal` on PATH or in the cache, the SDK's download, built with Go.

    Each step says through `say` what it does, and why the one before did not serve; with none, ServerNotFound.
    """
    if settings.temporal_address:
        say(
            phrase(
                "Temporal: the configured address {address} is used",
                address=settings.temporal_address,
            )
        )
        return Found("configured", address=settings.temporal_address)
    reasons = [phrase("a configured address: DEALFLOW_TEMPORAL_ADDRESS is not set")]
    for kind, title, way in _WAYS:
        say(phrase("Temporal: {reason}", reason=reasons[-1]))
        say(phrase("Temporal: trying {title}", title=title))
        try:
            binary = way(say)
            found = Found(kind, binary=binary, version=server_version(binary))
        except NotServed as error:
            reasons.append(phrase("{way}: {reason}", way=title, reason=phrase_of(error)))
            continue
        say(phrase("Temporal: server {version} in {binary}", version=found.version, binary=str(binary)))
        return found
    raise ServerNotFound(
        phrase("No Temporal server was found. Any one of these ways would do; none did:"),
        *(
            phrase("  {number}. {reason}", number=number, reason=reason)
            for number, reason in enumerate(reasons, start=1)
        ),
        phrase(
            "Set DEALFLOW_TEMPORAL_ADDRESS to a running server, put a `temporal` program on PATH or at {file},"
            " allow the download, or install Go.",
            file=str(cached_binary()),
        ),
    )


def _on_path(_say: Say) -> Path:
    program = shutil.which("temporal")
    if program is None:
        raise NotServed(phrase("there is none"))
    server_version(Path(program))
    return Path(program)


def _in_cache(_say: Say) -> Path:
    if not cached_binary().exists():
        raise NotServed(phrase("nothing at {file}", file=str(cached_binary())))
    return cached_binary()


_WAYS: tuple[tuple[Kind, str, Callable[[Say], Path]], ...] = (
    ("path", phrase("a `temporal` program on PATH"), _on_path),
    ("cache", phrase("the program in the cache"), _in_cache),
    ("download", phrase("the SDK's own download"), binary.download),
    ("built", phrase("building it with Go"), binary.build),
)


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
    log_file.parent.mkdir(parents=True, exist_ok=True)
    command = [str(binary), "server", "start-dev", "--ip", LOOPBACK, "--log-level", "warn"]
    command += ["--headless"] if ui_port is None else ["--ui-port", str(ui_port)]
    for key, value in dynamic_config.items():
        command += ["--dynamic-config-value", f"{key}={value}"]
    address = f"{LOOPBACK}:{port or free_port()}"
    command += ["--port", address.rpartition(":")[2]]
    ui_address = "" if ui_port is None else f"http://{LOOPBACK}:{ui_port}"
    if db_filename is None:
        return _launched(binary, command, address, ui_address, log_file)
    db_filename.parent.mkdir(parents=True, exist_ok=True)
    with _note(db_filename).open("a+") as note:
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
    with log_file.open("ab") as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[] if keep is None else [keep],
                # Ctrl-C goes to all programs of a terminal, and the server must outlive the worker that it serves.
                start_new_session=True,
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


def _last_words(log_file: Path) -> str:
    lines = log_file.read_text(errors="replace").strip().splitlines()
    return f"{' / '.join(lines[-3:]) or 'it said nothing'} ({log_file})"


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


def main() -> int:
    """Say where a server was found, and bring one if need be; exit code 3 with none."""

    def say(line: str) -> None:
        print(line, flush=True)  # noqa: T201  this module is a program too

    # A build that is told to end must not go on without its parent.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        found = find_server(Settings.load(), say)
    except (ServerNotFound, SettingsError) as error:
        print(error, file=sys.stderr)  # noqa: T201  `make temporal` runs it as a program
        return 3
    if found.address:
        host, _, port = found.address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        except (OSError, ValueError) as error:
            print(f"Temporal: {found.address} does not answer: {error}", file=sys.stderr)  # noqa: T201  `make temporal` runs it as a program
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
