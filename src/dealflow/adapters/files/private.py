"""What is made in a home is readable by its owner only, whatever the folder was, and what is there already becomes so."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_FOLDER, _FILE = 0o700, 0o600
# What dealflow and the server of Temporal write into a home; what people write there is theirs to share.
_WRITTEN = ("*.sqlite*", "*.json", "*.lock")
_FOLDERS = ("imports", "logs", "outbox", "rejects", "run")


def private_folder(path: Path) -> None:
    """Make the folder, and those above it that are missing, for its owner only; one that is there stays as it is."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(mode=_FOLDER, exist_ok=True)


def open_private(path: Path, mode: str, *, encoding: str = "utf-8", newline: str | None = None) -> TextIO:
    """Open a text file for writing that only its owner can read, one that was there before as well."""

    def opener(name: str, flags: int) -> int:
        handle = os.open(name, flags, _FILE)
        _close_to_others(handle)
        return handle

    opened = open(path, mode, encoding=encoding, newline=newline, opener=opener)  # noqa: SIM115  the caller closes it; Path.open takes no opener
    return cast("TextIO", opened)


def keep_private(home: Path, *more: Path) -> None:
    """Take from everybody else what dealflow has written into this home, and these files; a copy that is read-only stays."""
    if not os.access(home, os.W_OK) or not home.stat().st_mode & stat.S_IWUSR:
        return
    for pattern in _WRITTEN:
        _close_each(home.glob(pattern))
    for folder in (home / name for name in _FOLDERS):
        if _is_open(folder):
            _close_each(folder.rglob("*"))
            _close_each([folder])
    _close_each(more)


def holds(home: Path) -> bool:
    """Whether the folder is this user's of the operating system, or the system's own user is at work."""
    if not hasattr(os, "geteuid"):
        return os.access(home, os.W_OK)
    return os.geteuid() in (0, home.stat().st_uid)


def _close_each(paths: Iterable[Path]) -> None:
    for path in paths:
        if _is_open(path):
            _close_to_others(path)


def _is_open(path: Path) -> bool:
    with suppress(OSError):
        found = path.lstat().st_mode
        # What its owner may not write either is a copy to read from, and stays as it is.
        return not stat.S_ISLNK(found) and bool(found & _OTHERS) and bool(found & stat.S_IWUSR)
    return False


def _close_to_others(file: Path | int) -> None:
    # Whoever is not the owner may not, and a file system of another system has no such rights.
    with suppress(OSError, NotImplementedError):
        found = os.stat(file).st_mode  # noqa: PTH116  it may be a descriptor
        # A device or a pipe is not ours.
        if found & _OTHERS and (stat.S_ISREG(found) or stat.S_ISDIR(found)):
            os.chmod(file, stat.S_IMODE(found) & ~_OTHERS)  # noqa: PTH101  it may be a descriptor
