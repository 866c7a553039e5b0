"""Fold events into the state of a deal. It never fails, reads no clock and no definition, and only copies what was decided."""

from collections.abc import Iterable
from functools import reduce

from dealflow.domain.deal import events as e
from dealflow.domain.deal.evolve import amounts, clocks, dates, life, track
from dealflow.domain.deal.evolve.amounts import proving
from dealflow.domain.deal.evolve.doers import note_doers, opened_as_owner
from dealflow.domain.deal.evolve.handler import Handlers
from dealflow.domain.deal.replace import replace, replace_in
from dealflow.domain.deal.seller_path import EnteredStage
from dealflow.domain.deal.state import BeforeImport, Deal, Visit

_HANDLERS: Handlers = {**amounts.HANDLERS, **clocks.HANDLERS, **dates.HANDLERS, **life.HANDLERS, **track.HANDLERS}


def fold(recorded: Iterable[e.Recorded]) -> Deal | None:
    """The deal after these events, in recorded order; None when none opens it, or when its opening was taken back."""
    return reduce(lambda deal, r: evolve(deal, r.fact, r.stamp), recorded, None)


def evolve(deal: Deal | None, fact: e.Fact, stamp: e.Stamp) -> Deal | None:
    """The deal after one more event; an event that finds no deal, or of an unknown kind, leaves things as they are."""
    if deal is None:
        return _opened(fact, stamp) if isinstance(fact, e.DealOpened) else None
    if isinstance(fact, e.ImportUndone):
        return _undone(deal, fact, stamp)
    handler = _HANDLERS.get(type(fact))
    after = handler(deal, fact, stamp) if handler else deal
    if after is deal:
        after = replace(deal)
    # `after` is a fresh copy that nothing else holds, so it may be changed in place.
    replace_in(after, version=stamp.version, recorded_at=stamp.recorded_at)
    note_doers(deal, after, fact, stamp)
    if _is_imported(stamp) and (deal.before_import is None or deal.before_import.batch != stamp.correlation_id):
        replace_in(after, before_import=BeforeImport(stamp.correlation_id, deal))
    if fact.origin:
        replace_in(after, imported=deal.imported | {fact.origin.key})
    return after


def _is_imported(stamp: e.Stamp) -> bool:
    """Whether an import brought it; with the deal of a node that an import passes comes the one that follows from it."""
    return stamp.cause == "import" or stamp.cause.startswith("linked:")


def _undone(deal: Deal, fact: e.ImportUndone, stamp: e.Stamp) -> Deal | None:
    """The deal as before the import, which is the last that brought something; any other leaves it as it is."""
    before = deal.before_import
    restored = before.deal if before is not None and before.batch == fact.batch else deal
    return replace(restored, version=stamp.version, recorded_at=stamp.recorded_at) if restored is not None else None


def _opened(fact: e.DealOpened, stamp: e.Stamp) -> Deal:
    return Deal(
        id=fact.deal_id,
        title=fact.title,
        process=fact.process,
        stage=fact.stage,
        opened_at=fact.effective_at,
        opened_recorded_at=stamp.recorded_at,
        version=stamp.version,
        recorded_at=stamp.recorded_at,
        owner=fact.owner,
        customer=fact.customer,
        amount=fact.amount,
        amounts=proving(fact.amount),
        attributes=fact.attributes,
        linked_from=fact.linked_from,
        run=fact.run,
        visits=(Visit(stage=fact.stage, number=1, entered_at=fact.effective_at, how="opened"),),
        path=(EnteredStage(fact.effective_at, fact.stage),),
        imported=frozenset({fact.origin.key} if fact.origin else ()),
        imported_at=stamp.recorded_at if fact.origin else None,
        worked_as_owner=opened_as_owner(fact, stamp),
        before_import=BeforeImport(stamp.correlation_id, None) if _is_imported(stamp) else None,
    )
