"""The record of imports: what each batch was given and has brought, one stream for each source."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dealflow.application.imports.keys import ANY_EXPORT, Export
from dealflow.application.imports.plans import Plans
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.store import (
    Append,
    Conflict,
    Correlated,
    EventStore,
    EventUnreadable,
    Stream,
)
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.domain.deal.events import Fact, ImportBegun, ImportedFile, ImportFinished, ShiftedBy
from dealflow.domain.deal.stream import DEAL_STREAMS
from dealflow.domain.imports.batch import base_of, batch_for
from dealflow.domain.imports.state import Batch, BatchState, SourceRecord, record_after
from dealflow.domain.imports.stream import IMPORT_STREAMS, import_stream
from dealflow.domain.people.actor import Who
from dealflow.domain.values.refusal import Code, refuse

# The command that imports tables with one row for each deal.
CRM_CSV = "crm-csv"
_TRIES = 10


@dataclass(frozen=True, slots=True)
class ImportGiven:
    """What an import is given, as it is put on record: the command, the files, the meaning of the mapping, the forms
    by which dates and numbers of each column are read.
    """

    command: str
    files: tuple[ImportedFile, ...]
    mapping: Mapping[str, Any]
    mapping_digest: str
    export: Export
    times: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    shift: ShiftedBy | None = None
    reread: bool = False

    @property
    def rereads_records(self) -> bool:
        """Whether what a record says no more is to be taken back: a row of a table is all of its deal, a log may be a part."""
        return self.reread and self.command == CRM_CSV


NOTHING_GIVEN = ImportGiven("", (), {}, "", ANY_EXPORT)


class ImportRecords:
    """Reads what was imported."""

    def __init__(self, store: EventStore, outbox: Outbox) -> None:
        self._store, self._outbox = store, outbox

    def of(self, source: str) -> SourceRecord:
        """What this source has brought."""
        return record_after(self._store.load(import_stream(source)))

    def put(self, source: str, appending: Callable[[Stream], Append]) -> None:
        """Append to the record of this source; `appending` is asked again where somebody else was faster."""
        for _ in range(_TRIES):
            try:
                self._store.append([appending(self._store.load(import_stream(source)))])
            except Conflict:
                continue
            return
        raise Conflict(import_stream(source))

    def batches(self, unreadable: list[str]) -> list[Batch]:
        """The batches of all sources, the newest first; streams that cannot be read are put among the unreadable."""
        streams = self._store.streams(IMPORT_STREAMS)
        loaded: dict[str, Stream] = {}
        while streams:
            try:
                loaded = self._store.load_many(streams)
                break
            except EventUnreadable as error:
                streams = [each for each in streams if each != error.stream]
                unreadable.append(error.stream)
        found = [batch for stream in loaded.values() for batch in record_after(stream).batches.values()]
        return sorted(found, key=lambda one: (one.stamp.recorded_at, one.source, one.version), reverse=True)

    def brought(self, batch: Batch) -> list[Correlated]:
        """The deals that this batch has events in, by their streams; those that it opened have the first event of it."""
        stream = import_stream(batch.source)
        behind = None if batch.begun.goes_on else (stream, batch.version)
        before = (stream, batch.finished_version) if batch.finished_version else None
        found = self._store.correlated(batch.id, behind, before)
        return [one for one in found if one.stream.startswith(DEAL_STREAMS)]

    def brought_in_all(self, batch: str) -> list[Correlated]:
        """The same of a batch that is not on record: the whole log is gone through."""
        return [one for one in self._store.correlated(batch) if one.stream.startswith(DEAL_STREAMS)]

    def not_on_record(self, known: Sequence[Batch], source: str = "") -> dict[str, datetime | None]:
        """The batches of a time before there was a record, with the instant of their end; the others are known.

        Of all sources, or of one.
        """
        names = {batch.id for batch in known}
        return {
            name: at
            for name, at in self._outbox.batches().items()
            if name.startswith(IMPORT_STREAMS) and name not in names and (not source or _is_of(source, name))
        }


def _must_not_be_half_undone(record: SourceRecord) -> None:
    """What is unchanged now would be gone when the undo is finished."""
    undoing = [batch for batch in record.batches.values() if batch.state is BatchState.UNDOING]
    undoing_before = [batch for batch, state in record.before.items() if state is BatchState.UNDOING]
    for batch in (*(one.id for one in undoing), *undoing_before):
        raise refuse(Code.IMPORT_HALF_UNDONE, batch, batch=batch.rpartition("/")[2])


class RecordImport:
    """Puts one import on record: that it begins, with its first deal; and what it has brought, at its end.

    An import that brings nothing leaves no trace. One that was interrupted goes on in its batch.
    """

    def __init__(
        self, store: EventStore, outbox: Outbox, plans: Plans, given: ImportGiven, who: Who, now: datetime
    ) -> None:
        self._store, self._outbox, self._given = store, outbox, given
        self._who, self._now = who, now
        self._source, self._process, base = plans.source, plans.process, plans.batch
        self._records = ImportRecords(store, outbox)
        record = record_after(store.load(import_stream(self._source)))
        _must_not_be_half_undone(record)
        known = outbox.batches()
        used = frozenset(name for name, at in known.items() if base_of(name) == base and at is not None)
        self.batch = batch_for(base, record, used)
        # Batches of a time before there was a record are known by what they had to tell.
        self._goes_on = self.batch in known and self.batch not in record.batches
        self._left = [name for name, at in known.items() if at is None and _is_of(self._source, name)]
        self.is_begun = self.batch in record.batches

    def beginning(self) -> Sequence[Append]:
        """What goes before the first deals, in their transaction; nothing where it stands already."""
        if self.is_begun:
            return ()
        self._outbox.open_batch(self.batch)
        given = self._given
        fact = ImportBegun(
            effective_at=self._now,
            batch=self.batch,
            process=self._process,
            command=given.command,
            files=given.files,
            mapping_digest=given.mapping_digest,
            mapping=dict(given.mapping),
            times=dict(given.times),
            marks=dict(given.marks),
            export=given.export.file,
            exported_at=given.export.at,
            shift=given.shift,
            reread=given.reread,
            goes_on=self._goes_on,
        )
        return (self._append(fact, self._store.load(import_stream(self._source))),)

    def stands(self) -> None:
        """The first deals were appended, and the beginning with them."""
        self.is_begun = True

    def finish(self, *, rejects: int, seconds: float) -> None:
        """Release what is to be told of it, and of what was interrupted before; say what the batch has brought."""
        for batch in dict.fromkeys([*([self.batch] if self.is_begun else ()), *self._left]):
            self._outbox.finish_batch(batch, self._now)
        if not self.is_begun:
            return
        self._records.put(self._source, lambda stream: self._append(self._end(stream, rejects, seconds), stream))

    def _end(self, stream: Stream, rejects: int, seconds: float) -> ImportFinished:
        brought = self._records.brought(record_after(stream).batches[self.batch])
        new = sum(one.opens for one in brought)
        return ImportFinished(
            effective_at=self._now,
            batch=self.batch,
            new=new,
            changed=len(brought) - new,
            deals=len(brought),
            events=sum(one.events for one in brought),
            rejects=rejects,
            seconds=round(seconds, 3),
        )

    def _append(self, fact: Fact, stream: Stream) -> Append:
        origin = CommandOrigin(self._who, self.batch, self._now, correlation_id=self.batch, cause="import")
        return record_append(self._source, stream, fact, origin)


def record_append(source: str, stream: Stream, fact: Fact, origin: CommandOrigin) -> Append:
    """One more fact of the record of a source, at the origin's instant, or that of the last where this is later."""
    at = max(origin.recorded_at, stream[-1].stamp.recorded_at) if stream else origin.recorded_at
    name, version = import_stream(source), len(stream)
    facts = stamped([fact.model_copy(update={"effective_at": at})], version, replace(origin, recorded_at=at))
    return Append(name, version, facts, subject=name, head=stream.head)


def _is_of(source: str, batch: str) -> bool:
    return batch.rpartition("/")[0] == import_stream(source)
