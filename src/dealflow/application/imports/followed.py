"""How far a source is followed: what of it is taken over, what stays on record against it, and the first deals of each."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple

from dealflow.domain.values.frozen import Frozen

FollowedWhat = Literal[
    "date",
    "evidence",
    "stage",
    "outcome",
    "title",
    "owner",
    "amount",
    "customer",
    "attributes",
    "owner_cleared",
    "amount_cleared",
    "customer_cleared",
    "evidence_cleared",
    "gone",
    "returned",
]
NotChangedWhat = Literal["date", "evidence", "owner", "amount", "customer", "evidence_cleared", "older_export"]
KeptWhat = Literal["stage", "outcome", "title", "owner", "amount", "customer", "attributes"]
SHOWN_DEALS = 3
SHOWN_KEPT = 20


class Followed(Frozen):
    """What the source says otherwise now and the deals follow: how often, and the first deals with such."""

    what: FollowedWhat
    facts: int
    first: tuple[str, ...]


class NotChanged(Frozen):
    """What the source says otherwise now, and what stays as it is; the first deals with such.

    `owner`, `amount`, `customer` and `evidence_cleared` are what the source has emptied; of an older export nothing is taken.
    """

    what: NotChangedWhat
    facts: int
    first: tuple[str, ...]


class KeptByHand(Frozen):
    """A deal that stands otherwise than its source says, since a person changed it: both sides."""

    deal_id: str
    row: str
    what: KeptWhat
    source_says: str
    on_record: str


class GoneDeals(Frozen):
    """What a full export has no more: `open` deals with the first ids, and `ended` ones, which are only counted.

    `known` is how many deals there would be with them. `cancelled`: the open ones were. `unread`: records without an id that
    may be among them, for which nothing is cancelled. `too_many`: the import stopped before it wrote anything.
    """

    open: int = 0
    ended: int = 0
    known: int = 0
    first: tuple[str, ...] = ()
    cancelled: bool = False
    unread: int = 0
    too_many: bool = False


class SetByHand(NamedTuple):
    """One such difference, of a deal that is known."""

    what: KeptWhat
    source_says: str
    on_record: str


class FollowedCount:
    """Counts of an import while it runs; of deals only the first are kept."""

    def __init__(self) -> None:
        self._followed: Counter[FollowedWhat] = Counter()
        self._stays: Counter[NotChangedWhat] = Counter()
        self._first: dict[tuple[str, str], list[str]] = {}
        self._kept: Counter[KeptWhat] = Counter()
        self._first_kept: list[KeptByHand] = []

    def follow(self, deal_id: str, found: Mapping[FollowedWhat, int]) -> None:
        """So much of this deal follows the source."""
        for what, facts in found.items():
            if facts:
                self._followed[what] += facts
                self._note("followed", what, deal_id)

    def stay(self, deal_id: str, found: Mapping[NotChangedWhat, int]) -> None:
        """So much of this deal stays as it is."""
        for what, facts in found.items():
            if facts:
                self._stays[what] += facts
                self._note("stays", what, deal_id)

    def keep(self, deal_id: str, row: str, found: SetByHand) -> None:
        """A person has changed this since the source said it."""
        self._kept[found.what] += 1
        if len(self._first_kept) < SHOWN_KEPT:
            self._first_kept.append(
                KeptByHand(
                    deal_id=deal_id,
                    row=row,
                    what=found.what,
                    source_says=found.source_says,
                    on_record=found.on_record,
                )
            )

    def _note(self, how: str, what: str, deal_id: str) -> None:
        first = self._first.setdefault((how, what), [])
        if len(first) < SHOWN_DEALS and deal_id not in first:
            first.append(deal_id)

    @property
    def followed(self) -> tuple[Followed, ...]:
        """What is followed, each with its first deals."""
        return tuple(
            Followed(what=what, facts=facts, first=tuple(self._first["followed", what]))
            for what, facts in self._followed.items()
        )

    @property
    def not_changed(self) -> tuple[NotChanged, ...]:
        """What stays, each with its first deals."""
        return tuple(
            NotChanged(what=what, facts=facts, first=tuple(self._first["stays", what]))
            for what, facts in self._stays.items()
        )

    @property
    def kept_by_hand(self) -> dict[str, int]:
        """How many deals keep which of their parts."""
        return {str(what): deals for what, deals in self._kept.items()}

    @property
    def kept(self) -> tuple[KeptByHand, ...]:
        """The first of them, both sides."""
        return tuple(self._first_kept)
