"""Standard input and pipes, which can be read once, kept in a private file until the import is done."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

STANDARD_INPUT = "standard-input"
_NONE, _DEVICES = Path("-"), Path("/dev")


@contextmanager
def spooled(paths: Iterable[Path]) -> Iterator[tuple[Path, ...]]:
    """The paths, with a file in place of `-` and of each that is no file on disk, such as a pipe."""
    with TemporaryDirectory(prefix="dealflow-") as folder:
        yield tuple(_kept(path, Path(folder)) for path in paths)


def _kept(path: Path, folder: Path) -> Path:
    if path != _NONE and (path.is_file() or path.is_dir() or not path.exists()):
        return path
    # The folder is its owner's alone, and so is what is in it.
    has_name = path != _NONE and _DEVICES not in path.parents
    kept = folder / (path.name if has_name else STANDARD_INPUT)
    if path == _NONE:
        _copy(sys.stdin.buffer, kept)
    else:
        with path.open("rb") as stream:
            _copy(stream, kept)
    return kept


def _copy(stream: BinaryIO, kept: Path) -> None:
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(stream, file)
