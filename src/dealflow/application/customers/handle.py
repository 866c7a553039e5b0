"""The path of a command to a customer: decide what it comes to, write it with what it means for deals, and answer."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from dealflow.application.commands.answers import CustomerDone
from dealflow.application.commands.group_view import GroupView
from dealflow.application.commands.hint import hint_deals, hint_recipients
from dealflow.application.commands.load import loaded
from dealflow.application.customers.append import CustomerAppends
from dealflow.application.customers.erase import has_personal, still_readable, subjects_of
from dealflow.application.customers.linked_ids import holder_of
from dealflow.application.customers.merge import MoveDeals, with_held
from dealflow.application.customers.names import all_merged
from dealflow.application.customers.rekey import new_key
from dealflow.application.merged_customers import goes_on_as
from dealflow.application.ports.clock import UtcClock
from dealflow.application.ports.external_ids import ExternalIds
from dealflow.application.ports.keys import CustomerKeys
from dealflow.application.ports.store import Append, CommandRepeated, Conflict, EventStore, EventUnreadable
from dealflow.application.ports.wake_hint import ReachHint
from dealflow.application.processes.registry import Processes
from dealflow.application.repeated import Asked, KeyedDigest, first_answer
from dealflow.domain.customer import commands as c
from dealflow.domain.customer.decide import CustomerFact, decide_customer, must_take_over
from dealflow.domain.customer.state import KnownCustomer, ProposedErasure, customer_after
from dealflow.domain.customer.stream import customer_stream, stream_of_subject
from dealflow.domain.deal.events import (
    Customer,
    CustomerAdded,
    CustomerErased,
    CustomerMerged,
    ExternalIdLinked,
    Fact,
    PersonsAct,
)
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.decide.permission import (
    must_be_permitted_in_store,
    must_be_second,
    must_have_a_say,
    must_leave_a_second,
)
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.people.rights import StoreAct
from dealflow.domain.people.second import takes_two
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, CommandRefused, refuse
from dealflow.observability.logs import Log, emit

_TRIES = 20
Hides = Callable[[str], bool]
DealsOf = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class CustomerParts:
    """What commands to customers work with.

    `deals_of` gives the ids of all deals of a customer, whoever asks, `unreadable` those of deals that nobody can read.
    """

    store: EventStore
    processes: Processes
    people: Callable[[], Organisation]
    clock: UtcClock
    keys: CustomerKeys
    external_ids: ExternalIds
    fingerprint: KeyedDigest
    reach_hint: ReachHint
    deals_of: DealsOf
    unreadable: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Decided:
    """The answer, true once the appends stand; `erases` are subjects whose keys are destroyed before.

    `erasure` is the proposal that a second person confirms.
    """

    done: CustomerDone
    appends: tuple[Append, ...]
    erases: tuple[str, ...] = ()
    erasure: ProposedErasure | None = None


class Customers:
    """Commands for customers; safe to use from several threads and processes at once."""

    def __init__(self, parts: CustomerParts) -> None:
        self._parts = parts

    def handle(self, envelope: c.CustomerEnvelope, hides: Hides) -> CustomerDone:
        """Carry out a command once; sent again it gives the same answer. Raise CommandRefused, and nothing has changed.

        `hides`: whether a customer is hidden from whoever asks: such a one changes nothing of them, and hears of nobody.

        An erasure destroys the keys first: what is promised to be gone is gone, even where the store goes away then, and the
        same command may be sent again.
        """
        alone = _must_be_permitted(envelope, self._parts.people())
        asked, begun = Asked(envelope), None
        for _ in range(_TRIES):
            if earlier := self._answered(envelope, asked):
                return earlier
            try:
                decided = self._decide(envelope, asked, hides, begun, alone=alone)
            except CommandRefused:
                # The very same command may have been carried out since we looked, and that is why ours is refused.
                if earlier := self._answered(envelope, asked):
                    return earlier
                raise
            for subject in decided.erases:
                self._parts.keys.destroy(subject)
                # What is destroyed is on record as erased, whatever becomes of the proposal meanwhile.
                begun = decided.erasure
            try:
                self._parts.store.append(decided.appends)
            except (Conflict, CommandRepeated):
                continue
            return self._carried_out(envelope, decided)
        raise Conflict(envelope.customer_id)

    def preview(self, envelope: c.CustomerEnvelope, hides: Hides) -> CustomerDone:
        """What a command would come to now, or came to before; nothing is done. Raise CommandRefused where it would."""
        alone = _must_be_permitted(envelope, self._parts.people())
        asked = Asked(envelope)
        return self._answered(envelope, asked) or self._decide(envelope, asked, hides, None, alone=alone).done

    def _carried_out(self, envelope: c.CustomerEnvelope, decided: _Decided) -> CustomerDone:
        hint_deals(self._parts.reach_hint, decided.appends)
        notices = {notice.recipient for append in decided.appends for notice in append.notices}
        hint_recipients(self._parts.reach_hint, notices)
        done = decided.done
        emit(
            Log.CUSTOMER_CHANGED,
            command=envelope.command_id,
            by=envelope.who.person,
            facts=list(done.customer_facts),
        )
        match envelope.commands[-1]:
            case c.MergeCustomer() as command:
                return self._with_late_deals(envelope, command, done)
            case c.EraseCustomer() | c.ConfirmErasure() if done.erased:
                pass
            case _:
                return done
        # Of what was recorded while the deal had another customer, whose key is theirs; told, and not kept.
        return done.model_copy(
            update={"still_readable": still_readable(self._parts.store, self._parts.deals_of(done.customer))}
        )

    def _answered(self, envelope: c.CustomerEnvelope, asked: Asked) -> CustomerDone | None:
        fingerprint = self._parts.fingerprint
        earlier = first_answer(
            self._parts.store,
            envelope.who,
            envelope.command_id,
            lambda row: asked.is_of(row, fingerprint),
            CustomerDone,
        )
        return earlier.model_copy(update={"repeated": True}) if earlier else None

    def _decide(
        self,
        envelope: c.CustomerEnvelope,
        asked: Asked,
        hides: Hides,
        begun: ProposedErasure | None,
        *,
        alone: bool,
    ) -> _Decided:
        parts, customer_id = self._parts, envelope.customer_id
        _must_be_seen(envelope, hides)
        own = stream_of_subject(customer_id)
        view = GroupView(parts.store, [own])
        known = customer_after(view.load(own))
        if known is None and not isinstance(envelope.commands[0], c.AddCustomer | c.RekeyCustomer):
            self._must_be_somebody(customer_id, erasing=isinstance(envelope.commands[0], c.EraseCustomer))
        if known is not None and begun is not None and not _is_erased_since(known, begun):
            known = replace(known, erasure=begun)
        building = CustomerAppends(envelope, asked, view.load(own), parts.clock.now())
        facts = self._facts(envelope, known, building.at, alone=alone)
        if isinstance(command := envelope.commands[-1], c.RekeyCustomer):
            key = new_key(parts.keys, customer_id, command, view.load(own))
            facts = decide_customer(customer_id, known, [key], building.at)
        self._must_be_free(customer_id, facts, hides)
        done = CustomerDone(
            command_id=envelope.command_id,
            customer=customer_id,
            version=len(view.load(own)) + len(facts),
            customer_facts=tuple(fact.topic for fact in facts),
            came_back=known is not None and known.erased_at is not None and isinstance(facts[0], CustomerAdded),
        )
        match envelope.commands[-1]:
            case c.MergeCustomer() as command:
                return self._merged(envelope, command, view, building, facts, done)
            case c.EraseCustomer() | c.ConfirmErasure() if isinstance(erased := facts[-1], CustomerErased):
                return self._erased(erased, known, view, building, facts, done)
        return _Decided(done, (building.own(own, facts, done),))

    def _facts(
        self, envelope: c.CustomerEnvelope, known: KnownCustomer | None, at: datetime, *, alone: bool
    ) -> tuple[CustomerFact, ...]:
        """What the commands come to by who gives them; CommandRefused where a second person is asked for and is none."""
        people, command = self._parts.people(), envelope.commands[-1]
        two = takes_two("erase", people)
        if two and isinstance(command, c.EraseCustomer):
            must_leave_a_second("erase", envelope.who, people)
        gone = isinstance(command, c.EraseCustomer) and self._is_gone(known)
        facts = decide_customer(envelope.customer_id, known, envelope.commands, at, takes_two=two, nothing_since=gone)
        if isinstance(command, c.ConfirmErasure):
            assert known is not None and known.erasure is not None
            must_be_second("erase", known.erasure.by, envelope.who, people)
        return tuple(
            fact.model_copy(update={"alone": True}) if alone and isinstance(fact, PersonsAct) else fact
            for fact in facts
        )

    def _merged(
        self,
        envelope: c.CustomerEnvelope,
        command: c.MergeCustomer,
        view: GroupView,
        building: CustomerAppends,
        facts: Sequence[Fact],
        done: CustomerDone,
    ) -> _Decided:
        parts, into = self._parts, customer_stream(command.into)
        target = customer_after(view.load(into))
        if target is None:
            self._must_be_somebody(command.into)
        taken = must_take_over(command.into, target, done.customer, command.reason, building.at)
        to = Customer(id=command.into, name=target.name if target else None)
        moving = MoveDeals(parts.processes, view, parts.people(), envelope.who, building)
        moved = moving.move(parts.deals_of(done.customer), done.customer, to, command.reason)
        done = done.model_copy(update={"into": command.into, "deals": moved.deals, "values_twice": moved.values_twice})
        done = done.model_copy(update={"unread": tuple(parts.unreadable())})
        own = building.own(customer_stream(done.customer), facts, done, moved.held)
        return _Decided(done, (own, building.other(into, view.load(into), taken), *view.appends))

    def take_along(self, customer_id: str) -> None:
        """Give the deals that a merged customer still has to who they are now: they were opened in the moment of the merge."""
        stream = self._parts.store.load(customer_stream(customer_id))
        merged = [(one.fact, one.stamp) for one in stream if isinstance(one.fact, CustomerMerged)]
        for fact, stamp in merged:
            command = c.MergeCustomer(into=fact.into, reason=fact.reason)
            who = Who(actor=stamp.actor, on_behalf_of=stamp.on_behalf_of)
            envelope = c.CustomerEnvelope(
                command_id=stamp.command_id, customer_id=customer_id, who=who, commands=(command,)
            )
            done = CustomerDone(command_id=stamp.command_id, customer=customer_id, version=len(stream))
            self._with_late_deals(envelope, command, done)
            self.take_along(fact.into)

    def _with_late_deals(
        self, envelope: c.CustomerEnvelope, command: c.MergeCustomer, done: CustomerDone
    ) -> CustomerDone:
        """What was opened for the merged customer in the moment of the merge goes along as well."""
        parts = self._parts
        for _ in range(_TRIES):
            late = parts.deals_of(done.customer)
            if not late:
                return done
            view = GroupView(parts.store, [stream := customer_stream(done.customer)])
            building = CustomerAppends(envelope, Asked(envelope), view.load(stream), parts.clock.now())
            moving = MoveDeals(parts.processes, view, parts.people(), envelope.who, building)
            known = customer_after(view.load(customer_stream(command.into)))
            to = Customer(id=command.into, name=known.name if known else None)
            moved = moving.move(late, done.customer, to, command.reason)
            if not view.appends:
                return done  # somebody else has taken them along meanwhile
            try:
                parts.store.append(with_held(view.appends, moved.held))
            except Conflict:
                continue
            hint_deals(parts.reach_hint, view.appends)
            twice = (*done.values_twice, *moved.values_twice)
            done = done.model_copy(update={"deals": (*done.deals, *moved.deals), "values_twice": twice})
        raise Conflict(done.customer)

    def _erased(
        self,
        erased: CustomerErased,
        known: KnownCustomer | None,
        view: GroupView,
        building: CustomerAppends,
        facts: Sequence[Fact],
        done: CustomerDone,
    ) -> _Decided:
        merged = all_merged(self._parts.store, known)
        besides = [
            building.other(stream, view.load(stream), [_erasure(building, customer, erased.reason)])
            for customer in merged
            for stream in [customer_stream(customer)]
        ]
        done = done.model_copy(update={"erased": (done.customer, *merged), "unread": tuple(self._parts.unreadable())})
        own = building.own(customer_stream(done.customer), facts, done)
        subjects = subjects_of(done.erased, self._named_by_themselves(done.customer))
        return _Decided(done, (own, *besides), subjects, known.erasure if known else None)

    def _is_gone(self, known: KnownCustomer | None) -> bool:
        """Whether the customer is erased, and no key is there of what an erasure would destroy."""
        if known is None or known.erased_at is None:
            return False
        erased = (known.id, *all_merged(self._parts.store, known))
        return not self._parts.keys.any_alive(subjects_of(erased, self._named_by_themselves(known.id)))

    def _named_by_themselves(self, customer: str) -> Iterator[str]:
        """The deals that are the customer's by their own events: the board only says where to look."""
        for deal_id in self._parts.deals_of(customer):
            with suppress(EventUnreadable):
                deal = loaded(deal_id, self._parts.store.load(stream_of(deal_id))).deal
                if deal and deal.customer and deal.customer.id == customer:
                    yield deal_id

    def _must_be_somebody(self, customer_id: str, *, erasing: bool = False) -> None:
        """A customer without a stream is one of a deal, also of one that was taken back; else it is a slip of the pen."""
        if not self._parts.deals_of(customer_id) and not (erasing and has_personal(self._parts.keys, customer_id)):
            raise refuse(Code.UNKNOWN_CUSTOMER, customer_id, given=customer_id)

    def _must_be_free(self, customer_id: str, facts: Sequence[Fact], hides: Hides) -> None:
        """An id of another system is one customer's."""
        for fact in facts:
            if isinstance(fact, ExternalIdLinked):
                holder = holder_of(self._parts.store, self._parts.external_ids, fact.system, fact.fields["id"])
                if holder is None:
                    continue
                current = goes_on_as(self._parts.store, holder)
                if current == customer_id:
                    raise refuse(Code.ALREADY_SO, customer_id, what=phrase("this id is theirs"))
                whose = {} if hides(current) else {"customer": current}
                raise refuse(Code.EXTERNAL_ID_TAKEN, fact.system, **whose)


