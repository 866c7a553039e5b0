"""Deals that a full export of their source has no more: found before anything is written, so that half a file cancels nothing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from dealflow.application.imports.followed import GoneDeals
from dealflow.application.imports.keys import ANY_EXPORT, Export, Imported, fact_key
from dealflow.application.imports.plans import DealPlan, MostRejects, Plans
from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.domain.deal import commands as c
from dealflow.domain.deal.events import Origin, Recorded
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal, Outcome
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of

_PAGE = 200
_ALWAYS = 5  # so few are no half of a file
_SHOWN = 20
TEN_PERCENT = MostRejects(share=0.1)
NOT_IN_EXPORT = "not_in_export"
_GONE = "gone"


class FullExport(NamedTuple):
    """An export that has every deal of its source; `cancels` those that are gone, unless they are more than `most`.

    A number or a share that somebody has named is meant; by itself a handful is never too many.
    """

    export: Export
    cancels: bool = False
    most: MostRejects | None = None

    def allows(self, gone: int, known: int) -> bool:
        """Whether so many of so many known deals may be cancelled."""
        if self.most is not None:
            return self.most.allows(gone, known)
        return gone <= _ALWAYS or TEN_PERCENT.allows(gone, known)


class Gone(NamedTuple):
    """The ids of the deals that are to be cancelled, since this export has them no more, and what is told of it."""

    cancelled: tuple[str, ...]
    export: Export
    told: GoneDeals


NOTHING_GONE = Gone((), ANY_EXPORT, GoneDeals())


def find_gone(store: EventStore, plans: Plans, full: FullExport) -> Gone:
    """Go through the plans and then through the deals that they do not name."""
    seen: set[str] = set()
    unread = 0
    for item in plans:
        if item.deal_id is not None:
            seen.add(item.deal_id)
        elif item.costs != "nothing":
            unread += 1
    gone, ended = list[str](), 0
    missing = (stream for stream in store.streams(DEAL_STREAMS) if deal_of(stream) not in seen)
    for deal in _deals(store, missing):
        if _is_of(deal, plans.source, full.export):
            if deal.in_progress and deal.outcome is Outcome.OPEN:
                gone.append(deal.id)
            else:
                ended += 1
    known = len(seen) + len(gone)
    cancels = full.cancels and not unread
    told = GoneDeals(
        open=len(gone),
        ended=ended,
        known=known,
        first=tuple(gone[:_SHOWN]),
        cancelled=cancels,
        unread=unread,
        too_many=cancels and not full.allows(len(gone), known),
    )
    return Gone(tuple(gone) if cancels else (), full.export, told)


def _deals(store: EventStore, streams: Iterator[str]) -> Iterator[Deal]:
    while page := list(islice(streams, _PAGE)):
        yield from (deal for stream in _loaded(store, page) if (deal := fold(stream)) is not None)


def _loaded(store: EventStore, page: Sequence[str]) -> Iterable[Sequence[Recorded]]:
    """The streams of a page; one that cannot be read is `doctor`'s to tell of, and is not called gone."""
    try:
        return list(store.load_many(page).values())
    except EventUnreadable:
        return [found for one in page for found in _loaded(store, [one])] if len(page) > 1 else []


def _is_of(deal: Deal, source: str, export: Export) -> bool:
    """Whether this export once had the deal, and has not been known to have it no more."""
    imported = Imported.of(deal.imported, source, export)
    return imported.says(f"{source}/open", export.file) and not is_gone(imported, source, export)


def is_gone(imported: Imported, source: str, export: Export) -> bool:
    """Whether the last that this export said of the deal is that it has it no more."""
    said = imported.last_of(f"{source}/outcome:{Outcome.CANCELLED}", _GONE, export.file)
    return said is not None and imported.last_place(export.file).outcome == Outcome.CANCELLED


def plans_of_gone(gone: Gone, source: str, now: datetime) -> Iterator[DealPlan]:
    """The plan that cancels each of them, dated at the export."""
    export = gone.export
    at = now if export.at is None else min(export.at, now)
    for deal_id in gone.cancelled:
        key = fact_key(source, f"outcome:{Outcome.CANCELLED}", gone=True)
        origin = Origin(source=source, row=export.file, key=key)
        act = c.ClaimOutcome(outcome="cancelled", observed_at=at, reason=NOT_IN_EXPORT, origin=origin)
        yield DealPlan(deal_id, export.file, 0, ((at, act),), export=export, records=0, is_gone=True)
