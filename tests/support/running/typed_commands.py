"""The command line as a test uses it: words in; exit code, standard output and standard error out; a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dealflow.bootstrap import open_system
from dealflow.cli.main import run
from dealflow.cli.user import os_user
from dealflow.settings import Settings
from tests.support.paths import PROCESS_DEFS
from tests.support.waiting import LONGEST_SECONDS

STANDARD = PROCESS_DEFS / "standard-sale.yaml"
# The user of this computer may act for the seller anna and the director bo; ben sells under bo as well.
PEOPLE = """\
people:
  - {id: bo, name: Bo Chen, role: director}
  - {id: anna, name: "Anna Li 李安娜", manager: bo}
  - {id: ben, name: "בן כהן", manager: bo}
  - {id: me, name: Me, role: operations, users: [%s], acts_for: [anna, ben, bo]}
"""
FOR_ANNA = ("--on-behalf-of", "anna")
FOR_BO = ("--on-behalf-of", "bo")
CONTACT = ("--field", "channel=wechat", "--field", "phone=+86 138 0000 0000", "--field", "added_on=2026-01-05")


@dataclass(frozen=True)
class Done:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output; anything else there fails the test."""
        return json.loads(self.out)

    @property
    def codes(self) -> list[str]:
        """The codes of the refusals in the document."""
        return [refusal["code"] for refusal in self.json["refused"]]


class CommandLine:
    """Runs command lines in this process, against a store in a folder."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capture = capture

    def __call__(self, *words: str | Path) -> Done:
        """Run one command line, whatever it comes to."""
        self._capture.readouterr()
        code = run([*map(str, words), "--home", str(self.home)])
        out, err = self._capture.readouterr()
        return Done(code, out, err)

    def done(self, *words: str | Path) -> str:
        """Run one that has to succeed; what it printed."""
        result = self(*words)
        assert result.code == 0, f"{words}: {result}"
        return result.out

    def json(self, *words: str | Path) -> Any:
        """Run one that has to succeed; its document."""
        return json.loads(self.done(*words, "--json"))

    def apart(self, *words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Run one in a process of its own, with these variables besides."""
        command = [sys.executable, "-m", "dealflow", *map(str, words), "--home", str(self.home)]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **more}
        return subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LONGEST_SECONDS,
            check=False,
        )

    def at(self, home: Path) -> "CommandLine":
        """The same with another home."""
        return CommandLine(home, self._capture)

    def settings(self) -> Settings:
        """The settings of this home."""
        return Settings.load(self.home)

    def write_people(self) -> None:
        """Put the cast into people.yaml."""
        (self.home / "people.yaml").write_text(PEOPLE % os_user(), encoding="utf-8")

    def publish(self) -> None:
        """Publish the standard sale."""
        self.done("process", "publish", STANDARD)

    def open(self, deal: str, owner: str = "anna", *words: str) -> None:
        """Open a deal of somebody."""
        named = ("--process", "standard-sale", "--owner", owner, "--id", deal, "--on-behalf-of", owner)
        self.done("deal", "open", f"Deal {deal}", *named, *words)

    def look(self, deal: str, now: datetime) -> None:
        """Let the engine look at a deal, as its workflow would at that instant."""
        with open_system(self.settings()) as system:
            system.deals.progress(deal, 1, now)


# What is done in a home before a test, and the fixture that gives a home in which it was done.
Story = Callable[[CommandLine], object]
HomeOf = Callable[[Story], CommandLine]
