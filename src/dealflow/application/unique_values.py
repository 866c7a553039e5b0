"""Values that may stand once: a second piece is refused, and where a change of customer makes a value two, one counts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dealflow.application.ports.store import EventUnreadable, HeldBy, StoreReader, Stream
from dealflow.application.processes.registry import Processes
from dealflow.domain.deal.context import Context
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import EvidenceCorrected, EvidenceRecorded, Fact
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.decide.checks import MAX_LINE
from dealflow.domain.decide.dispatch import decide
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.track.unique_values import HeldValue, ValueHolder, held_values, set_aside, shared_places
from dealflow.domain.values.refusal import Code, CommandRefused, refuse


@dataclass(frozen=True, slots=True)
class OtherDeal:
    """What another deal has to do with a change of this one: facts of its stream, decided on what it is now."""

    stream: Stream
    before: Deal
    context: Context
    draft: Draft


@dataclass(frozen=True, slots=True)
class Settled:
    """`held`: whose holders change; `own`: the facts of the deal itself that follow; `others`: those of other deals."""

    held: tuple[HeldBy, ...] = ()
    own: tuple[Fact, ...] = ()
    others: tuple[OtherDeal, ...] = ()


class SettleValues:
    """Compares what a deal holds before and after a decision with what others hold; the store is asked only where it differs."""

    def __init__(self, processes: Processes, store: StoreReader, organisation: Organisation) -> None:
        self._processes, self._store, self._organisation = processes, store, organisation

    def settle(self, before: Deal | None, after: Deal, facts: Sequence[Fact], context: Context) -> Settled:
        """What these facts of the deal come to; CommandRefused where one records a value that another piece has."""
        was, now = set(held_values(before, context.process)), held_values(after, context.process)
        changed = {value.key for value in was.symmetric_difference(now)}
        if not changed:
            return Settled()
        keys = shared_places((*was, *now), changed)
        stored = self._store.held(keys)
        elsewhere = {key: _of_others(stored.get(key), after.id) for key in keys}
        _must_be_first([value for value in now if value not in was], elsewhere, _said(facts), after)
        return self._settled(after, now, changed, stored, elsewhere, context)

    def settle_taken_back(self, before: Deal, after: Deal | None, context: Context) -> Settled:
        """What it comes to that a deal is as it was before an import, or not there any more.

        What others have done meanwhile counts, whatever the deal said of it then.
        """
        was, now = set(held_values(before, context.process)), held_values(after, context.process)
        keys = sorted({value.key for value in (*was, *now)})
        stored = self._store.held(keys) if keys else {}
        elsewhere = {key: _of_others(stored.get(key), before.id) for key in keys}
        changed = {value.key for value in was.symmetric_difference(now)}
        return self._settled(after, now, changed, stored, elsewhere, context)

    def _settled(
        self,
        after: Deal | None,
        now: Sequence[HeldValue],
        changed: Collection[str],
        stored: Mapping[str, HeldBy],
        elsewhere: Mapping[str, Sequence[ValueHolder]],
        context: Context,
    ) -> Settled:
        holders = {key: sorted({*others, *_holders(now, key)}) for key, others in elsewhere.items()}
        changes = tuple(
            HeldBy(key, tuple(holders[key]), stored[key].revision + 1 if key in stored else 1)
            for key in sorted(changed)
        )
        own = tuple(set_aside(after, now, holders, context.at)) if after is not None else ()
        deals = sorted({holder.deal for others in elsewhere.values() for holder in others})
        return Settled(changes, own, self.others(deals, holders, context))

    def others(
        self, deals: Iterable[str], holders: Mapping[str, Sequence[ValueHolder]], context: Context
    ) -> tuple[OtherDeal, ...]:
        """What these deals hear of values whose holders these are now."""
        return tuple(found for deal in deals if (found := self._of_other(deal, holders, context)))

    def _of_other(
        self, deal_id: str, holders: Mapping[str, Sequence[ValueHolder]], context: Context
    ) -> OtherDeal | None:
        """What the other deal has to hear; None where that is nothing, or where it cannot be read and `doctor` says so."""
        try:
            stream = self._store.load(stream_of(deal_id))
            deal = fold(stream)
            process = self._processes.get(deal.process) if deal else None
        except (EventUnreadable, CommandRefused):
            return None
        if deal is None or process is None:
            return None
        at = max(context.at, deal.recorded_at)
        there = process.context(self._organisation, context.who, at)
        held = held_values(deal, there.process)
        unknown = [key for key in shared_places(held, holders) if key not in holders]
        more = {key: row.holders for key, row in self._store.held(unknown).items()} if unknown else {}
        facts = set_aside(deal, held, {**more, **holders}, at)
        if not facts:
            return None
        return OtherDeal(stream, deal, there, decide(Draft(deal, deal_id, there), (), facts).draft)


def _of_others(held: HeldBy | None, deal_id: str) -> list[ValueHolder]:
    return [holder for holder in held.holders if holder.deal != deal_id] if held else []


def _holders(held: Iterable[HeldValue], key: str) -> list[ValueHolder]:
    return [value.holder for value in held if value.key == key]


def _said(facts: Iterable[Fact]) -> set[str]:
    """The pieces that somebody gives values to; what a change of customer makes twice is nobody's fault."""
    return {fact.evidence_id for fact in facts if isinstance(fact, EvidenceRecorded | EvidenceCorrected)}


def _must_be_first(
    new: Iterable[HeldValue], elsewhere: Mapping[str, Sequence[ValueHolder]], said: Collection[str], deal: Deal
) -> None:
    for value in new:
        others, evidence_id = elsewhere[value.key], value.holder.evidence
        if others and evidence_id in said:
            first, piece = min(others), deal.evidence[evidence_id]
            written = str(piece.fields[value.field])[:MAX_LINE]
            raise refuse(
                Code.VALUE_TAKEN, f"{piece.kind}.{value.field}", value=written, first=first.evidence, deal=first.deal
            )
