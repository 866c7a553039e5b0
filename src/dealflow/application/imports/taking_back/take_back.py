"""An import is taken back: one event in each of its deals, unless a person has acted on it since."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from dealflow.application.commands.append import BuildAppends
from dealflow.application.commands.group_view import GroupView
from dealflow.application.commands.hint import hint_deals
from dealflow.application.commands.load import LoadedDeal, loaded
from dealflow.application.imports.record import ImportRecords, record_append
from dealflow.application.imports.taking_back.undone import KeptDeal, Undone, UndoTally
from dealflow.application.ports.outbox import Outbox
from dealflow.application.ports.store import Append, Conflict, EventStore, EventUnreadable, StoreUnreachable
from dealflow.application.ports.wake_hint import ReachHint
from dealflow.application.processes.registry import Processes
from dealflow.application.stamps import CommandOrigin, stamped
from dealflow.application.unique_values import SettleValues
from dealflow.domain.deal.brought import Brought, brought
from dealflow.domain.deal.commands import Who
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.events import Fact, ImportUndone, Recorded, UndoBegun, UndoFinished
from dealflow.domain.deal.evolve import evolve
from dealflow.domain.deal.stream import deal_of, stream_of
from dealflow.domain.decide import checks
from dealflow.domain.decide.dispatch import decide
from dealflow.domain.decide.permission import must_be_permitted_in_store
from dealflow.domain.imports.batch import source_of_batch
from dealflow.domain.imports.state import BatchState
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import phrase

UNDO = "undo"
DEALS_AT_ONCE = 200
OnProgress = Callable[[int, int], None]
_TRIES = 5


class TakeBack:
    """The use case: looked at first, then done, deal by deal, so that it goes on where it was interrupted."""

    def __init__(
        self,
        store: EventStore,
        outbox: Outbox,
        processes: Processes,
        people: Callable[[], Organisation],
        reach_hint: ReachHint,
        now: datetime,
    ) -> None:
        self._store, self._outbox, self._processes, self._people = store, outbox, processes, people
        self._reach_hint, self._now = reach_hint, now
        self._records = ImportRecords(store, outbox)

    def look(self, batch: str, progressed: OnProgress) -> Undone:
        """What it would come to; `batch` is a whole id."""
        tally = UndoTally(batch)
        found = self._found(batch, tally, progressed)
        for deal_id, one in found.items():
            if deal_id not in tally.kept:
                tally.take(deal_id, one)
        return tally.undone(done=False)

    def take_back(self, batch: str, who: Who, reason: str, progressed: OnProgress) -> Undone:
        """Do it, unless a later import is in the way; again, it goes on with what is left.

        CommandRefused for somebody who may not import, and for a reason that cannot be kept.
        """
        must_be_permitted_in_store("import", who, self._people())
        reason = checks.reason(reason) if reason else ""
        tally = UndoTally(batch)
        found = self._found(batch, tally, lambda _done, _total: None)
        if tally.later:
            return tally.undone(done=False)
        begun = self._state(batch)
        if begun is not BatchState.UNDONE:
            self._note(UndoBegun(effective_at=self._now, batch=batch, reason=reason), who)
        deals = [group for group in _linked(found) if not any(deal_id in tally.kept for deal_id in group)]
        done, total = 0, sum(map(len, deals))
        groups = iter(deals)
        while some := _so_many(groups):
            self._append(batch, some, who, reason, tally)
            done += len(some)
            progressed(done, total)
        undone = tally.undone(done=True)
        if begun is not BatchState.UNDONE:
            self._note(tally.finished(self._now), who)
        # What it still had to tell is told no more; nobody waits for the rest of it.
        self._outbox.finish_batch(batch, self._now)
        return undone

    def _state(self, batch: str) -> BatchState | None:
        record = self._records.of(source_of_batch(batch))
        return record.batches[batch].state if batch in record.batches else record.before.get(batch)

    def _streams(self, batch: str) -> list[str]:
        known = self._records.of(source_of_batch(batch)).batches.get(batch)
        brought_by = self._records.brought(known) if known else self._records.brought_in_all(batch)
        return [one.stream for one in brought_by]

    def _note(self, fact: UndoBegun | UndoFinished, who: Who) -> None:
        """Put it on the record of the source."""
        source = source_of_batch(fact.batch)
        origin = CommandOrigin(who, f"{UNDO}/{fact.batch}", self._now, f"{UNDO}/{fact.batch}", cause=UNDO)
        self._records.put(source, lambda stream: record_append(source, stream, fact, origin))

    def _found(self, batch: str, tally: UndoTally, progressed: OnProgress) -> dict[str, Brought]:
        """What the batch brought to each deal, with those that are kept put into the tally, and later imports."""
        found: dict[str, Brought] = {}
        names = self._streams(batch)
        for start in range(0, len(names), DEALS_AT_ONCE):
            for stream, recorded in self._load(names[start : start + DEALS_AT_ONCE], tally):
                one = brought(recorded, batch)
                deal_id = deal_of(stream)
                if one is None:
                    tally.take_earlier(recorded, batch)
                    continue
                found[deal_id] = one._replace(act=None)
                if one.act is not None:
                    tally.kept[deal_id] = _kept(deal_id, one)
                elif one.later is not None:
                    tally.later[one.later] = None
            progressed(min(start + DEALS_AT_ONCE, len(names)), len(names))
        _keep_linked(found, tally.kept)
        return found

    def _load(self, names: Sequence[str], tally: UndoTally) -> Iterable[tuple[str, Sequence[Recorded]]]:
        """The streams; a deal that cannot be read is kept, since nobody can say what was done on it."""
        try:
            return self._store.load_many(names).items()
        except EventUnreadable as error:
            tally.kept[deal_of(error.stream)] = KeptDeal(deal_id=deal_of(error.stream), why="unreadable")
            return self._load([name for name in names if name != error.stream], tally)

    def _append(self, batch: str, deals: Sequence[str], who: Who, reason: str, tally: UndoTally) -> None:
        """Take these back in one transaction, on what they are by now."""
        for _ in range(_TRIES):
            view = GroupView(self._store, map(stream_of, deals))
            streams = {deal_id: view.load(stream_of(deal_id)) for deal_id in deals}
            found = {deal_id: one for deal_id, stream in streams.items() if (one := brought(stream, batch))}
            kept = {deal_id: held for deal_id, one in found.items() if (held := _held_by_now(deal_id, one))}
            _keep_linked(found, kept)
            taken = {deal_id: one for deal_id, one in found.items() if deal_id not in kept}
            for deal_id, one in taken.items():
                before = loaded(deal_id, view.load(stream_of(deal_id)))
                view.add(self._appends(before, one, batch, who, reason, view))
            try:
                if view.appends:
                    self._store.append(view.appends)
            except Conflict:
                continue
            hint_deals(self._reach_hint, view.appends)
            for deal_id, one in taken.items():
                tally.take(deal_id, one)
            tally.kept |= kept
            return
        raise StoreUnreachable(phrase("the store changes too fast for this; try again"))

    def _appends(
        self, before: LoadedDeal, found: Brought, batch: str, who: Who, reason: str, view: GroupView
    ) -> Sequence[Append]:
        deal = before.deal
        assert deal is not None
        at = before.not_before(self._now)
        organisation = self._people()
        context = self._processes.get(deal.process).context(organisation, who, at)
        origin = CommandOrigin(who, f"{UNDO}/{batch}/{deal.id}", at, f"{UNDO}/{batch}", cause=UNDO)
        fact = ImportUndone(effective_at=found.effective_at, batch=batch, back_to=found.back_to, reason=reason)
        ((_, stamp),) = stamped([fact], before.version, origin)
        after = evolve(deal, fact, stamp)
        settled = SettleValues(self._processes, view, organisation).settle_taken_back(deal, after, context)
        facts: list[Fact] = [fact]
        if after is not None and settled.own:
            decision = decide(Draft(after, deal.id, context), (), settled.own)
            after, facts = decision.deal, [fact, *decision.facts]
        building = BuildAppends(self._processes, view)
        return building.taken_back(before, facts, context, origin, after=after, settled=settled)


def _kept(deal_id: str, found: Brought) -> KeptDeal:
    act = found.act
    assert act is not None
    actor = act.stamp.on_behalf_of or act.stamp.actor
    stamp = act.stamp
    return KeptDeal(
        deal_id=deal_id, why="act", actor=actor, what=act.fact.topic, version=stamp.version, at=stamp.recorded_at
    )


def _held_by_now(deal_id: str, found: Brought) -> KeptDeal | None:
    """The deal, where somebody has acted on it, or a later import has come, since it was looked at."""
    if found.act is not None:
        return _kept(deal_id, found)
    return KeptDeal(deal_id=deal_id, why="later", what=found.later) if found.later is not None else None


def _keep_linked(found: dict[str, Brought], kept: dict[str, KeptDeal]) -> None:
    """What follows from a kept deal is kept as well, and what it follows from."""
    for group in _linked(found):
        held = next((deal_id for deal_id in group if deal_id in kept), None)
        for deal_id in group:
            if held is not None and deal_id not in kept:
                kept[deal_id] = KeptDeal(deal_id=deal_id, why="linked", linked=held)


def _linked(found: dict[str, Brought]) -> list[list[str]]:
    """The deals in groups: what follows from a deal goes with it."""
    group_of: dict[str, list[str]] = {deal_id: [deal_id] for deal_id in found}
    for deal_id, one in found.items():
        for other in one.linked:
            if other in group_of and group_of[other] is not group_of[deal_id]:
                joined = group_of[deal_id]
                joined += group_of[other]
                for each in group_of[other]:
                    group_of[each] = joined
    return list({id(group): group for group in group_of.values()}.values())


def _so_many(groups: Iterator[list[str]]) -> list[str]:
    """The next groups, whole, about as many deals as go into one transaction."""
    some: list[str] = []
    for group in groups:
        some += group
        if len(some) >= DEALS_AT_ONCE:
            break
    return some
