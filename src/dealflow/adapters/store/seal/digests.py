"""The digests that a seal covers of rows which never change, and of where a stream's events stand in the log."""

import hashlib
from collections.abc import Sequence


def positions_digest(positions: Sequence[int]) -> str:
    """Of the places in the log of one stream's events: SHA-256, in hex."""
    return hashlib.sha256(" ".join(map(str, positions)).encode()).hexdigest()


def digest_of_row(*values: str | int | None) -> str:
    """Of values that never change: SHA-256, in hex; each with its length, so that no two rows have the same bytes."""
    return hashlib.sha256("".join([f"{len(text)}:{text}" for text in map(str, values)]).encode()).hexdigest()
