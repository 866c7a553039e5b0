"""What a reading, an answer or a notice of one deal names of other deals and their evidence: what its reader sees, no more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dealflow.application.commands.answers import Answer, CustomerDone, ValueTwice
from dealflow.application.ports.store import StoreReader
from dealflow.application.viewer import Viewer
from dealflow.domain.deal import events as e
from dealflow.domain.deal.stream import deal_of
from dealflow.domain.escalation.notice import CountedWith, Notice

# How a stamp says that an act on another deal was the cause: `value:d-1`.
_CAUSES = ("value:", "linked:")


@dataclass(frozen=True, slots=True)
class OtherDeals:
    """Takes out of what is read for one person what it names of deals that are not there for them; the rest stays."""

    viewer: Viewer
    store: StoreReader

    def recorded(self, stream: Sequence[e.Recorded]) -> Sequence[e.Recorded]:
        """The events of a deal that this person sees; what is folded and told of them names no hidden one either."""
        if self.viewer.sees_all or not stream:
            return stream
        own = deal_of(stream[0].stream)
        hidden = self._hidden({named for one in stream for named in _named(one)} - {own})
        return [_without(one, hidden) for one in stream] if hidden else stream

    def answer(self, answer: Answer) -> Answer:
        """An answer without the reasons, and the pieces that count no more, of a hidden deal."""
        if self.viewer.sees_all:
            return answer
        verdicts = tuple(
            verdict.model_copy(
                update={"reasons": tuple(self.viewer.reason_told(each, self.store) for each in verdict.reasons)}
            )
            for verdict in answer.verdicts
        )
        return answer.model_copy(
            update={"verdicts": verdicts, "values_twice": tuple(self._values_twice(answer.values_twice))}
        )

    def done(self, done: CustomerDone) -> CustomerDone:
        """The same of what was done about a customer; an act that reaches all of their deals names those that are seen."""
        if self.viewer.sees_all:
            return done
        hidden = self._hidden({*done.deals, *done.still_readable, *done.unread})
        seen = {
            name: tuple(deal for deal in getattr(done, name) if deal not in hidden)
            for name in ("deals", "still_readable", "unread")
        }
        return done.model_copy(update={**seen, "values_twice": tuple(self._values_twice(done.values_twice))})

    def notice(self, notice: Notice) -> Notice:
        """A notice to this person, without the pieces of a hidden deal that count instead."""
        named = notice.subject.counted_with
        hidden = self._hidden({one.deal for one in named} - {notice.deal_id})
        if not hidden:
            return notice
        told = tuple(CountedWith(evidence=one.evidence) if one.deal in hidden else one for one in named)
        return notice.model_copy(update={"subject": notice.subject.model_copy(update={"counted_with": told})})

    def _hidden(self, deals: Iterable[str]) -> frozenset[str]:
        return frozenset(deal for deal in deals if self.viewer.hides(deal, self.store))

    def _values_twice(self, all_of_them: Sequence[ValueTwice]) -> Iterator[ValueTwice]:
        hidden = self._hidden({deal for one in all_of_them for deal in (one.deal, one.first_deal) if deal})
        for one in all_of_them:
            if one.deal in hidden:
                continue
            yield one.model_copy(update={"first_deal": "", "first": ""}) if one.first_deal in hidden else one


def _named(one: e.Recorded) -> Iterator[str]:
    """The other deals that an event names."""
    match one.fact:
        case e.EvidenceSetAside():
            yield one.fact.first_deal
        case e.LinkedDealDue():
            yield one.fact.linked_deal_id
        case e.DealOpened(linked_from=e.Link() as link):
            yield link.deal_id
    if one.stamp.cause.startswith(_CAUSES):
        yield one.stamp.cause.partition(":")[2]


def _without(one: e.Recorded, hidden: frozenset[str]) -> e.Recorded:
    fact, stamp = one.fact, one.stamp
    match fact:
        case e.EvidenceSetAside() if fact.first_deal in hidden:
            fact = fact.model_copy(update={"first_deal": "", "first": ""})
        case e.LinkedDealDue() if fact.linked_deal_id in hidden:
            fact = fact.model_copy(update={"linked_deal_id": ""})
        case e.DealOpened(linked_from=e.Link() as link) if link.deal_id in hidden:
            fact = fact.model_copy(update={"linked_from": None})
    kind, _, caused_by = stamp.cause.partition(":")
    if stamp.cause.startswith(_CAUSES) and caused_by in hidden:
        stamp = stamp.model_copy(update={"cause": f"{kind}:"})
    return replace(one, fact=fact, stamp=stamp)
