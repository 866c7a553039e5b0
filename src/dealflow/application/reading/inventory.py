"""The inventory: customers and deals by stage and by the decision node that the customer has reached, at any instant."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, PlainSerializer

from dealflow.application.ports.store import EventStore, EventUnreadable
from dealflow.application.reading.as_of import NOW, AsOf, deals_as_of
from dealflow.application.reading.unreadable import UnreadableDeal, unreadable, why_unreadable
from dealflow.application.viewer import Viewer
from dealflow.domain.deal.state import Deal, NodeState, NodeStatus, Outcome
from dealflow.domain.people.organisation import Organisation
from dealflow.domain.process.definition import ProcessDefinition, ProcessRef
from dealflow.domain.track.gap import gap_of
from dealflow.domain.track.position import position, statuses_of
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import exponent
from dealflow.domain.values.refusal import CommandRefused

NONE = "none"  # no node, no owner, no director: no id can be mistaken for it, for `none` is a key and never a value

ProcessOf = Callable[[ProcessRef], ProcessDefinition]


def _as_number(amount: Decimal) -> int | float | str:
    """A whole amount as a whole number, others as a number with decimals; as text only where a float would not be exact."""
    if amount == amount.to_integral_value():
        return int(amount)
    return float(amount) if Decimal(repr(float(amount))) == amount else str(amount)


ProofsLostIn = Literal["open", "after_win"]
MajorUnits = Annotated[Decimal, PlainSerializer(_as_number, when_used="json")]


class ProofsLost(Frozen):
    """Deals with a lost proof, each once, with their amounts; `by_node` counts a deal under each of its nodes."""

    deals: int = 0
    by_node: dict[str, int] = {}
    amount: dict[str, MajorUnits] = {}


class Inventory(Frozen):
    """Counts at one instant; amounts in major units per currency, exact; a key that counts nothing is left out.

    `won_amount` is what the won deals were won for, `amended_since_won` what has been added to it or taken from it since.
    Stage, position, owner, director and gap are counted over deals in progress, `ever_reached` and `won_unproven` over all.
    `proof_lost` counts open deals, `proof_lost_after_win` won ones; a deal in `won_unproven` is in neither.
    People are the ids of people.yaml. Nodes of the same id in several processes are counted together. `deals` counts those
    that are `unreadable` as well, which are in no other count.
    """

    as_of: AwareDatetime
    as_known_at: AwareDatetime | None = None
    deals: int
    customers: int
    without_customer: int
    open: int
    won: int
    lost: int
    cancelled: int
    in_progress: int
    won_amount: dict[str, MajorUnits]
    amended_since_won: dict[str, MajorUnits] = {}
    by_stage: dict[str, int]
    by_position: dict[str, int]
    by_owner: dict[str, int]
    by_director: dict[str, int]
    by_gap: dict[int, int]
    stalled: int
    stalled_by_director: dict[str, int]
    ever_reached: dict[str, int]
    won_unproven: dict[str, int]
    proof_lost: ProofsLost = ProofsLost()
    proof_lost_after_win: ProofsLost = ProofsLost()
    claims_not_applied: int
    unreadable: tuple[UnreadableDeal, ...] = ()


@dataclass(slots=True)
class LostCount:
    """The counts of lost proofs before they are put in order."""

    deals: int = 0
    nodes: Counter[str] = field(default_factory=Counter)
    minor: Counter[str] = field(default_factory=Counter)

    def ordered(self, nodes: Iterable[str]) -> ProofsLost:
        """Nodes in this order."""
        return ProofsLost(deals=self.deals, by_node=_in_order(self.nodes, nodes), amount=_major(self.minor))


@dataclass(slots=True)
class DealCount:
    """The counts of an inventory before they are put in order; directors are found from the owners at the end."""

    outcomes: Counter[str] = field(default_factory=Counter)
    in_progress: int = 0
    customers: int = 0
    without_customer: int = 0
    won_minor: Counter[str] = field(default_factory=Counter)
    present_minor: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    positions: Counter[str | None] = field(default_factory=Counter)
    owners: Counter[str | None] = field(default_factory=Counter)
    gaps: Counter[int] = field(default_factory=Counter)
    stalled: Counter[str | None] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    unproven: Counter[str] = field(default_factory=Counter)
    lost: Mapping[ProofsLostIn, LostCount] = field(
        default_factory=lambda: {"open": LostCount(), "after_win": LostCount()}
    )
    claims_not_applied: int = 0
    unreadable: tuple[UnreadableDeal, ...] = ()

    def _amended_since_won(self) -> dict[str, int]:
        """The present amounts of won deals less those that were won, where they differ."""
        currencies = {*self.present_minor, *self.won_minor}
        since = {each: self.present_minor[each] - self.won_minor[each] for each in currencies}
        return {each: minor for each, minor in since.items() if minor}

    def inventory(
        self,
        as_of: datetime,
        processes: Mapping[ProcessRef, ProcessDefinition],
        organisation: Organisation,
        as_known_at: datetime | None = None,
    ) -> Inventory:
        """The inventory; stages and nodes in the order of the processes."""
        ordered = [processes[ref] for ref in sorted(processes, key=str)]
        stages = list(dict.fromkeys(stage.id for process in ordered for stage in process.stages))
        nodes = list(dict.fromkeys(node for process in ordered for node in process.nodes))
        return Inventory(
            as_of=as_of,
            as_known_at=as_known_at,
            deals=self.outcomes.total() + len(self.unreadable),
            customers=self.customers,
            without_customer=self.without_customer,
            open=self.outcomes[Outcome.OPEN],
            won=self.outcomes[Outcome.WON],
            lost=self.outcomes[Outcome.LOST],
            cancelled=self.outcomes[Outcome.CANCELLED],
            in_progress=self.in_progress,
            won_amount=_major(self.won_minor),
            amended_since_won=_major(self._amended_since_won()),
            by_stage=_in_order(self.stages, stages),
            by_position=_in_order(_named(self.positions), [NONE, *nodes]),
            by_owner=_in_order(_named(self.owners), []),
            by_director=_in_order(_directed(self.owners, organisation), []),
            by_gap={stages: self.gaps[stages] for stages in sorted(self.gaps)},
            stalled=self.stalled.total(),
            stalled_by_director=_in_order(_directed(self.stalled, organisation), []),
            ever_reached=_in_order(self.reached, nodes),
            won_unproven=_in_order(self.unproven, nodes),
            proof_lost=self.lost["open"].ordered(nodes),
            proof_lost_after_win=self.lost["after_win"].ordered(nodes),
            claims_not_applied=self.claims_not_applied,
            unreadable=self.unreadable,
        )


def count(
    pairs: Iterable[tuple[Deal, ProcessDefinition]],
    organisation: Organisation,
    *,
    as_of: datetime,
    as_known_at: datetime | None = None,
    hidden: Iterable[UnreadableDeal] = (),
) -> Inventory:
    """Count deals, each with the process it is pinned to, in one pass; `hidden` are those that cannot be read."""
    tally = DealCount(unreadable=tuple(hidden))
    customers: set[str] = set()
    processes: dict[ProcessRef, ProcessDefinition] = {}
    for deal, process in pairs:
        processes[deal.process] = process
        _add(tally, deal, process)
        if deal.customer:
            customers.add(deal.customer.id)
    tally.customers = len(customers)
    return tally.inventory(as_of, processes, organisation, as_known_at)


def _add(tally: DealCount, deal: Deal, process: ProcessDefinition) -> None:
    tally.outcomes[deal.outcome] += 1
    tally.claims_not_applied += deal.claims_not_applied
    tally.without_customer += deal.customer is None
    tally.reached.update(node for node, state in deal.nodes.items() if ever_reached(state))
    if deal.outcome is Outcome.WON:
        tally.unproven.update(won_unproven(deal))
        if won := deal.won_amount:
            tally.won_minor[won.currency] += won.minor
        if deal.amount:
            tally.present_minor[deal.amount.currency] += deal.amount.minor
    if where := proofs_lost_in(deal):
        lost = tally.lost[where]
        lost.deals += 1
        lost.nodes.update(proof.node for proof in deal.proofs_lost)
        if amount := deal.won_amount if where == "after_win" else deal.amount:
            lost.minor[amount.currency] += amount.minor
    if not deal.in_progress:
        return
    tally.in_progress += 1
    tally.stages[deal.stage] += 1
    tally.positions[position(process, statuses_of(deal))] += 1
    tally.owners[deal.owner] += 1
    tally.gaps[gap_of(deal, process)] += 1
    if deal.open_stalls:
        tally.stalled[deal.owner] += 1


def ever_reached(state: NodeState) -> bool:
    """Whether the node stood reached for a while; a judgement reversed at its own instant or before never held."""
    since: datetime | None = None
    for at, status in state.changes:
        if status is NodeStatus.REACHED:
            since = at
        elif status is NodeStatus.OPEN and since is not None:
            if at > since:
                return True
            since = None
    return since is not None


def won_unproven(deal: Deal) -> tuple[str, ...]:
    """The nodes that were not passed when the deal was won; nothing for a deal that is not won, or no longer."""
    return deal.win.unproven if deal.win and deal.outcome is Outcome.WON else ()


def proofs_lost_in(deal: Deal) -> ProofsLostIn | None:
    """Where the deal's lost proofs are counted. What the winning act listed as unproven says enough."""
    if not deal.proofs_lost or won_unproven(deal):
        return None
    return "after_win" if deal.outcome is Outcome.WON else "open"


