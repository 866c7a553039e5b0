"""Where each of many keys stood first: the first thousands are kept in memory, all others on disk."""

import hashlib
import sqlite3

_IN_MEMORY = 5_000
_TABLE = "CREATE TABLE first_one (key BLOB PRIMARY KEY, number INTEGER) WITHOUT ROWID"
_PUT = "INSERT OR IGNORE INTO first_one VALUES (?, ?)"
_GET = "SELECT number FROM first_one WHERE key = ?"


class FirstOnes:
    """The number under which each key was given first; memory does not grow with the keys of a large file."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self.different = 0
        self._in_memory, self._few = in_memory, dict[str, int]()
        self._others: sqlite3.Connection | None = None

    def of(self, key: str, number: int) -> int:
        """The number with which the key came first: this one where it has not come before."""
        known = self._few.get(key)
        if known is not None:
            return known
        if self.different < self._in_memory:
            self._few[key] = number
        elif (stood := self._on_disk(key, number)) != number:
            return stood
        self.different += 1
        return number

    def _on_disk(self, key: str, number: int) -> int:
        if self._others is None:
            # A file of SQLite's own, which is gone with the connection.
            self._others = sqlite3.connect("", isolation_level=None)
            self._others.execute("PRAGMA journal_mode = OFF")
            self._others.execute(_TABLE)
            self._others.execute("BEGIN")
        short = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if self._others.execute(_PUT, (short, number)).rowcount:
            return number
        found: int = self._others.execute(_GET, (short,)).fetchone()[0]
        return found
