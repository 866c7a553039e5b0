"""The board: what a list of deals asks and shows, and the questions that a read model of all deals answers."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from pydantic import AwareDatetime

from dealflow.application.commands.load import kept_deal_id
from dealflow.application.merged_customers import goes_on_as
from dealflow.application.reading.as_of import ReadDeals
from dealflow.application.reading.inventory import NONE, Inventory
from dealflow.application.reading.known_names import KnownNames
from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.application.reading.unreadable import UnreadableDeal, may_be_of
from dealflow.domain.clocks.stall import deal_of_stall
from dealflow.domain.deal.state import Outcome
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.process.definition import Text
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import NOTHING, Phrase
from dealflow.domain.values.text.spelling import Respelled, merged_away, normal_id, respelled


class DealRow(Frozen):
    """One deal as a list shows it; people are ids of people.yaml, the customer's name stays encrypted in the events.

    `proof_lost` are the nodes whose proof is lost, `proof_lost_since` the first instant of these. `set_aside` is evidence that
    counts for nothing, since another piece has its unique value. `wrong`: why it cannot be
    judged now.
    """

    deal_id: str
    title: str
    process: str
    stage: str
    stage_title: Text = {}
    position: str | None = None
    position_title: Text = {}
    position_since: AwareDatetime
    customer_stage: str | None = None
    customer_stage_title: Text = {}
    standing: str
    standing_title: Text = {}
    gap: int
    gap_since: AwareDatetime
    owner: str | None = None
    director: str | None = None
    customer_id: str | None = None
    amount: Money | None = None
    outcome: Outcome
    in_progress: bool
    opening: int
    opened_at: AwareDatetime
    entered_at: AwareDatetime
    won_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    next_due: AwareDatetime | None = None
    open_stalls: int = 0
    stalled_since: AwareDatetime | None = None
    escalated: bool = False
    proof_lost: tuple[str, ...] = ()
    proof_lost_since: AwareDatetime | None = None
    set_aside: tuple[str, ...] = ()
    version: int
    wrong: Phrase = NOTHING


class GapRow(Frozen):
    """A gap that a deal has or had; `until` is None while it lasts, `seconds` run to its end or to now.

    `gap_now` is the deal's present gap.
    """

    deal_id: str
    title: str
    owner: str | None = None
    in_progress: bool
    gap: int
    since: AwareDatetime
    until: AwareDatetime | None = None
    seconds: int
    gap_now: int


class DealQuery(Frozen):
    """Which deals to list, by id; `none` as a position, owner, director or customer asks for deals without one.

    `process` is a name, or a name with its version; `after` is the id of the last one of the page before. `gap`: the
    seller is at least so many stages ahead, or behind where it is negative; with `ever`, or was so once (without `gap`:
    by any number of stages).
    """

    stage: str | None = None
    position: str | None = None
    owner: str | None = None
    director: str | None = None
    process: str | None = None
    customer: str | None = None
    outcome: Outcome | None = None
    in_progress: bool | None = None
    stalled: bool | None = None
    proof_lost: bool | None = None
    set_aside: bool | None = None
    gap: int | None = None
    ever: bool = False
    limit: int | None = None
    after: str | None = None


Query = TypeVar("Query", DealQuery, StallQuery)
_OF_DEALS = ("owner", "director", "customer")
_NAMES = (*_OF_DEALS, "stage", "position", "process", "deal_id", "after")


class DealPage(Frozen):
    """A page of a list, of `total` deals that the question asks for.

    `unreadable` are all deals that may belong to the list and cannot be read; `total` counts them as well.
    """

    total: int
    deals: tuple[DealRow, ...]
    respelled: tuple[Respelled, ...] = ()
    unreadable: tuple[UnreadableDeal, ...] = ()


class GapPage(Frozen):
    """The gaps of a page of deals, of `total` deals that ever had such a gap or cannot be read."""

    total: int
    deals: int
    gaps: tuple[GapRow, ...]
    respelled: tuple[Respelled, ...] = ()
    unreadable: tuple[UnreadableDeal, ...] = ()


class StallPage(Frozen):
    """A page of a list of stalls; `more`: there are others behind the last. `unreadable` are deals that may have some."""

    more: bool
    stalls: tuple[StallRow, ...]
    respelled: tuple[Respelled, ...] = ()
    unreadable: tuple[UnreadableDeal, ...] = ()


class Board(Protocol):
    """A read model of all deals, as they are when it is asked."""

    def deals(self, wanted: DealQuery) -> list[DealRow]:
        """The deals that are wanted, by id."""
        ...

    def count_deals(self, wanted: DealQuery) -> int:
        """How many are wanted, whatever the page."""
        ...

    def gaps(self, wanted: DealQuery) -> list[GapRow]:
        """The gaps that are wanted, of the deals that are, by the deal's id, oldest first."""
        ...

    def stalls(self, wanted: StallQuery) -> list[StallRow]:
        """The stalls that are wanted, oldest deadline first."""
        ...

    def customers(self) -> list[str]:
        """The ids of all customers of deals."""
        ...

    def board_inventory(self) -> Inventory:
        """The inventory of now."""
        ...

    def unreadable(self) -> list[UnreadableDeal]:
        """The deals that cannot be read, by id; none of the lists has them."""
        ...


