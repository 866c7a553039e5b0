"""The state of one deal, folded from its events: frozen, with the two tracks, the clocks and the stalls apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from dealflow.domain.deal.events import Customer, Link
from dealflow.domain.deal.seller_path import PathPoint
from dealflow.domain.deal.stalls import OpenStall, Raised, Stall
from dealflow.domain.process.definition import ProcessRef, Side
from dealflow.domain.process.rules import FieldValue
from dealflow.domain.values.money import Money

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Outcome(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CANCELLED = "cancelled"


class NodeStatus(StrEnum):
    OPEN = "open"
    REACHED = "reached"
    WAIVED = "waived"


class EvidenceStatus(StrEnum):
    """Whether a piece of evidence counts."""

    VALID = "valid"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class InProgress:
    """The deal's life goes on."""


@dataclass(frozen=True)
class Closed:
    """The deal's life has ended; `outcome_before` is what reopening restores."""

    at: datetime
    version: int
    how: str
    outcome_before: Outcome


Life = InProgress | Closed


@dataclass(frozen=True, slots=True)
class SetAside:
    """A unique value of a field that another piece, recorded earlier in this deal or another, has as well.

    To who does not see that deal it is not named.
    """

    field: str
    first_deal: str
    first: str


@dataclass(frozen=True)
class Evidence:
    """`counts_from` is the version of its recording or of its latest confirmation, `command_id` is what recorded it.

    `confirmed_at` is when somebody last confirmed it, or when it began to count again. `set_aside`: a unique value of it was
    recorded before, so it counts for nothing. `unconfirmed`: it is withdrawn or disputed, and somebody above the owner has yet to
    agree. `earlier` is what it was before each correction, oldest first; the last
    `in_doubt` of these corrections wait for somebody above as well.
    """

    id: str
    kind: str
    side: Side
    fields: Mapping[str, FieldValue]
    observed_at: datetime
    reported_at: datetime
    author: str
    version: int
    counts_from: int
    command_id: str = field(compare=False)  # a draft has no id of its own yet
    recorded_at: datetime
    imported: bool = False
    status: EvidenceStatus = EvidenceStatus.VALID
    confirmed_at: datetime | None = None
    unconfirmed: bool = False
    earlier: tuple["Evidence", ...] = ()
    in_doubt: int = 0
    set_aside: tuple[SetAside, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it is neither taken away nor set aside."""
        return self.status is EvidenceStatus.VALID and not self.set_aside

    @property
    def versions(self) -> tuple["Evidence", ...]:
        """All that it may be while corrections of it are in doubt, the present one last."""
        return (*self.earlier[len(self.earlier) - self.in_doubt :], self) if self.in_doubt else (self,)

    @property
    def waits(self) -> bool:
        """Whether a change of it waits for somebody above the owner."""
        return self.unconfirmed or self.in_doubt > 0


@dataclass(frozen=True)
class NodeState:
    """`changes` keeps every status with its effective instant.

    `rested_on` is all evidence that it was ever reached on and that nothing has taken away since.
    `open_since` is the version after which evidence counts, `open_from` the instant of the act that opened the node again.
    """

    status: NodeStatus = NodeStatus.OPEN
    evidence: tuple[str, ...] = ()
    open_since: int = 0
    open_from: datetime | None = None
    rested_on: frozenset[str] = frozenset()
    changes: tuple[tuple[datetime, NodeStatus], ...] = ()


@dataclass(frozen=True)
class Visit:
    """One stay in a stage; `how` says what brought the deal here."""

    stage: str
    number: int
    entered_at: datetime
    how: str
    pass_through: bool = False
    left_at: datetime | None = None


@dataclass(frozen=True)
class Ready:
    """The gate of the current stage is met: since when it counts, and the instant of the fact that decided it."""

    ready_at: datetime
    decided_at: datetime
    how: str
    reason: str = ""


@dataclass(frozen=True)
class Clock:
    """A running clock; `started_at` is when the wait began, over all its episodes.

    With a `node` it is that node's own: it runs on whatever stage the deal moves to.
    """

    name: str
    stage: str
    visit: int
    episode: int
    started_at: datetime
    limit: str
    due_at: datetime
    warn_at: datetime | None
    provisional: bool
    calendar: str | None = None
    calendar_version: str | None = None
    granted: bool = False
    warned: bool = False
    stalled: bool = False
    node: str | None = None

    @property
    def key(self) -> str:
        """By what the deal's clocks are told apart."""
        return clock_key(self.name, self.node)


def clock_key(clock: str, node: str | None) -> str:
    """The name of the clock, with the node where each node has one of its own."""
    return f"{clock}/{node}" if node else clock


@dataclass(frozen=True)
class LostProof:
    """A node of a stage that the deal has left, or that its win rests on, is open again; `stage` is the node's."""

    node: str
    stage: str
    since: datetime
    why: str
    after_win: bool
    episode: int


@dataclass(frozen=True)
class MilestoneState:
    """The latest record of a milestone."""

    stage: str
    at: datetime
    version: int
    withdrawn: bool = False


@dataclass(frozen=True)
class Step:
    what: str
    by: datetime
    node: str | None
    planned_at: datetime
    done_at: datetime | None = None


@dataclass(frozen=True)
class Win:
    """`amount` is what was won; `amounts` and `amount_since` are those of the deal at the win, or as amended for it."""

    at: datetime
    basis: str
    unproven: tuple[str, ...]
    version: int
    stage: str = ""
    amount: Money | None = None
    amounts: tuple[Money, ...] = ()
    amount_since: datetime | None = None


@dataclass(frozen=True)
class BeforeImport:
    """The deal as it was before the last import or deal that brought something, None where there was none.

    `batch` is what the events were caused by: an import's batch, or what opened the deal that follows from another.
    """

    batch: str
    deal: "Deal | None"


@dataclass(frozen=True)
class Deal:
    """One sales opportunity at one version of its stream; times are aware and UTC.

    `amounts` are all that were in force since somebody above the owner, or an import, last said the amount; 0 is none.
    `amount_since` is when it was last amended or confirmed. `former_customers` are those from whom its owner alone took
    the deal: its unique values are theirs as well. `run` counts the beginnings of a deal whose earlier ones were taken
    back. `worked_as_owner` are the owners, of now and before, who recorded,
    amended or planned anything while it was theirs; `decided_by` those who decided on it in this opening.
    """

    id: str
    title: str
    process: ProcessRef
    stage: str
    opened_at: datetime
    opened_recorded_at: datetime
    version: int
    recorded_at: datetime
    owner: str | None = None
    worked_as_owner: frozenset[str] = frozenset()
    decided_by: frozenset[str] = frozenset()
    customer: Customer | None = None
    former_customers: tuple[str, ...] = ()
    amount: Money | None = None
    amounts: tuple[Money, ...] = ()
    amount_since: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    linked_from: Link | None = None
    run: int = 1
    opening: int = 1
    outcome: Outcome = Outcome.OPEN
    life: Life = InProgress()
    win: Win | None = None
    loss_reason: str | None = None
    visits: tuple[Visit, ...] = ()
    nodes: Mapping[str, NodeState] = field(default_factory=lambda: EMPTY)
    evidence: Mapping[str, Evidence] = field(default_factory=lambda: EMPTY)
    milestones: Mapping[str, MilestoneState] = field(default_factory=lambda: EMPTY)
    milestones_from: int = 0  # the version of the last return to a stage; only later ones meet a gate
    path: tuple[PathPoint, ...] = ()  # what the seller's standing follows from, as recorded
    steps: Mapping[str, Step] = field(default_factory=lambda: EMPTY)
    ready: Ready | None = None
    clocks: Mapping[str, Clock] = field(default_factory=lambda: EMPTY)  # by `Clock.key`
    lost: Mapping[str, LostProof] = field(default_factory=lambda: EMPTY)
    lost_episodes: Mapping[str, int] = field(default_factory=lambda: EMPTY)  # the last of each node in this opening
    stalls: Mapping[str, Stall] = field(default_factory=lambda: EMPTY)
    linked: tuple[str, ...] = ()
    imported: frozenset[str] = frozenset()
    imported_at: datetime | None = None
    claims_not_applied: int = 0
    opens_anew: bool = False  # the date of its opening was corrected, and the opening follows
    raised_before: Mapping[str, Raised] = field(default_factory=lambda: EMPTY)  # of stalls that are told anew, by id
    before_import: BeforeImport | None = field(default=None, compare=False, repr=False)

    @property
    def visit(self) -> int:
        return self.visits[-1].number

    @property
    def entered_at(self) -> datetime:
        return self.visits[-1].entered_at

    @property
    def in_progress(self) -> bool:
        return isinstance(self.life, InProgress)

    @property
    def proven_amount(self) -> Money | None:
        """The largest of the amounts that a standard has to hold for; None where they cannot be compared, or 0 is in force."""
        amounts = self.amounts_in_force
        currencies = {amount.currency for amount in amounts}
        return max(amounts, key=lambda amount: amount.minor) if len(currencies) == 1 else None

    @property
    def won_amount(self) -> Money | None:
        """What a won deal was won for, whatever was amended since."""
        return self.win.amount if self.win and self.outcome is Outcome.WON else None

    @property
    def amounts_in_force(self) -> tuple[Money, ...]:
        """What a standard has to hold for; an amount of 0 is none."""
        return self.amounts if self.amount and self.amount.minor else ()

    @property
    def is_judged(self) -> bool:
        """Whether its nodes are judged. On a closed deal that is won nothing moves; a lost one is judged when it is reopened."""
        return self.in_progress or self.outcome is Outcome.WON

    @property
    def running_clocks(self) -> tuple[Clock, ...]:
        """The clocks that have not run out."""
        return tuple(clock for clock in self.clocks.values() if not clock.stalled)

    @property
    def proofs_lost(self) -> tuple[LostProof, ...]:
        """The proofs that are lost, the first first; they bear on nothing once the deal itself is lost or cancelled."""
        return tuple(self.lost.values()) if self.is_judged else ()

    def node(self, node_id: str) -> NodeState:
        """The node's state; one that nothing has happened to is open."""
        return self.nodes.get(node_id, _UNTOUCHED)

    @property
    def open_stalls(self) -> tuple[OpenStall, ...]:
        return tuple(stall for stall in self.stalls.values() if isinstance(stall, OpenStall))


_UNTOUCHED = NodeState()
