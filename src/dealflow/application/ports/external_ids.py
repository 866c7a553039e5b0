"""The port of the ids by which other systems know a customer: found by a keyed digest, never stored in the clear."""

from collections.abc import Iterable
from typing import Protocol

from dealflow.domain.deal.events import ExternalSystem


class ExternalIds(Protocol):
    """Kept by the appends that link an id, or erase who had it. Both raise StoreUnreachable, KeysUnavailable without the key."""

    def find(self, system: ExternalSystem, value: str) -> str | None:
        """The customer whom the id was linked to; None where nobody has it."""
        ...

    def add_missing(self, ids: Iterable[tuple[ExternalSystem, str, str]]) -> int:
        """Make these findable where they are not: system, value and customer each; how many were added."""
        ...
