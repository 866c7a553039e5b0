"""One embedded system per home folder: a file whose lock lives exactly as long as the process that holds it."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from dealflow.adapters.files.lock import locked
from dealflow.adapters.files.private import keep_private, open_private, private_folder
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import phrase


class Holder(Frozen):
    """Who runs the embedded system of a home folder; `what` is the command."""

    pid: int
    what: str
    since: AwareDatetime


class HomeTaken(Exception):
    """The embedded system of this folder runs already; `holder` is None where its file cannot be read."""

    def __init__(self, home: Path, holder: Holder | None) -> None:
        self.holder = holder
        who = phrase("another process")
        if holder is not None:
            who = phrase(
                "`dealflow {what}`, process {pid}, since {since} UTC",
                what=holder.what,
                pid=holder.pid,
                since=format(holder.since, "%Y-%m-%d %H:%M:%S"),
            )
        super().__init__(
            phrase(
                "the system of {home} runs already: {who}. Stop that one first, or choose another --home.",
                home=str(home),
                who=who,
            )
        )


@contextmanager
def hold(home: Path, what: str, now: datetime) -> Iterator[None]:
    """Be the only embedded system of this folder; HomeTaken says who is it already."""
    path = _path(home)
    # What is below holds customers' names and what was said of them: its owner's alone, as when the store makes it.
    private_folder(path.parent)
    keep_private(home)
    with open_private(path, "a+") as file:
        if not locked(file.fileno()):
            raise HomeTaken(home, _read(path))
        file.truncate(0)
        file.write(Holder(pid=os.getpid(), what=what, since=now).model_dump_json())
        file.flush()
        yield
        # Emptied, never deleted: whoever opened it meanwhile must find the same file that the next one locks.
        file.truncate(0)


def holder_of(home: Path) -> Holder | None:
    """Who runs the embedded system of this folder now; None when nobody does."""
    path = _path(home)
    if not path.exists():
        return None
    with path.open("r", encoding="utf-8") as file:
        return None if locked(file.fileno()) else _read(path)


def _path(home: Path) -> Path:
    return home / "run" / "up.lock"


def _read(path: Path) -> Holder | None:
    try:
        return Holder.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None
