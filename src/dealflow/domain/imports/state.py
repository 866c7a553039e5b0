"""Fold events into the record of a source. It never fails, and only copies what happened."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dealflow.domain.deal import events as e
from dealflow.domain.imports.stream import source_of


class BatchState(StrEnum):
    """How far a batch is."""

    UNFINISHED = "unfinished"
    FINISHED = "finished"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one import brought. `version` is that of the event that began it."""

    id: str
    source: str
    version: int
    begun: e.ImportBegun
    stamp: e.Stamp
    state: BatchState = BatchState.UNFINISHED
    finished: e.ImportFinished | None = None
    finished_at: datetime | None = None
    finished_version: int | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None
    undo: e.UndoFinished | None = None
    undo_reason: str = ""

    @property
    def counts(self) -> bool:
        """Whether what it brought is still there."""
        return self.state in (BatchState.UNFINISHED, BatchState.FINISHED)


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """All batches of a source by their ids, in the order in which they began.

    `before` are those of a time before imports were on record that are taken back.
    """

    version: int = 0
    recorded_at: datetime | None = None
    batches: dict[str, Batch] = field(default_factory=dict)
    before: dict[str, BatchState] = field(default_factory=dict)

    @property
    def counting(self) -> list[Batch]:
        """Those of which something is still there, the oldest first."""
        return [batch for batch in self.batches.values() if batch.counts]

    @property
    def last(self) -> Batch | None:
        """The last of these."""
        return self.counting[-1] if self.counting else None

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Batches that were interrupted."""
        return tuple(batch.id for batch in self.batches.values() if batch.state is BatchState.UNFINISHED)

    @property
    def shift(self) -> e.ShiftedBy | None:
        """By how much the dates of this source are moved: all of its batches are, or none."""
        return self.last.begun.shift if self.last else None

    def exported_at(self, export: str) -> datetime | None:
        """When the latest export of these files was taken."""
        found = [one.begun.exported_at for one in self.counting if one.begun.export == export and one.begun.exported_at]
        return max(found, default=None)

    def last_of(self, export: str) -> Batch | None:
        """The last batch of these files."""
        return next((batch for batch in reversed(self.counting) if batch.begun.export == export), None)


def record_after(recorded: Iterable[e.Recorded]) -> SourceRecord:
    """The record after these events of its stream."""
    record = SourceRecord()
    for one in recorded:
        record = _evolve(record, source_of(one.stream), one.fact, one.stamp)
    return record


def _evolve(record: SourceRecord, source: str, fact: e.Fact, stamp: e.Stamp) -> SourceRecord:
    """The record after one more event; one of an unknown kind leaves the batches as they are."""
    batches = record.batches
    match fact:
        case e.ImportBegun():
            batch = Batch(fact.batch, source, stamp.version, fact, stamp)
            batches = {**batches, batch.id: batch}
        case e.ImportFinished() if fact.batch in batches:
            batch = replace(
                batches[fact.batch],
                state=BatchState.FINISHED,
                finished=fact,
                finished_at=stamp.recorded_at,
                finished_version=stamp.version,
            )
            batches = {**batches, batch.id: batch}
        case e.UndoBegun() if fact.batch in batches:
            begun = replace(_changed(batches[fact.batch], BatchState.UNDOING, stamp), undo_reason=fact.reason)
            batches = {**batches, fact.batch: begun}
        case e.UndoFinished() if fact.batch in batches:
            undone = replace(_changed(batches[fact.batch], BatchState.UNDONE, stamp), undo=fact)
            batches = {**batches, fact.batch: undone}
        case e.UndoBegun() | e.UndoFinished():
            state = BatchState.UNDOING if isinstance(fact, e.UndoBegun) else BatchState.UNDONE
            before = {**record.before, fact.batch: state}
            record = replace(record, before=before)
        case _:
            pass
    return replace(record, version=stamp.version, recorded_at=stamp.recorded_at, batches=batches)


def _changed(batch: Batch, state: BatchState, stamp: e.Stamp) -> Batch:
    """The batch in this state, by whom and when."""
    return replace(batch, state=state, changed_by=stamp.on_behalf_of or stamp.actor, changed_at=stamp.recorded_at)
