"""`dealflow` in processes of their own, as other terminals would run it."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dealflow.adapters.temporal_server.address import TemporalNote, read_note
from dealflow.cli.main import run
from dealflow.settings import Settings
from tests.support.paths import ROOT
from tests.support.waiting import LONGEST_SECONDS, until

READY = "dealflow runs"


class Terminal:
    """A terminal with DEALFLOW_HOME set and nothing else of anybody's settings."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home = home
        ours = {name: value for name, value in os.environ.items() if not name.upper().startswith("DEALFLOW_")}
        self.environment = {
            **ours,
            "DEALFLOW_HOME": str(home),
            "DEALFLOW_ZONE": "UTC",
            "PYTHONIOENCODING": "utf-8",
            **more,
        }

    def run(self, *words: str, seconds: float = LONGEST_SECONDS) -> subprocess.CompletedProcess[str]:
        """One command line, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "dealflow", *words],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
        )

    def json(self, *words: str) -> Any:
        """The document that a command prints; it must end with 0."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def here(self, *words: str) -> tuple[int, str]:
        """Exit code and output of the same command line, run in this process: a new one takes a second to begin."""
        printed = io.StringIO()
        with patch.dict(os.environ, self.environment, clear=True), redirect_stdout(printed):
            code = run([*words])
        return code, printed.getvalue()

    def json_here(self, *words: str) -> Any:
        """The document of a command that is run in this process; it must end with 0."""
        code, printed = self.here(*words, "--json")
        assert code == 0, (words, code, printed)
        return json.loads(printed)

    @contextmanager
    def part(self, what: str) -> Iterator[subprocess.Popen[bytes]]:
        """`dealflow worker` or `dealflow relay`, begun; killed when it still runs as the block is left."""
        with (self.home / f"{what}.err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "dealflow", what],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stderr=err,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(LONGEST_SECONDS)

    @contextmanager
    def up(self) -> Iterator["Up"]:
        """`dealflow up`, ready; ended with whatever it started when the block is left."""
        up = Up(self)
        try:
            up.wait_until_ready()
            yield up
        finally:
            up.clean_up()


def terminal_of(settings: Settings) -> Terminal:
    """A terminal for a system that is open here: the same store, the same server."""
    return Terminal(
        settings.home,
        DEALFLOW_DATABASE_URL=settings.database_url,
        DEALFLOW_TEMPORAL_ADDRESS=settings.temporal_address,
        DEALFLOW_TEMPORAL_QUEUE=settings.temporal_queue,
    )


class Up:
    """A running `dealflow up`, its output in two files."""

    def __init__(self, terminal: Terminal) -> None:
        terminal.home.mkdir(parents=True, exist_ok=True)
        self._home = terminal.home
        self._out, self._err = terminal.home / "up.out", terminal.home / "up.err"
        with self._out.open("w") as out, self._err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dealflow", "up", "--no-ui"],
                env=terminal.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def said(self) -> str:
        return self._out.read_text("utf-8")

    @property
    def logged(self) -> str:
        return self._err.read_text("utf-8")

    @property
    def server(self) -> TemporalNote:
        note = read_note(self._home)
        assert note is not None
        return note

    def wait_until_ready(self) -> None:
        """Return when it says that it runs."""
        until(lambda: READY in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, (self.said, self.logged)

    def clean_up(self) -> None:
        """End what a failed test has left: this process and the server of its folder."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(LONGEST_SECONDS)
        note = read_note(self._home)
        if note is not None and is_server(note.pid, self._home):
            os.kill(note.pid, 9)


def is_server(pid: int, home: Path) -> bool:
    """Whether this is the running server of a folder."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return str(home) in command