def in_form(board: Board, names: KnownNames, wanted: Query) -> tuple[Query, tuple[Respelled, ...]]:
    """The question with every name in the spelling that is on record, and what was given otherwise."""
    given = {name: value for name in _NAMES if (value := getattr(wanted, name, None)) is not None}
    kept = {name: kept_name(names.deals, board, _asked_for(name, wanted), value) for name, value in given.items()}
    changes = [respelled(_asked_for(name, wanted), value, kept[name]) for name, value in given.items()]
    if (customer := kept.get("customer")) is not None and (
        current := goes_on_as(names.deals.store, customer)
    ) != customer:
        kept["customer"] = current
        changes.append(merged_away(customer, current))
    return wanted.model_copy(update=kept), tuple(change for change in changes if change is not None)


def _asked_for(name: str, wanted: DealQuery | StallQuery) -> str:
    if name == "after":
        return "deal" if isinstance(wanted, DealQuery) else "escalation"
    return name.removesuffix("_id")


def kept_name(deals: ReadDeals, board: Board, what: str, given: str) -> str:
    """The deal or escalation, or the person or customer of some deal, that is meant.

    It is as given where that is on record, else in form; so is any other name.
    """
    kept = normal_id(given)
    if kept == given:
        return given
    if what == "deal":
        return kept_deal_id(given, deals.store)
    if what == "escalation":
        return given if deals.store.load(stream_of(deal_of_stall(given))) else kept
    is_on_record = what in _OF_DEALS and board.deals(DealQuery.model_validate({what: given, "limit": 1}))
    return given if is_on_record else kept


def deal_page(board: Board, names: KnownNames, wanted: DealQuery) -> DealPage:
    """The page that is wanted; CommandRefused where nothing matches because a name exists nowhere, or nothing is `after`."""
    wanted, changed = in_form(board, names, wanted)
    names.check(deal=wanted.after)
    rows = board.deals(wanted)
    if not rows:
        _check_deal_names(board, names, wanted)
    # Asked before the count: a deal that is found to be one of these is no row any more.
    hidden = may_be_of(wanted.owner, board.unreadable())
    return DealPage(
        total=board.count_deals(wanted) + len(hidden), deals=tuple(rows), respelled=changed, unreadable=hidden
    )


def gap_page(board: Board, names: KnownNames, wanted: DealQuery) -> GapPage:
    """The gaps of the page that is wanted, refused as a page of deals is; all gaps of a deal are on one page."""
    wanted, changed = in_form(board, names, wanted)
    names.check(deal=wanted.after)
    rows = board.gaps(wanted)
    if not rows:
        _check_deal_names(board, names, wanted)
    hidden = may_be_of(wanted.owner, board.unreadable())
    return GapPage(
        total=board.count_deals(wanted) + len(hidden),
        deals=len({row.deal_id for row in rows}),
        gaps=tuple(rows),
        respelled=changed,
        unreadable=hidden,
    )


def _check_deal_names(board: Board, names: KnownNames, wanted: DealQuery) -> None:
    people = (wanted.owner, wanted.director)
    names.check(process=wanted.process, stage=wanted.stage, node=wanted.position, people=people)
    if wanted.customer not in (None, NONE):
        names.check_customer(wanted.customer, board.customers())


def stall_page(board: Board, names: KnownNames, wanted: StallQuery) -> StallPage:
    """The page that is wanted; CommandRefused where nothing matches because a name exists nowhere, or nothing is `after`."""
    wanted, changed = in_form(board, names, wanted)
    names.check(stall=wanted.after)
    one_more = None if wanted.limit is None else wanted.limit + 1
    rows = board.stalls(wanted.model_copy(update={"limit": one_more}))
    if not rows:
        people = (wanted.owner, wanted.director)
        names.check(deal=wanted.deal_id, process=wanted.process, stage=wanted.stage, people=people)
    page = rows[: wanted.limit]
    hidden = may_be_of(wanted.owner, board.unreadable())
    hidden = tuple(each for each in hidden if wanted.deal_id in (None, each.deal_id))
    return StallPage(more=len(page) < len(rows), stalls=tuple(page), respelled=changed, unreadable=hidden)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a view has followed the log; nothing is left when both are equal."""

    position: int
    head: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A deal that a view could not take in, with the event that it stopped at; `deal_id` is empty for the log itself.

    `title` and `owner` are those last known.
    """

    deal_id: str
    position: int
    event: str
    error: str
    at: AwareDatetime
    title: str = ""
    owner: str | None = None
