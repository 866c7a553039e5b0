"""A key of personal data, how values name it, and what the store asks of whoever keeps keys."""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from dealflow.application.ports.keys import CustomerKeys
from dealflow.domain.values.phrase import Phrase

_NAMED_BY_SECRET = re.compile(r"k1:[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Key:
    """`secret` is None once the key has been destroyed."""

    id: str
    secret: bytes | None


def id_of(secret: bytes) -> str:
    """The id of a new key: as random as its secret, never used again, and no other secret passes under it."""
    return "k1:" + hmac.new(secret, b"dealflow: the id of a key", hashlib.sha256).hexdigest()[:32]


def tells_its_secret(key_id: str) -> bool:
    """Whether the id is one of `id_of`; a key of before is named after its subject."""
    return _NAMED_BY_SECRET.fullmatch(key_id) is not None


def named_after(subject: str, number: int) -> str:
    """The id that a key of a subject had before ids were random."""
    # Where the subject itself has a # its first key was numbered too, or two subjects could have shared an id.
    return subject if number == 1 and "#" not in subject else f"{subject}#{number}"


def whose(key_id: str) -> tuple[str, int]:
    """Subject and number in an id of `named_after`."""
    subject, mark, number = key_id.rpartition("#")
    return (subject, int(number)) if mark and number.isascii() and number.isdecimal() else (key_id, 1)


class KeyReader(Protocol):
    """What reading needs of keys."""

    def find(self, ids: Collection[str]) -> dict[str, Key]:
        """Keys by the ids that values name, destroyed ones too; one that cannot be had is absent. Never an error of a key."""
        ...


class KeyStore(KeyReader, CustomerKeys, Protocol):
    """Keys by subject; a subject whose key was destroyed gets a new one for what is recorded afterwards."""

    def obtain(self, subjects: Collection[str]) -> dict[str, Key]:
        """The live key of each subject, made durable before it is returned; raise KeysUnavailable, and none is made."""
        ...

    def upgrade(self) -> Phrase | None:
        """Bring keys of before up to date: the store learns which it has, and their place gets its id. Again: nothing.

        Why that cannot be done yet, and what to do: it is done with the first personal value then.
        """
        ...

    def examine(self) -> "KeysFound":
        """What state the keys are in."""
        ...


@dataclass(frozen=True, slots=True)
class KeysFound:
    """`problem` is why no key can be had at all, with what to do about it; `exposed`: others than their owner may read them.

    `missing` are subjects whose newest key is not there, `lost` those of whom an earlier one is not. `doubtful` are those whose
    key is there, and who a row of the store calls erased without an event that says so. `kept` and `erased` count.
    """

    place: Phrase
    problem: tuple[Phrase, Phrase] | None = None
    exposed: bool = False
    kept: int = 0
    erased: int = 0
    missing: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key where it is kept: the subject's `number`th; without secret once destroyed."""

    id: str
    subject: str
    number: int
    secret: bytes | None

    @property
    def is_itself(self) -> bool:
        """Whether it has its own secret, as far as its id tells."""
        return self.secret is not None and (not tells_its_secret(self.id) or id_of(self.secret) == self.id)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is found in the place of the keys: `is_there` with the id of the store they belong to, or a problem with it.

    `exposed`: others than their owner may read them.
    """

    is_there: bool
    store_id: str | None = None
    exposed: bool = False
    problem: Phrase | None = None


class KeyTable(Protocol):
    """The rows of keys in a file or a schema of their own. Any method but the first two may raise KeysGone or StoreUnreachable."""

    place: Phrase  # for messages

    def token(self) -> object:
        """What changes when something else is put in their place."""
        ...

    def look(self) -> Kept:
        """What is there now."""
        ...

    def make(self, store_id: str) -> None:
        """Make what is missing, and mark it as this store's unless it is marked."""
        ...

    def newest(self, subjects: Iterable[str]) -> dict[str, KeyRow]:
        """The newest key of each subject that has one."""
        ...

    def add(self, keys: Iterable[KeyRow]) -> None:
        """Write keys; one whose number somebody else has written meanwhile stays as it is."""
        ...

    def by_id(self, ids: Iterable[str]) -> list[KeyRow]:
        """Those that exist."""
        ...

    def by_number(self, subject: str, number: int) -> KeyRow | None:
        """A subject's first key, second key, and so on."""
        ...

    def all(self) -> list[KeyRow]:
        """Every key, destroyed ones too."""
        ...

    def blank(self, ids: Iterable[str]) -> int:
        """Overwrite the secrets of these keys; how many had one."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class KeysGone(Exception):
    """What holds the keys was taken away while it was in use."""
