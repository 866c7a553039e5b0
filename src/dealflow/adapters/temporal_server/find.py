"""Finds a Temporal server: a configured address, a program on this computer, downloaded, or built."""

import shutil
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dealflow.adapters.temporal_server import binary
from dealflow.adapters.temporal_server.binary import NotServed, Say, cached_binary, server_version
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.settings import Settings, SettingsError

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


def find_server(settings: Settings, say: Say) -> Found:
    """The first of: configured address, `temporal` on PATH or in the cache, the SDK's download, built with Go.

    Each step says through `say` what it does, and why the one before did not serve; with none, ServerNotFound.
    """
    if settings.temporal_address:
        say(phrase("Temporal: the configured address {address} is used", address=settings.temporal_address))
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
