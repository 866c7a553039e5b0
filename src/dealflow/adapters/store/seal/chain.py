"""The chain: each append has a seal over what it wrote, its place in the log, and the seal before."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic_core import to_json

# number, key_id, content, seal
SealRow = tuple[int, str, str, str]


class SealHead(NamedTuple):
    """The last seal of the store; the next one is made with the same key, unless a rotation comes between."""

    number: int
    key_id: str
    seal: str


def seal_of(secret: bytes, number: int, key_id: str, previous: str, content: str) -> str:
    """HMAC-SHA256 in hex. No part before the content has a line break, so that no two chains have the same bytes."""
    return hmac.digest(secret, f"seal\n{number}\n{key_id}\n{previous}\n{content}".encode(), "sha256").hex()


def rotation_proof(secret: bytes, number: int, key_id: str, previous: str) -> str:
    """What the key before says of the one that seals from this number on: HMAC-SHA256 in hex."""
    return hmac.digest(secret, f"key\n{number}\n{key_id}\n{previous}".encode(), "sha256").hex()


def next_seal(secret: bytes, head: SealHead, key_id: str, content: str) -> SealRow:
    """The row that follows the head."""
    number = head.number + 1
    return number, key_id, content, seal_of(secret, number, key_id, head.seal, content)


def head_of(row: SealRow) -> SealHead:
    """The head of a chain that ends with this row."""
    number, key_id, _, seal = row
    return SealHead(number, key_id, seal)


@dataclass(frozen=True, slots=True)
class UnsealedAppend:
    """What one append writes: its events by their digests, and `beside` what stands beside them, ready to be sealed."""

    stream: str
    first_version: int
    digests: Sequence[str]
    beside: Mapping[str, Any]

    def content(self, position: int) -> str:
        """What is sealed; `position` is that of its first event, and the next ones follow it without a gap."""
        events = {"events": (self.stream, self.first_version, position, *self.digests)} if self.digests else {}
        return to_json({**events, **self.beside}).decode()


def sealed_appends(
    secret: bytes, head: SealHead, appends: Sequence[UnsealedAppend], positions: Sequence[int]
) -> list[SealRow]:
    """A row for each append, in the order in which they are written behind the head; `positions` are those of all events."""
    rows: list[SealRow] = []
    events = 0
    for append in appends:
        position = positions[events] if append.digests else 0
        rows.append(next_seal(secret, head, head.key_id, append.content(position)))
        head = head_of(rows[-1])
        events += len(append.digests)
    return rows
