"""Deals as they are, as they were at an instant, or as they were known then: one rule for every reading."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from dealflow.application.commands.load import kept_deal_id, loaded, taken_back, unknown_deal
from dealflow.application.log_pages import next_page
from dealflow.application.other_deals import OtherDeals
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.application.processes.registry import Processes, ProcessInForce
from dealflow.application.reading.unreadable import UnreadableDeal, not_opened, unreadable, why_unreadable
from dealflow.application.viewer import Viewer
from dealflow.domain.deal.events import DealOpened, Recorded
from dealflow.domain.deal.evolve import evolve, fold, last_known
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of, stream_of
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.values.phrase import Phrase
from dealflow.domain.values.refusal import Code, refuse

if TYPE_CHECKING:
    from dealflow.application.commands.answers import Answer, Handled  # a reading by itself has no answer

PAGE = 5_000
AS_OF, AS_KNOWN_AT = "as-of", "as-known-at"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The past that is asked about: what is effective by `as_of`, of what was recorded by `as_known_at`; None: no bound."""

    as_of: datetime | None = None
    as_known_at: datetime | None = None

    def keeps(self, one: Recorded) -> bool:
        """Whether this event belongs to that past; an event of the very instant does."""
        return (self.as_of is None or one.fact.effective_at <= self.as_of) and (
            self.as_known_at is None or one.stamp.recorded_at <= self.as_known_at
        )

    def check_come(self, now: datetime) -> None:
        """Refuse an instant without a zone or in the future."""
        for place, instant in ((AS_OF, self.as_of), (AS_KNOWN_AT, self.as_known_at)):
            if instant is None:
                continue
            if instant.tzinfo is None:
                raise refuse(Code.TIME_WITHOUT_ZONE, place, given=instant.isoformat())
            if instant > now:
                raise refuse(Code.TIME_IN_FUTURE, place, given=instant, now=now)

    def check_not_before(self, first: "First") -> None:
        """Refuse an instant before the first opening: an answer about a time without deals would say something untrue."""
        for place, instant, begun in (
            (AS_OF, self.as_of, first.effective_at),
            (AS_KNOWN_AT, self.as_known_at, first.recorded_at),
        ):
            if instant is not None and begun is not None and instant < begun:
                raise refuse(Code.TIME_BEFORE_FIRST, place, given=instant, first=begun)


NOW = AsOf()


class First(NamedTuple):
    """When the first deal was opened, and when that was recorded; None where no deal is on record."""

    effective_at: datetime | None = None
    recorded_at: datetime | None = None

    def or_earlier(self, deal: Deal) -> "First":
        """The same with this deal taken into account, whose opening was recorded later than those before."""
        earlier = deal.opened_at if self.effective_at is None else min(self.effective_at, deal.opened_at)
        return First(earlier, self.recorded_at or deal.opened_recorded_at)


class DealAsOf(NamedTuple):
    """One deal with what its readings need. `recorded` is its whole stream, `at` the instant that the deal is shown at."""

    deal: Deal
    process: ProcessInForce
    organisation: Organisation
    recorded: Sequence[Recorded]
    at: datetime


