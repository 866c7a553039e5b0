"""The port of the keys of customers: given anew to who has lost theirs, and destroyed for ever."""

from collections.abc import Collection
from typing import Protocol

from dealflow.domain.values.phrase import Phrase


class NothingToRekey(Exception):
    """The subject's key is there, or nothing was ever encrypted for it; the phrase says which."""

    def __init__(self, reason: Phrase) -> None:
        self.reason = reason
        super().__init__(reason)


class CustomerKeys(Protocol):
    """Keys by subject: a customer's id, or `deal:<id>` for a deal without customer. All raise StoreUnreachable."""

    def rekey(self, subject: str, reason: str) -> str:
        """A new key for what is recorded from now on, where the subject's own is missing; its id.

        Again with the same reason: the id of the one that was made. Raise NothingToRekey where it is not missing,
        KeysUnavailable where none can be kept.
        """
        ...

    def destroy(self, subject: str) -> int:
        """Destroy every key of the subject for ever, where the keys are and in the store; how many there were."""
        ...

    def any_alive(self, subjects: Collection[str]) -> bool:
        """Whether a key of any of these subjects is not destroyed, wherever it is: something stands under it, or may."""
        ...
