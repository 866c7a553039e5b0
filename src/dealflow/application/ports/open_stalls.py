"""The port of the deals with an open stall, which a change of the house may concern."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from dealflow.domain.process.definition import ProcessRef


class StalledDeal(NamedTuple):
    """A deal in progress with an open stall; `owned` are those who count as its owner as well."""

    deal_id: str
    owner: str | None
    owned: frozenset[str]
    process: ProcessRef


class OpenStalls(Protocol):
    """Finds them by an index, and never by looking at all deals."""

    def stalled_deals(self) -> Sequence[StalledDeal]:
        """All of them, by id."""
        ...