def _must_be_seen(envelope: c.CustomerEnvelope, hides: Hides) -> None:
    """Whoever does not see a customer changes nothing of them; only that an id is taken cannot be kept from them."""
    customer_id, command = envelope.customer_id, envelope.commands[0]
    if hides(customer_id) and isinstance(command, c.AddCustomer):
        raise refuse(Code.CUSTOMER_HIDDEN, customer_id)
    named = (customer_id, command.into) if isinstance(command, c.MergeCustomer) else (customer_id,)
    for each in named:
        if hides(each):
            raise refuse(Code.UNKNOWN_CUSTOMER, each, given=each)


def _erasure(building: CustomerAppends, customer: str, reason: str) -> CustomerErased:
    return CustomerErased(effective_at=building.at, customer_id=customer, reason=reason)


def _is_erased_since(known: KnownCustomer, proposed: ProposedErasure) -> bool:
    return known.erased_at is not None and known.erased_at >= proposed.at


def _must_be_permitted(envelope: c.CustomerEnvelope, people: Organisation) -> bool:
    """Refuse somebody who may not do this; whether the one who may is alone. A second person has a right of their own."""
    if isinstance(envelope.commands[-1], c.ConfirmErasure | c.RejectErasure):
        must_have_a_say("erase", envelope.who, people)
        return False
    return must_be_permitted_in_store(_act_of(envelope), envelope.who, people) == "alone"


def _act_of(envelope: c.CustomerEnvelope) -> StoreAct:
    """What the command is by the table of rights."""
    match envelope.commands[-1]:
        case c.MergeCustomer():
            return "merge"
        case c.EraseCustomer():
            return "erase"
        case c.RekeyCustomer():
            return "rekey"
    return "customer"
