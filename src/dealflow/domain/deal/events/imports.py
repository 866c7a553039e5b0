"""Events of an import: what it was given as its first deal came in, what it had brought at its end, that it is taken back."""

import operator
from datetime import date
from typing import Any, ClassVar

from pydantic import AwareDatetime, Field

from dealflow.domain.deal.events.fact import Fact
from dealflow.domain.values.frozen import Frozen


class ImportedFile(Frozen):
    """A file of an import, by its name and the SHA-256 of its bytes; `role` is what the mapping calls it."""

    role: str
    name: str
    digest: str


class ShiftedBy(Frozen):
    """Whole days that were added to every date, and the instant that the snapshot became."""

    days: int
    last_day: date
    snapshot: AwareDatetime


class ImportBegun(Fact):
    """These files came in by this mapping, as one batch; its deals are those of the events that it is the correlation of.

    `mapping` says what the mapping meant, without its comments, and `mapping_digest` is of that; `times` are the forms by
    which the dates of each column were read, `marks` the decimal marks of numbers. `export` is by what the statements of
    these files are told from others of the source. `reread`: known facts were read anew. `goes_on`: a part of the batch
    came in before imports were on record.
    """

    topic: ClassVar[str] = "import.begun.v1"
    batch: str
    process: str
    command: str
    files: tuple[ImportedFile, ...]
    mapping_digest: str
    mapping: dict[str, Any]
    times: dict[str, tuple[str, ...]] = {}
    marks: dict[str, str] = {}
    export: str = ""
    exported_at: AwareDatetime | None = None
    shift: ShiftedBy | None = None
    reread: bool = Field(default=False, exclude_if=operator.not_)
    goes_on: bool = Field(default=False, exclude_if=operator.not_)


class ImportFinished(Fact):
    """All files of the batch are through. The deals and events are those of the whole batch, the rest of its last run."""

    topic: ClassVar[str] = "import.finished.v1"
    batch: str
    new: int
    changed: int
    deals: int
    events: int
    rejects: int
    seconds: float


class UndoBegun(Fact):
    """What the batch brought is being taken back, deal by deal; none goes on in this batch any more."""

    topic: ClassVar[str] = "import.undo_begun.v1"
    batch: str
    reason: str = ""


class UndoFinished(Fact):
    """It was taken back: `gone` deals that it had opened, `restored` ones that are as before, `events` that count no more.

    `kept` are deals that stay as they are, since somebody has acted on them.
    """

    topic: ClassVar[str] = "import.undo_finished.v1"
    batch: str
    gone: int
    restored: int
    kept: int
    events: int
