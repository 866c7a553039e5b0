"""The deals of a customer who is merged into another: each goes to that one, and values that are then twice count once."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from dealflow.application.commands.answers import ValueTwice
from dealflow.application.commands.append import BuildAppends
from dealflow.application.commands.decide import values_twice
from dealflow.application.commands.group_view import GroupView
from dealflow.application.commands.load import loaded
from dealflow.application.customers.append import CustomerAppends
from dealflow.application.ports.store import Append, HeldBy
from dealflow.application.processes.registry import Processes, ProcessInForce
from dealflow.application.unique_values import SettleValues
from dealflow.domain.deal import events as e
from dealflow.domain.deal.draft import Draft
from dealflow.domain.deal.evolve import fold
from dealflow.domain.deal.replace import replace
from dealflow.domain.deal.state import Deal
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.decide.dispatch import decide
from dealflow.domain.people.actor import Who
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition
from dealflow.domain.track.unique_values import ValueHolder, held_values


@dataclass(frozen=True, slots=True)
class MovedDeals:
    """The deals that went along, which of their pieces count no more, or again, and whose values changed hands before."""

    deals: tuple[str, ...]
    values_twice: tuple[ValueTwice, ...]
    held: tuple[HeldBy, ...]


@dataclass(frozen=True, slots=True)
class MoveDeals:
    """Amends deals in a view, one on what those before it have left there; a deal that cannot be read stops all."""

    processes: Processes
    view: GroupView
    organisation: Organisation
    who: Who
    building: CustomerAppends

    def move(self, deals: Iterable[str], was: str, to: e.Customer, reason: str) -> MovedDeals:
        """Give them the customer `to`, where they still have the one they had."""
        found = (fold(self.view.load(stream_of(deal_id))) for deal_id in sorted(deals))
        theirs = [deal for deal in found if deal is not None and deal.customer is not None and deal.customer.id == was]
        moving = [(deal, self.processes.get(deal.process)) for deal in theirs]
        # All at once and first of all: no piece may count for the moment in which some of the deals are still to be moved.
        held = _handed_over(self.view, [(deal, process.definition) for deal, process in moving], to)
        twice: list[ValueTwice] = []
        for number, (deal, process) in enumerate(moving):
            # What the other's deals hear of all these values they hear with the first.
            twice += self._move(deal.id, process, to, reason, held if number == 0 else (), {each.id for each in theirs})
        return MovedDeals(tuple(deal.id for deal in theirs), tuple(twice), held)

    def _move(
        self,
        deal_id: str,
        process: ProcessInForce,
        to: e.Customer,
        reason: str,
        held: Sequence[HeldBy],
        moving: Collection[str],
    ) -> Iterable[ValueTwice]:
        # Read again: an earlier one of them may have had to do with it.
        before = loaded(deal_id, self.view.load(stream_of(deal_id)))
        deal = before.deal
        assert deal is not None and deal.customer is not None
        at = max(self.building.at, deal.recorded_at)
        context = process.context(self.organisation, self.who, at)
        fact = e.DealAmended(effective_at=at, customer=to, customer_was=deal.customer.id, reason=reason)
        decision = decide(Draft(deal, deal.id, context), (), (fact,))
        values = SettleValues(self.processes, self.view, self.organisation)
        settled = values.settle(deal, decision.deal, decision.facts, context)
        if held:
            holders = {row.key: row.holders for row in held}
            others = sorted({one.deal for row in held for one in row.holders} - {*moving})
            settled = dataclasses.replace(settled, others=values.others(others, holders, context))
        if settled.own:
            decision = decide(Draft(deal, deal.id, context), (), (fact, *settled.own))
        origin = self.building.beside(deal.id, at)
        building = BuildAppends(self.processes, self.view)
        built = building.build(before, decision.facts, context, origin, after=decision.deal, settled=settled)
        self.view.add(built.appends)
        return values_twice(decision, settled)


def with_held(appends: Sequence[Append], held: tuple[HeldBy, ...]) -> list[Append]:
    """The appends of moved deals with the values that changed hands before, which no other append carries."""
    first, *others = appends
    return [dataclasses.replace(first, held=(*held, *first.held)), *others]


def _handed_over(
    view: GroupView, moving: Iterable[tuple[Deal, ProcessDefinition]], to: e.Customer
) -> tuple[HeldBy, ...]:
    """Who holds the values that may stand once when all of these deals are moved, put into the view."""
    was: defaultdict[str, set[ValueHolder]] = defaultdict(set)
    now: defaultdict[str, set[ValueHolder]] = defaultdict(set)
    for deal, process in moving:
        for holders, each in ((was, deal), (now, replace(deal, customer=to))):
            for value in held_values(each, process):
                holders[value.key].add(value.holder)
    keys = sorted(key for key in {*was, *now} if was[key] != now[key])
    stored = view.held(keys)
    changes = [_changed(stored.get(key) or HeldBy(key), was[key], now[key]) for key in keys]
    view.changed |= {change.key: change for change in changes}
    return tuple(changes)


def _changed(row: HeldBy, was: set[ValueHolder], now: set[ValueHolder]) -> HeldBy:
    return HeldBy(row.key, tuple(sorted({*row.holders} - was | now)), row.revision + 1)
