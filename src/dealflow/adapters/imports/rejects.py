"""The file of rejects: which row, which field, why, and what stood there, safe to open in a spreadsheet."""

import csv
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from dealflow.adapters.files.private import open_private, private_folder
from dealflow.application.imports.plans import Cost, Reject
from dealflow.domain.values.phrase import Phrase, phrase

_COLUMNS = ("file", "row", "field", "reason", "value", "suggestion", "deal", "place", "costs")
# A file of an earlier version has no more than these, and may be replaced as well.
_HEADING = ",".join(_COLUMNS[:8]).encode()
_COSTS: dict[Cost, Phrase] = {
    "deal": phrase("the deal"),
    "fact": phrase("this fact"),
    "field": phrase("this value"),
    "nothing": phrase("nothing"),
    "doubt": phrase("nothing: it is read"),
}
_FORMULA = ("=", "+", "-", "@")
_MAX_VALUE = 80


# Says a phrase in the language of whoever reads the file; `str` says it in English.
Say = Callable[[str], str]


class RejectsRefused(ValueError):
    """The option names a file that would be lost; the message says which."""


class RejectsFile:
    """Made with its first reject, so that an import without any leaves no file; a context manager that closes it."""

    def __init__(self, path: Path, say: Say = str) -> None:
        self.path = path
        self._say = say
        self.count = 0
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def restart(self) -> None:
        """Forget what was written so far: the records are gone through once more, and tell it again."""
        if self._stream is not None:
            self._stream.close()
            self.path.unlink()
            self._stream, self.count = None, 0

    def add(self, reject: Reject) -> None:
        """Write one reject."""
        if self._stream is None:
            private_folder(self.path.parent)
            self._stream = open_private(self.path, "w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow(_COLUMNS)
            self._stream.flush()  # by its heading the next import knows the file again
        row = (
            reject.file,
            reject.row,
            reject.field,
            self._say(reject.reason),
            reject.value,
            reject.suggestion or "",
            reject.deal_id or "",
            self._say(reject.place),
            self._say(_COSTS[reject.costs]),
        )
        csv.writer(self._stream).writerow([_harmless(cell) for cell in row])
        self.count += 1


def must_harm_nothing(asked: Path | None, home: Path, read: Iterable[tuple[Phrase, Path]]) -> None:
    """Raise RejectsRefused where the file asked for is one that is read or kept; only a file of rejects is replaced."""
    if asked is None:
        return
    try:
        place, there = os.path.realpath(asked), asked.exists()
    except OSError:
        return  # which cannot be written, and is told like all that cannot
    for what, path in read:
        if place == os.path.realpath(path) or (there and path.exists() and asked.samefile(path)):
            raise RejectsRefused(
                phrase(
                    "--rejects {asked}: this is {what}, which would be lost; name another file",
                    asked=str(asked),
                    what=what,
                )
            )
    if there and not asked.is_dir() and not _is_of_rejects(asked):
        raise RejectsRefused(
            phrase(
                "--rejects {asked}: it is there already and is no file of rejects; name another file", asked=str(asked)
            )
        )
    if not there and Path(os.path.realpath(home)) in Path(place).parents and asked.suffix != ".csv":
        raise RejectsRefused(
            phrase(
                "--rejects {asked}: in the home folder its name must end in .csv; name another file", asked=str(asked)
            )
        )


def _is_of_rejects(path: Path) -> bool:
    if not path.is_file():
        return False  # a pipe would be waited for
    with path.open("rb") as stream:
        return stream.readline(len(BOM_UTF8 + _HEADING) + 20).removeprefix(BOM_UTF8).startswith(_HEADING)


def _harmless(cell: object) -> object:
    # A spreadsheet would take such a cell for a formula and run it.
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def shortened(value: str) -> str:
    """A cell as it may be shown: short, and without what would control a terminal."""
    short = value if len(value) <= _MAX_VALUE else f"{value[: _MAX_VALUE - 20]}… ({len(value):,} characters)"
    return short if short.isprintable() else short.encode("unicode_escape", "backslashreplace").decode()