@dataclass(frozen=True, slots=True)
class ReadDeals:
    """Reads one deal for somebody, its stream once; safe to use from several threads. `viewer` None is the system itself."""

    store: EventStore
    processes: Processes
    people: Callable[[], Organisation]
    clock: UtcClock
    viewer: str | None

    def read(self, deal_id: str, asked: AsOf = NOW, *, also_taken_back: bool = False) -> DealAsOf:
        """The deal of that past; CommandRefused when the viewer sees none, or where an instant cannot be asked about.

        Who sees the deal now sees its past; of one that was taken back with its import, who saw it. It is there
        `as_known_at` an instant before that, and for who asks for it `also_taken_back`.
        """
        now = self.clock.now()
        asked.check_come(now)
        viewer = self._viewer(now)
        deal_id = kept_deal_id(deal_id, self.store)
        before = loaded(deal_id, self.store.load(stream_of(deal_id)))
        recorded: Sequence[Recorded] = before.stream
        deal = last_known(recorded)
        if deal is None:
            raise unknown_deal(self.store, before, viewer)
        if not viewer.sees(deal):
            raise viewer.not_there(self.store, deal_id)
        if (told := self._others.recorded(recorded)) is not recorded:
            recorded, deal = told, last_known(told) or deal
        then = before.deal and deal
        if asked != NOW:
            # What was known then may have opened the deal earlier than is known now.
            known = last_known([one for one in recorded if replace(asked, as_of=None).keeps(one)]) or deal
            asked.check_not_before(First(known.opened_at, recorded[0].stamp.recorded_at))
            then = fold(one for one in recorded if asked.keeps(one))
        if then is None and not also_taken_back:
            raise taken_back(deal_id, before.stream)
        deal = then or deal
        process = self.processes.get(deal.process)
        return DealAsOf(deal, process, self.people(), recorded, asked.as_of or now)

    def sees(self, deal: Deal) -> bool:
        """Whether the deal is there for the viewer."""
        return self._viewer(self.clock.now()).sees(deal)

    def shows(self, handled: "Handled") -> bool:
        """Whether the viewer sees the deal of a command, or saw it before; others may act on it and read nothing of it."""
        if self.sees(self.after(handled).deal):
            return True
        before = fold(handled.after.before) if handled.after else None
        return before is not None and self.sees(before)

    def _viewer(self, now: datetime) -> Viewer:
        return Viewer(self.viewer, self.people(), now)

    def after(self, handled: "Handled") -> DealAsOf:
        """The deal as a command has left it; read here only where the command had been carried out before."""
        if handled.after is None:
            found = replace(self, viewer=None).read(handled.answer.deal_id)
        else:
            deal = handled.after.deal
            process = self.processes.get(deal.process)
            found = DealAsOf(deal, process, self.people(), handled.after.stream, self.clock.now())
        told = self._others.recorded(found.recorded)
        return found if told is found.recorded else found._replace(recorded=told, deal=fold(told) or found.deal)

    def told(self, handled: "Handled") -> "Answer":
        """The answer to a command, as the viewer may read it."""
        return self._others.answer(handled.answer)

    @property
    def as_viewer(self) -> Viewer:
        """For whom deals are read now."""
        return self._viewer(self.clock.now())

    @property
    def _others(self) -> OtherDeals:
        return OtherDeals(self.as_viewer, self.store)


class PastDeals(NamedTuple):
    """All deals of a past, by stream, and when the first deal of all was opened; those that cannot be read, by id."""

    deals: Mapping[str, Deal]
    first: First
    unreadable: Mapping[str, UnreadableDeal] = MappingProxyType({})


def deals_as_of(store: EventStore, asked: AsOf = NOW, viewer: Viewer | None = None) -> PastDeals:
    """Every deal of that past that the viewer sees, folded in recorded order; one that was not opened by then is absent.

    Reads the whole log once, and keeps states, never events.
    """
    deals: dict[str, Deal] = {}
    damaged: dict[str, Phrase] = {}
    begun: set[str] = set()
    # Who sees a deal is a question of now.
    present: dict[str, Deal] | None = None if viewer is None or viewer.sees_all else {}
    first = First()
    for one in _read_log(store):
        if isinstance(one, EventUnreadable):
            damaged[one.stream] = why_unreadable(one)
            continue
        if not one.stream.startswith(DEAL_STREAMS):
            continue
        if one.stream not in begun and one.stamp.version > 1:
            damaged.setdefault(one.stream, not_opened(one.stream))
        begun.add(one.stream)
        if isinstance(one.fact, DealOpened) and (opened := evolve(None, one.fact, one.stamp)):
            first = first.or_earlier(opened)
        if present is not None:
            _take(present, one)
        if asked.keeps(one):
            _take(deals, one)
    deals = {stream: deal for stream, deal in deals.items() if not deal.opens_anew}
    hidden = {
        deal_of(stream): _hidden(stream, deals.pop(stream, None), says)
        for stream, says in damaged.items()
        if stream.startswith(DEAL_STREAMS)
    }
    if present is not None and viewer is not None:
        seen = {stream: deal for stream, deal in present.items() if viewer.sees(deal)}
        deals = {stream: deal for stream, deal in deals.items() if stream in seen}
        hidden = {deal_id: each for deal_id, each in hidden.items() if viewer.sees_deals_of(each.owner)}
        first = reduce(First.or_earlier, seen.values(), First())
    return PastDeals(deals, first, hidden)


def _take(deals: dict[str, Deal], one: Recorded) -> None:
    """One more event; a deal that is taken back is not there."""
    deal = evolve(deals.get(one.stream), one.fact, one.stamp)
    if deal is None:
        deals.pop(one.stream, None)
    else:
        deals[one.stream] = deal


def _hidden(stream: str, deal: Deal | None, says: Phrase) -> UnreadableDeal:
    return unreadable(deal_of(stream), says, title=deal.title if deal else "", owner=deal.owner if deal else None)


def _read_log(store: EventStore) -> Iterator[Recorded | EventUnreadable]:
    """The log from its start to its end, page by page, with what is wrong where an event cannot be read."""
    after = 0
    while page := next_page(store, after, PAGE):
        yield from (logged.recorded for logged in page.events)
        if page.unreadable:
            yield page.unreadable
        after = page.end
