"""Brings a Temporal server's program into the user's cache: by the SDK's own download, or built with Go."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

from dealflow.adapters.files.lock import locked
from dealflow.domain.values.phrase import phrase

CLI_VERSION = "1.9.1"
LEAST_SERVER = (1, 32)  # the first whose delayed starts, eager activities and time skipping were tried with dealflow
PACKAGE = "github.com/temporalio/cli/cmd/temporal"
DOWNLOAD_SECONDS = 600.0
QUIET_SECONDS = 30.0
BUILD_SECONDS = 3600.0
SAY_EVERY_SECONDS = 15.0

Say = Callable[[str], None]


class NotServed(Exception):
    """Why one of the ways to a server did not serve."""


def cached_binary() -> Path:
    """Where the program is kept: `~/.cache/dealflow/temporal-<version>/temporal`; XDG_CACHE_HOME is respected."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "dealflow" / f"temporal-{CLI_VERSION}" / "temporal"


def server_version(binary: Path) -> str:
    """The version of the server inside a program, such as `1.32.0`; NotServed if it has none or an old one."""
    try:
        asked = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotServed(phrase("{binary} cannot be run: {error}", binary=str(binary), error=str(error))) from error
    said = (asked.stdout + asked.stderr).strip()
    found = re.search(r"Server ((\d+)\.(\d+)[\w.-]*)", said)
    if asked.returncode != 0 or found is None:
        raise NotServed(
            phrase(
                "{binary} does not say which server it has: {answer}",
                binary=str(binary),
                answer=said[:200] or phrase("no answer"),
            )
        )
    if (int(found[2]), int(found[3])) < LEAST_SERVER:
        raise NotServed(
            phrase(
                "{binary} has server {found}; {least} or later is needed",
                binary=str(binary),
                found=found[1],
                least=".".join(map(str, LEAST_SERVER)),
            )
        )
    return found[1]


def download(say: Say) -> Path:
    """Let the SDK download the program into the cache, as long as something arrives."""
    target = cached_binary()
    with alone(target, say), tempfile.TemporaryDirectory(dir=target.parent, prefix="download-") as name:
        if target.exists():
            return target
        folder = Path(name)
        # A program of its own: the SDK's download cannot be interrupted from inside.
        program = [sys.executable, "-m", "dealflow.adapters.temporal_server.download", f"v{CLI_VERSION}", name]
        lines = run(phrase("the download"), program, folder, DOWNLOAD_SECONDS, _Arrivals(folder, say))
        found = [path for path in folder.iterdir() if path.is_file() and os.access(path, os.X_OK)]
        if len(found) != 1:
            raise NotServed(lines[-1] if lines else phrase("nothing was downloaded"))
        server_version(found[0])
        found[0].replace(target)
    return target


def build(say: Say) -> Path:
    """Build the program with Go, from the module kept in the project, into the cache."""
    go = shutil.which("go")
    if go is None:
        raise NotServed(
            phrase("there is no go on PATH (1.21 or later will do: it fetches the one that the module names)")
        )
    target = cached_binary()
    with alone(target, say), tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as name:
        if target.exists():
            return target
        folder = Path(name)
        _copy_module(folder)
        say(phrase("  fetching the sources, once; they stay in Go's own cache"))
        # -mod=mod completes the list of what the module needs, in this copy only; go.sum holds the checksums.
        listing = [go, "list", "-mod=mod", "-deps", PACKAGE]
        said = run("go list", listing, folder, BUILD_SECONDS, Count(say, "go: downloading ", phrase("modules fetched")))
        packages = sum(not line.startswith("go: ") for line in said)
        say(phrase("  compiling up to {packages} packages, about 7 minutes on two cores", packages=packages))
        stamp = f"-s -w -X github.com/temporalio/cli/internal/temporalcli.Version={CLI_VERSION}"
        made = folder / "temporal"
        command = [go, "build", "-v", "-mod=mod", "-ldflags", stamp, "-o", str(made), PACKAGE]
        run(
            "go build",
            command,
            folder,
            BUILD_SECONDS,
            Count(say, "", phrase("of {packages} packages compiled", packages=packages)),
        )
        server_version(made)
        made.replace(target)
    return target


