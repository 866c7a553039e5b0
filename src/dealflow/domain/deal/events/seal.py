"""Events of the seal of the store itself."""

from typing import ClassVar

from dealflow.domain.deal.events.fact import Fact


class SealRotated(Fact):
    """`key` is the id of the key that seals from here on."""

    topic: ClassVar[str] = "store.seal_rotated.v1"
    key: str
    reason: str = ""


class SealedAnew(Fact):
    """The key was lost, and everything was sealed as it stood, by the new `key`."""

    topic: ClassVar[str] = "store.sealed_anew.v1"
    key: str
    reason: str
