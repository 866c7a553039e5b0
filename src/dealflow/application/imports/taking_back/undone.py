"""What taking an import back comes to: deals that are gone or as before, deals that are kept, imports that come first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from dealflow.domain.deal.brought import Brought, brought
from dealflow.domain.deal.events import ImportUndone, Recorded, UndoFinished
from dealflow.domain.values.frozen import Frozen

# The counts are complete; the lists are for people.
MOST_LISTED = 1000

KeptWhy = Literal["act", "linked", "later", "unreadable"]


class KeptDeal(Frozen):
    """A deal that is kept whole: somebody acted on it, or on one that it is `linked` to.

    Of an act: who, what and when, and which event of the deal it is. `later`: an import came while it was taken back, `what`.
    """

    deal_id: str
    why: KeptWhy
    actor: str | None = None
    what: str | None = None
    version: int | None = None
    at: AwareDatetime | None = None
    linked: str | None = None


class Undone(Frozen):
    """What taking an import back comes to: `gone` deals that it had opened, `restored` ones that were there before.

    `kept` deals stay as they are. `later` are imports that brought something to the same deals since: they come first, and
    nothing is done while there is one. `events` count no more. All stay in the history. `first` are the first of both kinds.
    """

    batch: str
    done: bool = False
    gone: int = 0
    restored: int = 0
    events: int = 0
    kept: int = 0
    first: tuple[str, ...] = ()
    kept_deals: tuple[KeptDeal, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def taken_back(self) -> int:
        """How many deals are not as the import has left them."""
        return self.gone + self.restored


@dataclass(slots=True)
class UndoTally:
    """What was found so far, deal by deal."""

    batch: str
    gone: int = 0
    restored: int = 0
    events: int = 0
    earlier_gone: int = 0
    earlier_restored: int = 0
    earlier_events: int = 0
    first: list[str] = field(default_factory=list)
    kept: dict[str, KeptDeal] = field(default_factory=dict)
    later: dict[str, None] = field(default_factory=dict)

    def take(self, deal_id: str, found: Brought) -> None:
        """One more deal that is taken back."""
        self.gone += found.back_to == 0
        self.restored += found.back_to > 0
        self.events += found.events
        if len(self.first) < MOST_LISTED:
            self.first.append(deal_id)

    def take_earlier(self, recorded: Sequence[Recorded], batch: str) -> None:
        """A deal that an undo which was interrupted has taken back already."""
        for place, one in enumerate(recorded):
            if isinstance(one.fact, ImportUndone) and one.fact.batch == batch:
                found = brought(recorded[:place], batch)
                self.earlier_gone += one.fact.back_to == 0
                self.earlier_restored += one.fact.back_to > 0
                self.earlier_events += found.events if found else 0

    def finished(self, at: datetime) -> UndoFinished:
        """What goes on record: all of the undo, however often it was interrupted."""
        return UndoFinished(
            effective_at=at,
            batch=self.batch,
            gone=self.gone + self.earlier_gone,
            restored=self.restored + self.earlier_restored,
            kept=len(self.kept),
            events=self.events + self.earlier_events,
        )

    def undone(self, *, done: bool) -> Undone:
        """As it is told."""
        kept = [self.kept[deal_id] for deal_id in sorted(self.kept)]
        return Undone(
            batch=self.batch,
            done=done,
            gone=self.gone,
            restored=self.restored,
            events=self.events,
            kept=len(kept),
            first=tuple(self.first),
            kept_deals=tuple(kept[:MOST_LISTED]),
            later=tuple(self.later),
        )
