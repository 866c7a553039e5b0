"""A database file that may only be read, such as an auditor's copy of a store: opened without a trace in its folder."""

import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from dealflow.domain.values.phrase import phrase

_ANY_WRITING = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
# What SQLite has written beside the file and not yet into it; the index of the first is made anew.
_BESIDE = ("-wal", "-journal")
_TRIES = 5


def is_read_only(path: Path) -> bool:
    """Whether the file, or its folder, lets nobody write, or not us; root may write anywhere and keeps to it as well."""
    return any(_is_closed(each) for each in (path, path.parent))


def _is_closed(path: Path) -> bool:
    return path.exists() and (not path.stat().st_mode & _ANY_WRITING or not os.access(path, os.W_OK))


def reading_address(path: Path) -> str:
    """The address of a file that nobody changes meanwhile; nothing is locked, and nothing is made beside it."""
    return f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"


class ReadOnlyFile:
    """`address` opens it for reading. What stands beside the file is read with it, from a copy of both in a folder of our own."""

    def __init__(self, path: Path) -> None:
        self._folder: Path | None = None
        if any(_size(Path(f"{path}{end}")) for end in _BESIDE):
            self._folder = Path(tempfile.mkdtemp(prefix="dealflow-read-"))
            try:
                path = _whole_copy(path, self._folder)
            except BaseException:
                self.close()
                raise
        self.address = reading_address(path)

    def close(self) -> None:
        """Remove the copy, where there is one."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def copied(path: Path, folder: Path) -> Path:
    """The file with what stands beside it in another folder, ours to write; OSError where it is written all the time."""
    copy = folder / path.name
    for _ in range(_TRIES):
        before = _state(path)
        for end in ("", *_BESIDE):
            if Path(f"{path}{end}").exists():
                shutil.copyfile(f"{path}{end}", f"{copy}{end}")
        if _state(path) == before:
            return copy
        for end in _BESIDE:
            Path(f"{copy}{end}").unlink(missing_ok=True)
    raise OSError(phrase("it is being written: read a copy of it"))


def _whole_copy(path: Path, folder: Path) -> Path:
    copy = copied(path, folder)
    with closing(sqlite3.connect(copy)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return copy


def _state(path: Path) -> list[tuple[int, int]]:
    files = (Path(f"{path}{end}") for end in ("", *_BESIDE))
    return [(found.st_size, found.st_mtime_ns) for file in files if file.exists() and (found := file.stat())]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
