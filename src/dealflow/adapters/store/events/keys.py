"""Keys of personal data: a random one per subject, kept apart from the events; destroying it erases what it encrypted."""

import secrets
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Protocol
from urllib.parse import quote

from dealflow.adapters.store.sqlite.read_only import is_read_only
from dealflow.adapters.store.unusable import unusable
from dealflow.application.ports.store import StoreUnreachable

_REMEMBER_SECONDS = 30.0
_BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Key:
    """`secret` is None once the key has been destroyed."""

    id: str
    secret: bytes | None


class KeyStore(Protocol):
    """Keys by subject; a subject whose key was destroyed gets a new one for what is recorded afterwards."""

    def obtain(self, subjects: Collection[str]) -> dict[str, Key]:
        """The live key of each subject, made durable before it is returned."""
        ...

    def find(self, ids: Collection[str]) -> dict[str, Key]:
        """Keys by their ids, destroyed ones too; one that was never here is absent."""
        ...

    def destroy(self, subject: str) -> int:
        """Destroy every key of the subject for ever; how many there were."""
        ...


class KeyTable(Protocol):
    """The rows behind a key store, on one database."""

    def newest(self, subjects: Iterable[str]) -> dict[str, tuple[int, bytes | None]]:
        """Subject -> number and secret of its newest key."""
        ...

    def add(self, keys: Iterable[tuple[str, str, int, bytes]]) -> None:
        """Write (id, subject, number, secret); one that somebody else has written meanwhile stays."""
        ...

    def by_id(self, ids: Iterable[str]) -> list[Key]:
        """Those that exist."""
        ...

    def blank(self, subject: str) -> int:
        """Overwrite the secrets of all the subject's keys; how many had one."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Keys:
    """A KeyStore over a table, with a short memory for reading; safe to use from several threads."""

    def __init__(self, table: KeyTable) -> None:
        self._table = table
        self._remembered: dict[str, tuple[float, Key]] = {}
        self._forget_at = 0.0
        self._lock = Lock()

    def obtain(self, subjects: Collection[str]) -> dict[str, Key]:
        newest = self._table.newest(subjects)
        wanting = [subject for subject in subjects if newest.get(subject, (0, None))[1] is None]
        if wanting:
            made = [(subject, newest.get(subject, (0, None))[0] + 1) for subject in sorted(wanting)]
            self._table.add((_id(subject, n), subject, n, secrets.token_bytes(32)) for subject, n in made)
            # Read again: another process may have been first, and its key is the one that counts.
            newest |= self._table.newest(wanting)
        return {subject: Key(_id(subject, n), secret) for subject, (n, secret) in newest.items()}

    def find(self, ids: Collection[str]) -> dict[str, Key]:
        found: dict[str, Key] = {}
        unknown: list[str] = []
        now = monotonic()
        with self._lock:
            for key_id in ids:
                until, key = self._remembered.get(key_id, (0.0, None))
                if key is not None and now < until:
                    found[key_id] = key
                else:
                    unknown.append(key_id)
        if unknown:
            read = {key.id: key for key in self._table.by_id(unknown)}
            with self._lock:
                self._forget(now)
                self._remembered |= {key.id: (now + _REMEMBER_SECONDS, key) for key in read.values()}
            found |= read
        return found

    def _forget(self, now: float) -> None:
        """A key that is not used any more, which another process may have destroyed, is nowhere in this one after a while."""
        if now >= self._forget_at:
            self._remembered = {key_id: kept for key_id, kept in self._remembered.items() if now < kept[0]}
            self._forget_at = now + _REMEMBER_SECONDS

    def destroy(self, subject: str) -> int:
        destroyed = self._table.blank(subject)
        with self._lock:
            self._remembered.clear()
        return destroyed

    def close(self) -> None:
        """Let go of the database."""
        self._table.close()


def _id(subject: str, number: int) -> str:
    # Where the subject itself has a # its first key is numbered too, or two subjects could share an id.
    return subject if number == 1 and "#" not in subject else f"{subject}#{number}"


def _address(path: Path) -> str:
    """Of a file in a folder that may only be read; where there is none, of an empty table that nobody can fill."""
    return f"file:{quote(str(path.absolute()))}?mode=ro" if path.exists() else "file::memory:"


class SqliteKeyTable:
    """A file of its own, readable by its owner only; secrets are overwritten in it, not just unlinked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        try:
            is_closed = is_read_only(path)
            if not is_closed:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                _address(path) if is_closed else path,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                uri=is_closed,
            )
            if is_closed and path.exists():
                return
            # The default journal, not WAL, which would keep a destroyed secret until its next checkpoint.
            self._connection.execute("PRAGMA secure_delete = ON")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, subject TEXT NOT NULL, number INTEGER NOT NULL,"
                " secret BLOB, UNIQUE (subject, number))"
            )
            if is_closed:
                self._connection.execute("PRAGMA query_only = ON")
        except (sqlite3.Error, OSError) as error:
            raise self._unreachable(error) from error

    def newest(self, subjects: Iterable[str]) -> dict[str, tuple[int, bytes | None]]:
        rows = self._each(
            "SELECT subject, number, secret FROM keys WHERE subject = ? ORDER BY number DESC LIMIT 1", subjects
        )
        return {subject: (number, secret) for subject, number, secret in rows}

    def add(self, keys: Iterable[tuple[str, str, int, bytes]]) -> None:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?)", keys)
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise self._unreachable(error) from error

    def by_id(self, ids: Iterable[str]) -> list[Key]:
        return [Key(key_id, secret) for key_id, secret in self._each("SELECT id, secret FROM keys WHERE id = ?", ids)]

    def blank(self, subject: str) -> int:
        with self._lock:
            try:
                return self._connection.execute(
                    "UPDATE keys SET secret = NULL WHERE subject = ? AND secret IS NOT NULL", (subject,)
                ).rowcount
            except sqlite3.Error as error:
                raise self._unreachable(error) from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _each(self, statement: str, values: Iterable[str]) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return [row for value in values for row in self._connection.execute(statement, (value,))]
            except sqlite3.Error as error:
                raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> StoreUnreachable:
        return unusable(f"the keys of personal data in {self._path}", error)
