"""The imports on record as they are shown, and the one that is meant by the beginning of its id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from dealflow.application.imports.record import ImportRecords
from dealflow.application.ports.store import Correlated
from dealflow.domain.deal.events import ImportedFile, ShiftedBy
from dealflow.domain.deal.stream import deal_of
from dealflow.domain.decide.permission import must_be_permitted_in_store
from dealflow.domain.imports.batch import source_of_batch
from dealflow.domain.imports.state import Batch
from dealflow.domain.imports.stream import IMPORT_STREAMS, source_of
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.sight import sees_all
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.refusal import Code, CommandRefused, Reason, refuse
from dealflow.domain.values.suggest import nearest

_SHORT = 8
SHOWN_DEALS = 10


class ImportRow(Frozen):
    """One import. `short` is enough of its id to name it; the numbers of one that is unfinished are those so far.

    One of a time before imports were on record has no more than its id, its source and its end. `undone_at` and `undone_by` are
    of the beginning while it is being undone; `kept` deals stay as they are.
    """

    batch: str
    short: str
    source: str
    state: str
    on_record: bool = True
    began_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    actor: str | None = None
    on_behalf_of: str | None = None
    files: tuple[str, ...] = ()
    deals: int | None = None
    new: int | None = None
    changed: int | None = None
    events: int | None = None
    rejects: int | None = None
    undone_at: AwareDatetime | None = None
    undone_by: str | None = None
    kept: int | None = None


class ImportPage(Frozen):
    """The newest first, at most as many as were wanted, of `total`; `unreadable` are sources of which nothing can be read."""

    total: int
    imports: tuple[ImportRow, ...]
    unreadable: tuple[str, ...] = ()


class ImportedDeal(Frozen):
    """A deal that an import has events in; `new`: it opened it."""

    deal_id: str
    new: bool
    events: int


class ImportShown(ImportRow):
    """The same with all that was given; `first_deals` are the first of its deals, for whoever sees them."""

    process: str | None = None
    command: str | None = None
    given_files: tuple[ImportedFile, ...] = ()
    mapping_digest: str | None = None
    mapping: Mapping[str, Any] | None = None
    exported_at: AwareDatetime | None = None
    shift: ShiftedBy | None = None
    reread: bool = False
    seconds: float | None = None
    undo_reason: str = ""
    gone: int | None = None
    restored: int | None = None
    first_deals: tuple[ImportedDeal, ...] = ()


@dataclass(frozen=True, slots=True)
class FindImports:
    """What a reader is told of the imports: whoever may import, and whoever audits."""

    records: ImportRecords
    who: Who
    organisation: Organisation

    def page(self, source: str | None = None, limit: int | None = None) -> ImportPage:
        """All imports, or those of one source; CommandRefused for a source that there is not."""
        self._must_be_permitted()
        unreadable: list[str] = []
        batches = self.records.batches(unreadable)
        old = self.records.not_on_record(batches)
        sources = {batch.source for batch in batches} | {source_of_batch(name) for name in old}
        if source is not None and source not in sources:
            raise refuse(Code.UNKNOWN_IMPORT, source, given=source, suggestion=nearest(source, sorted(sources)))
        shorts = _short_ids([batch.id for batch in batches] + [*old])
        wanted: list[Batch | tuple[str, datetime | None]] = [*batches, *old.items()]
        wanted = [
            one for one in wanted if source in (None, source_of_batch(one.id if isinstance(one, Batch) else one[0]))
        ]
        rows = [self._row(one, shorts) if isinstance(one, Batch) else _old_row(*one, shorts) for one in wanted[:limit]]
        return ImportPage(total=len(wanted), imports=tuple(rows), unreadable=tuple(map(source_of, unreadable)))

    def one(self, given: str) -> ImportShown:
        """The import that is meant by this, a whole id or the beginning of one; CommandRefused where none is, or several."""
        self._must_be_permitted()
        batches = self.records.batches([])
        old = self.records.not_on_record(batches)
        shorts = _short_ids([batch.id for batch in batches] + [*old])
        name = meant([*shorts], given)
        if name in old:
            row = _old_row(name, old[name], shorts)
            brought = self.records.brought_in_all(name)
            return ImportShown(**{**dict(row), **_counted(brought)}, first_deals=self._first(brought))
        batch = next(batch for batch in batches if batch.id == name)
        begun, finished = batch.begun, batch.finished
        brought = self.records.brought(batch)
        row = self._row(batch, shorts, brought)
        return ImportShown(
            **dict(row),
            process=begun.process,
            command=begun.command,
            given_files=begun.files,
            mapping_digest=begun.mapping_digest,
            mapping=begun.mapping,
            exported_at=begun.exported_at,
            shift=begun.shift,
            reread=begun.reread,
            seconds=finished.seconds if finished else None,
            undo_reason=batch.undo_reason,
            gone=batch.undo.gone if batch.undo else None,
            restored=batch.undo.restored if batch.undo else None,
            first_deals=self._first(brought),
        )

    def named(self, given: str) -> str:
        """The id of the import that is meant, for whoever may import; CommandRefused where none is, or several."""
        must_be_permitted_in_store("import", self.who, self.organisation)
        batches = self.records.batches([])
        return meant([batch.id for batch in batches] + [*self.records.not_on_record(batches)], given)

    def _must_be_permitted(self) -> None:
        try:
            must_be_permitted_in_store("import", self.who, self.organisation)
        except CommandRefused as refused:
            try:
                must_be_permitted_in_store("audit", self.who, self.organisation)
            except CommandRefused:
                raise refused from None

    def _first(self, brought: list[Correlated]) -> tuple[ImportedDeal, ...]:
        if not sees_all(self.who.person, self.organisation):
            return ()
        return tuple(
            ImportedDeal(deal_id=deal_of(one.stream), new=one.opens, events=one.events) for one in brought[:SHOWN_DEALS]
        )

    def _row(self, batch: Batch, shorts: Mapping[str, str], brought: list[Correlated] | None = None) -> ImportRow:
        done, begun = batch.finished, batch.begun
        counts: dict[str, Any] = (
            done.model_dump(include={"deals", "new", "changed", "events", "rejects"})
            if done
            else _counted(self.records.brought(batch) if brought is None else brought)
        )
        return ImportRow(
            batch=batch.id,
            short=shorts[batch.id],
            source=batch.source,
            state=batch.state.value,
            began_at=batch.stamp.recorded_at,
            finished_at=batch.finished_at,
            actor=batch.stamp.actor,
            on_behalf_of=batch.stamp.on_behalf_of,
            files=tuple(file.name for file in begun.files),
            undone_at=batch.changed_at,
            undone_by=batch.changed_by,
            kept=batch.undo.kept if batch.undo else None,
            **counts,
        )


def meant(batches: list[str], given: str) -> str:
    """The batch of which this is the id, or the beginning of its digest; with a number, that one of the same digest."""
    if given in batches:
        return given
    digest, dash, number = given.rpartition("/")[2].partition("-")
    source = given.rpartition("/")[0].removeprefix(IMPORT_STREAMS)
    found = [
        name
        for name in batches
        for own, _, its in [name.rpartition("/")[2].partition("-")]
        if digest
        and own.startswith(digest)
        and its == (number if dash else "")
        and source in ("", source_of_batch(name))
    ]
    if len(found) == 1:
        return found[0]
    names = [name.rpartition("/")[2] for name in batches]
    if found:
        raise refuse(Code.SEVERAL_IMPORTS_FIT, given, given=given, fit=[name.rpartition("/")[2] for name in found])
    raise CommandRefused(
        Reason(code=Code.UNKNOWN_IMPORT, place=given, data={"given": given}, suggestion=nearest(given, names))
    )


def _short_ids(batches: list[str]) -> dict[str, str]:
    """Of each id as much as tells it from the others, eight characters or more."""
    digests = {name.rpartition("/")[2].partition("-")[0] for name in batches}
    length = next(
        (size for size in range(_SHORT, 64) if len({digest[:size] for digest in digests}) == len(digests)), 64
    )
    shorts: dict[str, str] = {}
    for name in batches:
        digest, dash, number = name.rpartition("/")[2].partition("-")
        shorts[name] = f"{digest[:length]}{dash}{number}"
    return shorts


def _old_row(batch: str, finished_at: datetime | None, shorts: Mapping[str, str]) -> ImportRow:
    return ImportRow(
        batch=batch,
        short=shorts[batch],
        source=source_of_batch(batch),
        state="finished" if finished_at else "unfinished",
        on_record=False,
        finished_at=finished_at,
    )


def _counted(brought: list[Correlated]) -> dict[str, Any]:
    new = sum(one.opens for one in brought)
    return {
        "deals": len(brought), "new": new, "changed": len(brought) - new, "events": sum(one.events for one in brought),
    }  # fmt: skip
