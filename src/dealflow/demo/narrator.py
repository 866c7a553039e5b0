"""Tells the demo in the terminal: headings, short sentences, command lines that a reader can type, and what they printed."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

from rich.console import Console
from rich.text import Text

T = TypeVar("T")
COMMAND_SECONDS = 300.0
LOOK_SECONDS = 0.1
_ELLIPSIS_AFTER = 40


class DemoFailed(Exception):
    """A step of the demo did not come out; the message says which and what was found instead."""


class Narrator:
    """Prints, runs command lines and keeps count of what was checked."""

    def __init__(self, environment: Mapping[str, str], console: Console | None = None) -> None:
        self._environment = environment
        self._console = console or Console(highlight=False, emoji=False, markup=False, soft_wrap=True)
        self._chapter = 0
        self.checked = 0

    def chapter(self, title: str) -> None:
        """Begin the next part."""
        self._chapter += 1
        self._console.print()
        self._console.print(Text(f"{self._chapter}. {title}", style="bold cyan"))

    def say(self, sentence: str) -> None:
        """One sentence of the story."""
        self._console.print(Text(f"   {sentence}"))

    def show(self, text: str, *, lines: int = _ELLIPSIS_AFTER) -> None:
        """Something that was found, as it was found; a long text is cut, and says so."""
        listed = text.rstrip().splitlines()
        for line in listed[:lines]:
            self._console.print(Text(f"     | {line}", style="dim"))
        if len(listed) > lines:
            self._console.print(Text(f"     | ... and {len(listed) - lines} more lines", style="dim"))

    def expect(self, holds: bool, what: str) -> None:
        """Tell a fact that has been checked; DemoFailed when it is not so."""
        if not holds:
            raise DemoFailed(what)
        self.checked += 1
        self._console.print(Text("   ✓ ", style="green"), Text(what), sep="", end="\n")

    def wait_for(self, look: Callable[[], T | None], what: str, *, seconds: float) -> T:
        """Look again and again until there is an answer; DemoFailed when there is none in time."""
        ends = monotonic() + seconds
        while True:
            answer = look()
            if answer is not None:
                return answer
            if monotonic() > ends:
                raise DemoFailed(f"{what} (waited {seconds:.0f} s)")
            sleep(LOOK_SECONDS)

    def watch(self, look: Callable[[], tuple[int, int]], what: str, *, seconds: float) -> int:
        """Show how far something has come until it is done; DemoFailed when it is not in time."""
        ends = monotonic() + seconds
        with self._console.status(f"   {what} ...") as status:
            while True:
                done, total = look()
                status.update(f"   {what}: {done} of {total}")
                if done >= total:
                    return done
                if monotonic() > ends:
                    raise DemoFailed(f"{what}: only {done} of {total} in {seconds:.0f} s")
                sleep(LOOK_SECONDS * 5)

    def failed(self, what: str) -> None:
        """The last word of a demo that did not come out."""
        self._console.print()
        self._console.print(Text(f"   ✗ This did not come out: {what}", style="bold red"))

    def run(self, *words: str, lines: int = _ELLIPSIS_AFTER, live: bool = False) -> str:
        """Run one command line as a reader would type it and show what it printed; DemoFailed unless it ends with 0.

        With `live` it prints for itself, so that a long one can show how far it has come; then nothing is returned.
        """
        self._console.print(Text(f"   $ dealflow {shlex.join(words)}", style="bold"))
        done = self._done(words, live=live)
        said = "" if live else done.stdout + done.stderr
        self.show(said, lines=lines)
        if done.returncode != 0:
            raise DemoFailed(f"`dealflow {shlex.join(words)}` ended with {done.returncode}")
        return said

    def _done(self, arguments: Sequence[str], *, live: bool) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dealflow", *arguments]
        try:
            return subprocess.run(
                command,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=None if live else subprocess.PIPE,
                stderr=None if live else subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DemoFailed(f"`dealflow {shlex.join(arguments)}` did not end in {COMMAND_SECONDS:.0f} s") from error


def shown(path: Path) -> str:
    """A path as a reader would type it here."""
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def environment_for(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    """The surroundings of the demo's commands: this home and nothing else of anybody's settings, and no colours."""
    ours = {name: value for name, value in os.environ.items() if not name.upper().startswith("DEALFLOW_")}
    return {**ours, "DEALFLOW_HOME": str(home), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", **more}