def _copy_module(folder: Path) -> None:
    """In a wheel the module is shipped beside this file; in a checkout it is kept under `tools/`."""
    shipped = Path(__file__).with_name("cli_module")
    kept = Path(__file__).parents[4] / "tools" / "temporal-cli"
    for name in ("go.mod", "go.sum"):
        try:
            shutil.copyfile((shipped if shipped.is_dir() else kept) / name, folder / name)
        except OSError as error:
            raise NotServed(phrase("the Go module to build from is missing: {error}", error=str(error))) from error


@contextmanager
def alone(target: Path, say: Say) -> Iterator[None]:
    """One program at a time brings the binary; the next finds it there."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = (target.parent / "lock").open("w")
    except OSError as error:
        raise NotServed(phrase("the cache cannot be written: {error}", error=str(error))) from error
    with file:
        waited_until = time.monotonic() + BUILD_SECONDS
        told = False
        while not locked(file.fileno()):
            if time.monotonic() > waited_until:
                raise NotServed(
                    phrase(
                        "another process has held {name} for {minutes} minutes",
                        name=file.name,
                        minutes=format(BUILD_SECONDS / 60, ".0f"),
                    )
                )
            if not told:
                say(phrase("  another process is bringing it already; waiting for that one"))
                told = True
            time.sleep(0.5)
        for left in (*target.parent.glob("build-*"), *target.parent.glob("download-*")):
            # Whoever made these was killed: nobody else holds the lock.
            shutil.rmtree(left, ignore_errors=True)
        yield


class Count:
    """Says every few seconds how many lines of a kind have come."""

    def __init__(self, say: Say, start: str, what: str) -> None:
        self._say, self._start, self._what = say, start, what
        self._began = self._said = time.monotonic()

    def __call__(self, lines: Sequence[str]) -> None:
        now = time.monotonic()
        if now - self._said >= SAY_EVERY_SECONDS:
            self._said = now
            count = sum(line.startswith(self._start) for line in list(lines))
            self._say(f"  {count} {self._what}, {now - self._began:.0f} s")


class _Arrivals:
    """Says every few seconds how much of a download has come, and gives up when nothing comes any more."""

    def __init__(self, folder: Path, say: Say) -> None:
        self._folder, self._say = folder, say
        self._size = 0
        self._grew = self._said = time.monotonic()

    def __call__(self, _lines: Sequence[str]) -> None:
        now = time.monotonic()
        size = sum(path.stat().st_size for path in self._folder.iterdir())
        if size != self._size:
            self._size, self._grew = size, now
        if now - self._grew > QUIET_SECONDS:
            raise NotServed(phrase("nothing arrived for {seconds} s", seconds=format(QUIET_SECONDS, ".0f")))
        if now - self._said >= SAY_EVERY_SECONDS:
            self._said = now
            self._say(f"  {size / 1e6:.0f} MB")


def run(
    what: str, command: Sequence[str], folder: Path, limit: float, watch: Callable[[Sequence[str]], None]
) -> list[str]:
    """What a program prints, line by line; it is ended with all its children when it fails, hangs or is interrupted."""
    lines: list[str] = []
    ends = time.monotonic() + limit
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        reader = Thread(target=lambda: lines.extend(line.rstrip() for line in process.stdout or ()), daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                reader.join(0.5)
                watch(lines)
                if time.monotonic() > ends:
                    raise NotServed(
                        phrase(
                            "{what} took longer than {minutes} minutes", what=what, minutes=format(limit / 60, ".0f")
                        )
                    )
        except BaseException:
            # With the whole group, or a compiler goes on without anyone who waits for it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
        process.wait(timeout=30)
    if process.returncode != 0:
        raise NotServed(phrase("{what} failed: {said}", what=what, said=" / ".join(lines[-3:]) or process.returncode))
    return lines
