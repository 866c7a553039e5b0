"""Temporal's server for PostgreSQL and its schema tool, built once with Go into the user's cache; `make temporal-server`."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from dealflow.adapters.temporal_server.binary import BUILD_SECONDS, Count, NotServed, Say, alone, cached_binary, run
from tests.support.paths import ROOT
from tests.support.waiting import LONGEST_SECONDS

VERSION = "1.32.0"
MODULE = "go.temporal.io/server"
SERVER, SQL_TOOL = f"{MODULE}/cmd/server", f"{MODULE}/cmd/tools/sql"
PINNED = ROOT / "tools" / "temporal-server"


@dataclass(frozen=True)
class Programs:
    """A folder for PATH that holds what the images `temporalio/server` and `temporalio/admin-tools` hold."""

    folder: Path

    @property
    def server(self) -> Path:
        return self.folder / "temporal-server"

    @property
    def sql_tool(self) -> Path:
        return self.folder / "temporal-sql-tool"

    @property
    def entrypoint(self) -> Path:
        """The script that the image starts with; it ends by becoming the server."""
        return self.folder / "entrypoint.sh"


def programs() -> Programs:
    """Where they are once they are built: `~/.cache/dealflow/temporal-server-<version>/bin`."""
    return Programs(cached_binary().parents[1] / f"temporal-server-{VERSION}" / "bin")


def build(say: Say) -> Programs:
    """Build what is not there yet; NotServed with the reason when that is not possible, and then nothing is left."""
    wanted = programs()
    if wanted.folder.exists():
        return wanted
    go = shutil.which("go")
    if go is None:
        raise NotServed("there is no go on PATH (1.21 or later will do: it fetches the one that the module names)")
    with alone(wanted.folder, say), tempfile.TemporaryDirectory(dir=wanted.folder.parent, prefix="build-") as name:
        if not wanted.folder.exists():
            _build(go, Path(name), say).replace(wanted.folder)
    return wanted


def _build(go: str, folder: Path, say: Say) -> Path:
    """A folder with all three, in a folder that is thrown away."""
    for file in ("go.mod", "go.sum"):
        shutil.copyfile(PINNED / file, folder / file)
    say("  fetching the sources, once; they stay in Go's own cache")
    listing = [go, "list", "-mod=mod", "-deps", SERVER, SQL_TOOL]
    said = run("go list", listing, folder, BUILD_SECONDS, Count(say, "go: downloading ", "modules fetched"))
    packages = sum(not line.startswith("go: ") for line in said)
    say(
        f"  compiling up to {packages} packages: half a minute where the CLI was built, else up to 8 minutes on two cores"
    )
    made = Programs(folder / "bin")
    made.folder.mkdir()
    for target, package in ((made.server, SERVER), (made.sql_tool, SQL_TOOL)):
        # Without -trimpath, as the CLI is built: Go keeps what is compiled with it apart.
        command = [go, "build", "-v", "-mod=mod", "-ldflags", "-s -w", "-o", str(target), package]
        run("go build", command, folder, BUILD_SECONDS, Count(say, "", f"of {packages} packages compiled"))
        _must_be_of_the_version(target)
    sources = run("go list", [go, "list", "-mod=mod", "-m", "-f", "{{.Dir}}", MODULE], folder, 60.0, lambda lines: None)
    shutil.copyfile(Path(sources[-1]) / "docker" / "scripts" / "sh" / "entrypoint.sh", made.entrypoint)
    return made.folder


def _must_be_of_the_version(program: Path) -> None:
    asked = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
    if not re.search(rf"version {re.escape(VERSION)}\b", asked.stdout):
        raise NotServed(f"{program.name} is not of version {VERSION}: {(asked.stdout + asked.stderr).strip()[:200]}")


def main() -> int:
    """Build them, saying what is done; exit code 3 when that fails."""

    def say(line: str) -> None:
        print(line, flush=True)  # noqa: T201  this module is a program too

    if programs().folder.exists():
        say(f"Temporal for PostgreSQL: server {VERSION} in {programs().folder}")
        return 0
    # A build that is told to end must not go on without its parent.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    say(f"Temporal for PostgreSQL: building server {VERSION} with Go, once, for the test of the production set-up")
    began = time.monotonic()
    try:
        folder = build(say).folder
    except NotServed as error:
        print(f"Temporal for PostgreSQL: {error}", file=sys.stderr)  # noqa: T201  a program of its own, which says why it failed
        if not os.environ.get("CI"):
            print("The test of docker-compose.yml's processes will be skipped.", file=sys.stderr)  # noqa: T201  a program of its own, which says why it failed
        return 3
    say(f"Temporal for PostgreSQL: server {VERSION} in {folder}, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
