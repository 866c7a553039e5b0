"""What would be read otherwise, counted by what it is, each with the first deals and what was read there before."""

from collections import Counter
from collections.abc import Collection
from typing import Literal, NamedTuple

from dealflow.domain.values.frozen import Frozen

DifferenceWhat = Literal[
    "id", "date", "title", "owner", "customer", "amount", "attributes", "field", "fact", "fact_gone", "fact_new"
]
_SHOWN = 3
# A mapping has as many facts; a file of a million keys in a list must not fill the memory.
_MOST_KINDS = 1_000


class ReadDifference(NamedTuple):
    """One thing that is read otherwise: of which fact, what it was and what it is; "" where it is hidden or nothing.

    `part` is the field, or what else of the fact it is.
    """

    what: DifferenceWhat
    name: str
    was: str = ""
    now: str = ""
    part: str = ""


class DealReadOtherwise(Frozen):
    """A deal with such a difference."""

    deal_id: str
    row: int
    was: str
    now: str


class ReadOtherwiseKind(Frozen):
    """Differences of one kind, the number of deals that have it, and the first of them."""

    what: DifferenceWhat
    name: str
    part: str = ""
    deals: int
    first: tuple[DealReadOtherwise, ...]


class ReadOtherwise(Frozen):
    """The deals on record that would be read otherwise than by the import that is named, by its mapping or its forms.

    Not `compared`: the files cannot be read by its mapping any more, and what would change is what the report says is followed.
    `only_undone`: facts of an event log are known by their instants, so what is there has to be taken back first.
    """

    batch: str
    compared: bool = True
    only_undone: bool = False
    deals: int = 0
    first_deals: tuple[str, ...] = ()
    kinds: tuple[ReadOtherwiseKind, ...] = ()


class ReadOtherwiseCount:
    """Counts while the files are gone through."""

    def __init__(self) -> None:
        self._deals = 0
        self._first_deals: list[str] = []
        self._kinds: Counter[tuple[DifferenceWhat, str, str]] = Counter()
        self._first: dict[tuple[DifferenceWhat, str, str], list[DealReadOtherwise]] = {}

    def add(self, deal_id: str, row: int, found: Collection[ReadDifference]) -> None:
        """What is read otherwise of one deal."""
        self._deals += 1
        if len(self._first_deals) < _SHOWN:
            self._first_deals.append(deal_id)
        of_each: dict[tuple[DifferenceWhat, str, str], ReadDifference] = {}
        for each in found:
            of_each.setdefault((each.what, each.name, each.part), each)
        for kind, one in of_each.items():
            if kind not in self._kinds and len(self._kinds) >= _MOST_KINDS:
                continue
            self._kinds[kind] += 1
            first = self._first.setdefault(kind, [])
            if len(first) < _SHOWN:
                first.append(DealReadOtherwise(deal_id=deal_id, row=row, was=one.was, now=one.now))

    def of(self, batch: str) -> ReadOtherwise | None:
        """All of it, the most frequent first; None where nothing is read otherwise."""
        if not self._deals:
            return None
        kinds = tuple(
            ReadOtherwiseKind(what=what, name=name, part=part, deals=deals, first=tuple(self._first[what, name, part]))
            for (what, name, part), deals in self._kinds.most_common()
        )
        return ReadOtherwise(batch=batch, deals=self._deals, first_deals=tuple(self._first_deals), kinds=kinds)
