"""What the home folder remembers of each source: exports that brought nothing, and what came before imports were on record."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, ValidationError

from dealflow.adapters.files.atomic import write_atomically
from dealflow.adapters.files.lock import locked
from dealflow.adapters.files.private import open_private, private_folder
from dealflow.application.imports.keys import Export
from dealflow.application.imports.plans import Shift
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import phrase


class Remembered(Frozen):
    """The content of `<home>/imports/<source>.json`.

    All but `exported` is of a time before imports were on record: whether the source was imported, by how much its dates
    were moved, and the batches that were interrupted.
    """

    shift: Shift | None = None  # used again, or the same row would be two facts
    imported: bool = False
    open_batches: tuple[str, ...] = ()
    exported: dict[str, AwareDatetime] = {}  # the latest export of each table, once by the name of its file

    def latest(self, export: Export) -> datetime | None:
        """The latest of these exports that was imported."""
        known = [self.exported[name] for name in (export.file, export.once) if name in self.exported]
        return max(known, default=None)


class ImportMemoryBroken(ValueError):
    """The file cannot be used; the message says which and why."""


class ImportRunning(Exception):
    """Another process imports from this source into this home; the message says so."""


class ImportMemory:
    """One file for each source, written in one step."""

    def __init__(self, home: Path, source: str) -> None:
        self.path = home / "imports" / f"{source}.json"
        self._source = source

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only import of this source; ImportRunning where another one runs.

        Each takes a batch that is open for one that was interrupted, and releases its notices.
        """
        lock = self.path.with_suffix(".lock")
        private_folder(lock.parent)
        with open_private(lock, "a") as file:
            if not locked(file.fileno()):
                raise ImportRunning(
                    phrase(
                        "another import of '{source}' runs into {folder}; try again later",
                        source=self._source,
                        folder=str(lock.parent.parent),
                    )
                )
            yield

    def read(self) -> Remembered:
        """What is remembered; nothing when there is no file. ImportMemoryBroken when it is no such file."""
        try:
            return Remembered.model_validate(json.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return Remembered()
        except (OSError, ValueError, ValidationError) as error:
            said = str(error).splitlines()[0]
            raise ImportMemoryBroken(
                phrase(
                    "{path}: cannot be used: {said}; restore it, or import into another home",
                    path=str(self.path),
                    said=said,
                )
            ) from error

    def forget_exports(self) -> None:
        """An import of this source was taken back: of an older export everything counts again."""
        before = self.read()
        if before.exported:
            self._write(before.model_copy(update={"exported": {}}))

    def note(self, export: Export) -> None:
        """This export was read and brought nothing: there is no batch of it, and an older one is older all the same."""
        before = self.read()
        known = before.exported.get(export.file)
        if export.at is not None and (known is None or known < export.at):
            self._write(before.model_copy(update={"exported": {**before.exported, export.file: export.at}}))

    def _write(self, content: Remembered) -> None:
        write_atomically(self.path, content.model_dump_json(indent=2, exclude_none=True) + "\n")


def shift_to_today(latest: datetime | None, snapshot: datetime | None, now: datetime) -> Shift:
    """The shift by whole days that makes the last day of a source today in UTC; nothing comes to lie ahead of `now`.

    `latest` is the last instant that a record names. The snapshot moves with it, but never beyond `now`.
    """
    last = max(instant for instant in (latest, snapshot, None if latest or snapshot else now) if instant is not None)
    days = (now.astimezone(UTC).date() - last.astimezone(UTC).date()).days
    if latest is not None and latest + timedelta(days=days) > now:
        days -= 1
    moved = timedelta(days=days)
    return Shift(
        days=days,
        last_day=(last.astimezone(UTC) + moved).date(),
        snapshot=min(now, snapshot + moved) if snapshot else now,
    )
