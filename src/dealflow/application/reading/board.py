"""The board: what a list of deals asks and shows, and the questions that a read model of all deals answers."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import AwareDatetime

from dealflow.application.reading.inventory import Inventory
from dealflow.application.reading.known_names import KnownNames
from dealflow.application.reading.stalls import StallQuery, StallRow
from dealflow.domain.deal.state import Outcome
from dealflow.domain.process.definition import Text
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.money import Money


class DealRow(Frozen):
    """One deal as a list shows it; people are ids of people.yaml, the customer's name stays encrypted in the events."""

    deal_id: str
    title: str
    process: str
    stage: str
    stage_title: Text = {}
    position: str | None = None
    position_title: Text = {}
    customer_stage: str | None = None
    standing: str
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
    version: int


class DealQuery(Frozen):
    """Which deals to list, by id; `none` as a position, owner, director or customer asks for deals without one.

    `process` is a name, or a name with its version; `after` is the id of the last one of the page before.
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
    limit: int | None = None
    after: str | None = None


class DealPage(Frozen):
    """A page of a list, of `total` deals that the question asks for."""

    total: int
    deals: tuple[DealRow, ...]


class Board(Protocol):
    """A read model of all deals, as they are when it is asked."""

    def deals(self, wanted: DealQuery) -> list[DealRow]:
        """The deals that are wanted, by id."""
        ...

    def count_deals(self, wanted: DealQuery) -> int:
        """How many are wanted, whatever the page."""
        ...

    def stalls(self, wanted: StallQuery) -> list[StallRow]:
        """The stalls that are wanted, oldest deadline first."""
        ...

    def board_inventory(self) -> Inventory:
        """The inventory of now."""
        ...


def deal_page(board: Board, names: KnownNames, wanted: DealQuery) -> DealPage:
    """The page that is wanted; CommandRefused where nothing matches because a name exists nowhere."""
    rows = board.deals(wanted)
    if not rows:
        people = (wanted.owner, wanted.director)
        names.check(process=wanted.process, stage=wanted.stage, node=wanted.position, people=people)
    return DealPage(total=board.count_deals(wanted), deals=tuple(rows))


def stall_page(board: Board, names: KnownNames, wanted: StallQuery) -> list[StallRow]:
    """The stalls that are wanted; CommandRefused where nothing matches because a name exists nowhere."""
    rows = board.stalls(wanted)
    if not rows:
        names.check(deal=wanted.deal_id, stage=wanted.stage, people=(wanted.owner, wanted.director))
    return rows


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a view has followed the log; nothing is left when both are equal."""

    position: int
    head: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A deal that a view could not take in, with the event that it stopped at; `deal_id` is empty for the log itself."""

    deal_id: str
    position: int
    event: str
    error: str
    at: AwareDatetime
