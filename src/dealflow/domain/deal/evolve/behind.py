"""What a stream has behind it where its deal was taken back: the next one begins another run of it."""

from collections.abc import Sequence
from typing import NamedTuple

from dealflow.domain.deal.events import DealOpened, Recorded
from dealflow.domain.deal.evolve.fold import evolve
from dealflow.domain.deal.state import Deal


class Behind(NamedTuple):
    """The last version of a stream, and how many runs its deal has had."""

    version: int = 0
    runs: int = 0


NOTHING_BEHIND = Behind()


def behind(recorded: Sequence[Recorded]) -> Behind:
    """What these events leave behind; nothing where there are none."""
    runs = max((one.fact.run for one in recorded if isinstance(one.fact, DealOpened)), default=0)
    return Behind(recorded[-1].stamp.version, runs) if recorded else NOTHING_BEHIND


def last_known(recorded: Sequence[Recorded]) -> Deal | None:
    """The deal after these events; where it was taken back, as it was before that."""
    deal = known = None
    for one in recorded:
        deal = evolve(deal, one.fact, one.stamp)
        known = deal or known
    return known