def _major(minor: Mapping[str, int]) -> dict[str, MajorUnits]:
    return {currency: Decimal(minor[currency]).scaleb(-exponent(currency)) for currency in sorted(minor)}


def _named(counts: Mapping[str | None, int]) -> Counter[str]:
    return Counter({key or NONE: n for key, n in counts.items()})


def _directed(owners: Mapping[str | None, int], organisation: Organisation) -> Counter[str]:
    counts: Counter[str] = Counter()
    for owner, n in owners.items():
        director = organisation.director_of(owner)
        counts[director.id if director else NONE] += n
    return counts


def _in_order(counts: Mapping[str, int], order: Iterable[str]) -> dict[str, int]:
    known = [key for key in order if counts.get(key)]
    rest = sorted(key for key, n in counts.items() if n and key not in set(known))
    return {key: counts[key] for key in (*known, *rest)}


def take_inventory(store: EventStore, process_of: ProcessOf, viewer: Viewer, *, asked: AsOf = NOW) -> Inventory:
    """Count what was so in that past (none: now), of the deals that the viewer sees. Reads the whole log once.

    CommandRefused where an instant has no zone, lies in the future or before the first deal.
    """
    now, organisation = viewer.at, viewer.organisation
    asked.check_come(now)
    past = deals_as_of(store, asked, viewer)
    asked.check_not_before(past.first)
    found: dict[ProcessRef, ProcessDefinition] = {}
    hidden = dict(past.unreadable)
    for deal in past.deals.values():
        try:
            if deal.process not in found:
                found[deal.process] = process_of(deal.process)
        except (CommandRefused, EventUnreadable) as error:
            says = why_unreadable(error, str(deal.process))
            hidden[deal.id] = unreadable(deal.id, says, title=deal.title, owner=deal.owner)
    pairs = ((deal, found[deal.process]) for deal in past.deals.values() if deal.id not in hidden)
    named = [hidden[deal_id] for deal_id in sorted(hidden)]
    return count(pairs, organisation, as_of=asked.as_of or now, as_known_at=asked.as_known_at, hidden=named)
