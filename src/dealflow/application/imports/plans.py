"""What every importer gives and what an import answers: deals as dated acts, rejects, findings, the report."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from dealflow.application.commands.answers import ValueTwice
from dealflow.application.imports.followed import Followed, GoneDeals, KeptByHand, NotChanged
from dealflow.application.imports.keys import ANY_EXPORT, Export
from dealflow.domain.deal.commands import Command, OpenDeal
from dealflow.domain.track.judge import LikePiece
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase
from dealflow.domain.values.text.spelling import Respelled

Dated = tuple[datetime, Command]


class ImportFinding(NamedTuple):
    """A value that was found nowhere, where it stands, and the nearest that is there, where that is known by then."""

    place: str
    value: str
    suggestion: str | None = None


class ColumnProfile(Frozen):
    """What was seen of a typed column: how many cells are filled, by which forms they are read, and which are not."""

    name: str
    type: str
    read_by: tuple[str, ...] = ()
    filled: int = 0
    empty: int = 0
    unread: int = 0
    first_unread: tuple[str, ...] = ()


Cost = Literal["deal", "fact", "field", "nothing", "doubt"]


class Reject(Frozen):
    """What could not be used; `row` counts from the header, which is row 1, as a spreadsheet shows it.

    In an event log it is the line, and `place` the trace and the event. `costs` is what is not taken in for it: the deal, one
    fact of it, one value; nothing where a row stands for no deal, a doubt where it was read and is to be looked at. `records`
    are the rows or events that it takes with it.
    """

    costs: Cost = "deal"
    records: int = 1

    file: str
    row: int
    place: Phrase = NOTHING
    field: str = ""
    reason: Phrase
    value: str = ""
    suggestion: str | None = None
    deal_id: str | None = None
    unknown_value: bool = False  # the mapping does not know it: a new stage of the other system, most likely

    @property
    def named_reason(self) -> Phrase:
        """The reason with the field that is to blame; rejects are counted by it."""
        return phrase("{field}: {reason}", field=self.field, reason=self.reason) if self.field else self.reason


class EarlyDate(Frozen):
    """A date before which nothing can have happened: it would have opened the deal, which opens at `opened_at` instead."""

    deal_id: str
    file: str
    row: int
    place: Phrase = NOTHING
    what: str
    at: datetime
    opened_at: datetime


class RejectReason(Frozen):
    """A reason with the field that is to blame, what it costs, how often it was given, and the first of its rejects."""

    field: str
    reason: Phrase
    costs: Cost
    count: int
    first: tuple[Reject, ...]


class MostRejects(NamedTuple):
    """How many records may be rejected before an import stops: a share of them, or a number."""

    share: float | None = None
    number: int | None = None

    def allows(self, rejected: int, records: int) -> bool:
        """Whether so many of so many are not too many."""
        if self.number is not None:
            return rejected <= self.number
        return self.share is None or rejected <= self.share * records


FIVE_PERCENT = MostRejects(share=0.05)


@dataclass(frozen=True, slots=True)
class DealPlan:
    """What a source says of one deal: acts in time order, the opening first, each with its origin.

    `adds_to` are other sources, to whose deal of the same id the acts are added.
    """

    deal_id: str
    file: str
    row: int
    acts: tuple[Dated, ...]
    findings: tuple[ImportFinding, ...] = ()
    respelled: tuple[Respelled, ...] = ()
    places: Mapping[str, Phrase] = field(default_factory=dict)  # of rows that are more than a number, in words
    early: tuple[EarlyDate, ...] = ()
    adds_to: tuple[str, ...] = ()
    rejects: tuple[Reject, ...] = ()  # facts and values of the deal that could not be used
    records: int = 1  # the rows or events that it was made of
    export: Export = ANY_EXPORT
    customer_given: str | None = None  # as the source calls who goes on as another by now
    is_gone: bool = False  # a full export has the deal no more; the acts say so

    @property
    def opening(self) -> OpenDeal:
        """What opens the deal; no plan is without it."""
        return next(act for _, act in self.acts if isinstance(act, OpenDeal))


class Plans(Protocol):
    """The records of one import, read anew each time they are gone through; memory does not grow with them."""

    @property
    def source(self) -> str:
        """The name of the other system, which stands in every key."""
        ...

    @property
    def process(self) -> str:
        """The version of the process that new deals are opened by, `name@version`."""
        ...

    @property
    def batch(self) -> str:
        """The same for the same files and mapping, so that an import that was interrupted goes on."""
        ...

    @property
    def total(self) -> int:
        """About how many records there are."""
        ...

    def __iter__(self) -> Iterator["DealPlan | Reject"]: ...

    def nearest(self, place: str, value: str) -> str | None:
        """What there is instead of a value that was found nowhere; asked for those that are shown only."""
        ...


# Deals of so many acts are held in memory at once, and written at once.
MOST_ACTS = 1_000


def in_groups(items: Iterable[DealPlan | Reject], size: int) -> Iterator[list[DealPlan | Reject]]:
    """The items in their order, `size` at a time, or fewer where their deals have many acts."""
    group: list[DealPlan | Reject] = []
    acts = 0
    for item in items:
        group.append(item)
        acts += len(item.acts) if isinstance(item, DealPlan) else 0
        if len(group) == size or acts >= MOST_ACTS:
            yield group
            group, acts = [], 0
    if group:
        yield group


class Shift(Frozen):
    """Whole days that were added to every date of a source, and the instant its snapshot became."""

    days: int
    last_day: date
    snapshot: datetime
    stored: bool = False  # it was made by an earlier import and used again


class Unmatched(Frozen):
    """A value that was found nowhere, with the number of rows and the nearest that is there."""

    place: str
    value: str
    rows: int
    suggestion: str | None = None


class RespelledCell(Frozen):
    """An id or a name of a source that is kept otherwise than it stands there."""

    file: str
    row: int
    change: Respelled


class RespelledColumn(Frozen):
    """A column with such cells, the number of their rows, and the first of them."""

    place: str
    rows: int
    first: tuple[RespelledCell, ...]


class LikePieceRow(Frozen):
    """A piece of evidence of a source that looks like another of its deal; `row` is where it stands, with its file."""

    deal_id: str
    row: str
    look: LikePiece


class LikePieceKind(Frozen):
    """A kind of evidence with such pieces, the number of them, and the first."""

    kind: str
    pieces: int
    first: tuple[LikePieceRow, ...]


class NotApplied(Frozen):
    """A claim that its deal contradicts: what the source says, and how the deal stands."""

    deal_id: str
    row: str
    claim: str
    stage: str
    outcome: str


class ImportReport(Frozen):
    """What an import did, or would do (`dry_run`).

    `strict_stop`: a reject stopped it before anything was written; `too_many_rejects`: more of the records than may be.
    `rejected` are deals and facts, `left_out` single values; `rejected_records` the rows or events in which something cannot
    be read or mapped, a value that is left out included, of `records`. `seconds` are those of the whole import,
    `seconds_looking` those before its first deal, in which the files are looked through. `reasons` has all of them by reason.
    `nobody_above` are owners in people.yaml above whom nobody stands, with the number of their deals.
    """

    source: str
    process: str
    batch: str
    dry_run: bool = False
    strict_stop: bool = False
    too_many_rejects: bool = False
    started_at: datetime
    seconds: float = 0.0
    seconds_looking: float = 0.0
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejected_deals: int = 0
    rejected_facts: int = 0
    left_out: int = 0
    passed_over: int = 0
    records: int = 0
    rejected_records: int = 0
    events: int = 0
    facts: dict[str, int] = {}
    rejects: tuple[Reject, ...] = ()
    rejects_by_reason: dict[Phrase, int] = {}
    reasons: tuple[RejectReason, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    unknown_values: tuple[Unmatched, ...] = ()
    unknown_owners: dict[str, int] = {}
    nobody_above: dict[str, int] = {}
    respelled: tuple[RespelledColumn, ...] = ()
    set_aside: int = 0
    values_twice: tuple[ValueTwice, ...] = ()
    look_alikes: tuple[LikePieceKind, ...] = ()
    without_owner: int = 0
    without_customer: int = 0
    claims_not_applied: int = 0
    kept_by_hand: dict[str, int] = {}
    kept: tuple[KeptByHand, ...] = ()
    followed: tuple[Followed, ...] = ()
    not_changed: tuple[NotChanged, ...] = ()
    gone: GoneDeals = GoneDeals()
    not_applied: tuple[NotApplied, ...] = ()
    dated_early: int = 0
    early_dates: tuple[EarlyDate, ...] = ()
    deals: int = 0
    open: int = 0
    won: int = 0
    lost: int = 0
    cancelled: int = 0
    won_amount: dict[str, str] = {}
    stalled: int = 0
    backlog: int = 0
    recipients: dict[str, int] = {}
    shift: Shift | None = None


def most_first(counts: Iterable[tuple[ImportFinding, int]]) -> tuple[Unmatched, ...]:
    """The findings with their rows, the most frequent first."""
    found = [
        Unmatched(place=finding.place, value=finding.value, rows=rows, suggestion=finding.suggestion)
        for finding, rows in counts
    ]
    return tuple(sorted(found, key=lambda item: (-item.rows, item.place, item.value)))
