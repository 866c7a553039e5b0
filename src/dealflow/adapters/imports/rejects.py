"""The file of rejects: which row, which field, why, and what stood there, safe to open in a spreadsheet."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from dealflow.application.import_plans import Reject

_COLUMNS = ("file", "row", "field", "reason", "value", "suggestion", "deal", "place")
_FORMULA = ("=", "+", "-", "@")
_MAX_VALUE = 80


class RejectsFile:
    """Made with its first reject, so that an import without any leaves no file; a context manager that closes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, reject: Reject) -> None:
        """Write one reject."""
        if self._stream is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # What was rejected may be personal, and the folder one that others can read.
            self.path.touch(mode=0o600)
            self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow(_COLUMNS)
        row = (
            reject.file,
            reject.row,
            reject.field,
            reject.reason,
            reject.value,
            reject.suggestion or "",
            reject.deal_id or "",
            reject.place,
        )
        csv.writer(self._stream).writerow([_harmless(cell) for cell in row])
        self.count += 1


def _harmless(cell: object) -> object:
    # A spreadsheet would take such a cell for a formula and run it.
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def shortened(value: str) -> str:
    """A cell as it may be shown: short, and without what would control a terminal."""
    short = value if len(value) <= _MAX_VALUE else f"{value[: _MAX_VALUE - 20]}… ({len(value):,} characters)"
    return short if short.isprintable() else short.encode("unicode_escape", "backslashreplace").decode()
