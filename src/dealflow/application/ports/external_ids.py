"""The port of the ids by which other systems know a customer: found by a keyed digest, never stored in the clear."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from dealflow.domain.deal.events import ExternalSystem


@dataclass(frozen=True, slots=True)
class IdDifference:
    """A row that is not as the events have it: `stored` is whose it says the id is, `right` whose it is; None: nobody's."""

    digest: str
    stored: str | None
    right: str | None


class ExternalIds(Protocol):
    """Kept by the appends that link an id, or erase who had it. All raise StoreUnreachable, KeysUnavailable without the key."""

    def find(self, system: ExternalSystem, value: str) -> str | None:
        """The customer whom the row of the id names; None where there is none. Their events have the last word."""
        ...

    def differing(
        self, ids: Iterable[tuple[ExternalSystem, str, str]], unreadable: Collection[str]
    ) -> list[IdDifference]:
        """The rows that are not as these ids ask for: system, value and customer each; by digest.

        A row of one of `unreadable`, of whose ids some cannot be read, may be theirs.
        """
        ...

    def put_right(self, differences: Iterable[IdDifference]) -> None:
        """Write the rows as they are to be."""
        ...
