"""Homes that are made once and copied for each test, since publishing a process takes longer than many a test."""

import shutil
from collections.abc import Callable
from pathlib import Path

from dealflow.cli.main import run
from tests.support.paths import PROCESS_DEFS
from tests.support.running.servers import Postgres
from tests.support.running.typed_commands import CommandLine, Story


class PreparedHomes:
    """Makes the home of each name when it is first asked for; a test gets a copy, which no other test sees."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._databases: dict[str, str] = {}

    def copy(self, name: str, prepare: Callable[[Path], None], into: Path) -> None:
        """Copy the home of this name; `prepare` fills an empty folder with it the first time."""
        original = self._folder / name
        if not original.exists():
            unfinished = original.with_suffix(".unfinished")
            unfinished.mkdir()
            prepare(unfinished)
            unfinished.rename(original)
        shutil.copytree(original, into, dirs_exist_ok=True)

    def copy_with_database(
        self, name: str, postgres: Postgres, prepare: Callable[[Path, str], None], into: Path
    ) -> str:
        """Copy the home of this name and its database, whose address is returned; `prepare` fills both the first time."""
        if name not in self._databases:
            self._databases[name] = postgres.create_database()
        self.copy(name, lambda home: prepare(home, self._databases[name]), into)
        return postgres.copy_of(self._databases[name])

    def of_story(self, story: Story, into: CommandLine) -> None:
        """Copy a home with people and the standard sale in which this story was told, which is told the first time."""

        def tell(home: Path) -> None:
            self.with_process("standard-sale", home)
            first = into.at(home)
            first.write_people()
            story(first)

        self.copy(f"{story.__module__}.{story.__qualname__}", tell, into.home)

    def with_process(self, name: str, into: Path) -> None:
        """A home in which a shipped process is published."""

        def publish(home: Path) -> None:
            assert run(["process", "publish", str(PROCESS_DEFS / f"{name}.yaml"), "--home", str(home)]) == 0

        self.copy(name, publish, into)
