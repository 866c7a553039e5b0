"""What an import has brought to a deal that still counts, and whether it can be taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dealflow.domain.deal.events import ImportUndone, LinkedDealDue, Recorded, StallEnded, Stamp

# What follows from the events by itself; all other causes are acts, of a person or of another system.
_BY_ITSELF = ("import", "progress", "undo")


class Brought(NamedTuple):
    """All that counts behind version `back_to`, the earliest effective at `effective_at`; 0: there was no deal before.

    `linked` are deals that these events opened. `act` is the first thing that somebody did since, `later` the batch of a
    later import: then they are not taken back.
    """

    back_to: int
    effective_at: datetime
    events: int
    linked: tuple[str, ...] = ()
    act: Recorded | None = None
    later: str | None = None


def brought(recorded: Sequence[Recorded], batch: str) -> Brought | None:
    """What this batch has brought, with all that followed; None where nothing of it counts (any more)."""
    counting = that_count(recorded)
    first = next((one.stamp.version for one in counting if _is_of(batch, one.stamp)), None)
    if first is None:
        return None
    since = [one for one in counting if one.stamp.version >= first]
    before = counting[: len(counting) - len(since)]
    later = (one.stamp.correlation_id for one in since if one.stamp.cause == "import" and not _is_of(batch, one.stamp))
    return Brought(
        back_to=before[-1].stamp.version if before else 0,
        effective_at=min(one.fact.effective_at for one in since),
        events=len(since),
        linked=tuple(one.fact.linked_deal_id for one in since if isinstance(one.fact, LinkedDealDue)),
        act=_first_act([one for one in since if not _is_by_itself(one.stamp, batch)]),
        later=next(later, None),
    )


def _first_act(acts: Sequence[Recorded]) -> Recorded | None:
    """What somebody did; that a stall ended stands before the act that ended it."""
    return next((one for one in acts if not isinstance(one.fact, StallEnded)), next(iter(acts), None))


def that_count(recorded: Sequence[Recorded]) -> list[Recorded]:
    """The events without those that were taken back, and without what took them back."""
    counting: list[Recorded] = []
    for one in recorded:
        if isinstance(one.fact, ImportUndone):
            counting = [each for each in counting if each.stamp.version <= one.fact.back_to]
        else:
            counting.append(one)
    return counting


def _is_of(batch: str, stamp: Stamp) -> bool:
    return stamp.correlation_id == batch and (stamp.cause == "import" or stamp.cause.startswith("linked:"))


def _is_by_itself(stamp: Stamp, batch: str) -> bool:
    """Whether it follows from the import: what it was to other deals of its own is part of it."""
    return stamp.cause in _BY_ITSELF or stamp.correlation_id == batch
