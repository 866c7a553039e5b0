"""Keys in a SQLite file of their own, readable by its owner only; secrets are overwritten in it, not just unlinked."""

import os
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from dealflow.adapters.store.keys.key import Kept, KeyRow, KeysGone
from dealflow.adapters.store.sqlite.read_only import is_read_only
from dealflow.adapters.store.unusable import unusable
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import phrase, phrase_of

_BUSY_SECONDS = 30.0
_ROW = "SELECT id, subject, number, secret FROM keys"
_OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO
_CREATE = (
    "CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, subject TEXT NOT NULL, number INTEGER NOT NULL,"
    " secret BLOB, UNIQUE (subject, number))",
    "CREATE TABLE IF NOT EXISTS key_file (id INTEGER PRIMARY KEY, store_id TEXT NOT NULL)",
)


class SqliteKeyTable:
    """A KeyTable over a file. It is opened when it is first looked at, and never made by looking."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = phrase("the keys of personal data in {path}", path=str(path))
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None

    def token(self) -> object:
        try:
            file = self._path.stat()
        except OSError:
            return None
        return file.st_dev, file.st_ino, file.st_ctime_ns

    def look(self) -> Kept:
        with self._lock:
            try:
                self._open()
                exposed = bool(self._path.stat().st_mode & _OTHERS_MAY)
                return Kept(is_there=True, store_id=self._store_id(), exposed=exposed)
            except FileNotFoundError:
                self._let_go()
                return Kept(is_there=False)
            except (sqlite3.Error, OSError) as error:
                self._let_go()
                return Kept(is_there=False, problem=phrase_of(self._unreachable(error)))

    def make(self, store_id: str) -> None:
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with suppress(FileExistsError):
                    os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                self._open()
            except (sqlite3.Error, OSError) as error:
                raise self._unreachable(error) from error
            statements: list[tuple[str, tuple[Any, ...]]] = [(statement, ()) for statement in _CREATE]
            self._change([*statements, ("INSERT OR IGNORE INTO key_file VALUES (1, ?)", (store_id,))])

    def newest(self, subjects: Iterable[str]) -> dict[str, KeyRow]:
        rows = self._each(f"{_ROW} WHERE subject = ? ORDER BY number DESC LIMIT 1", [(each,) for each in subjects])
        return {row.subject: row for row in rows}

    def add(self, keys: Iterable[KeyRow]) -> None:
        rows = [(key.id, key.subject, key.number, key.secret) for key in keys]
        with self._lock:
            self._change([("INSERT OR IGNORE INTO keys VALUES (?, ?, ?, ?)", row) for row in rows])

    def by_id(self, ids: Iterable[str]) -> list[KeyRow]:
        return self._each(f"{_ROW} WHERE id = ?", [(each,) for each in ids])

    def by_number(self, subject: str, number: int) -> KeyRow | None:
        return next(iter(self._each(f"{_ROW} WHERE subject = ? AND number = ?", [(subject, number)])), None)

    def all(self) -> list[KeyRow]:
        return self._each(f"{_ROW} ORDER BY subject, number", [()])

    def blank(self, ids: Iterable[str]) -> int:
        statement = "UPDATE keys SET secret = NULL WHERE id = ? AND secret IS NOT NULL"
        with self._lock:
            return self._change([(statement, (each,)) for each in ids])

    def close(self) -> None:
        with self._lock:
            self._let_go()

    def _open(self) -> None:
        """Connect to the file that is there now, unless it is the one that is open."""
        file = self._path.stat()
        if (file.st_dev, file.st_ino) == self._opened:
            return
        self._let_go()
        is_closed = is_read_only(self._path)
        if file.st_mode & _OTHERS_MAY and not is_closed:
            # A copy that was put back may have the rights of any file; where it is somebody else's, `doctor` says so.
            with suppress(OSError):
                self._path.chmod(0o600)
        self._connection = sqlite3.connect(
            f"file:{quote(str(self._path.absolute()))}?mode=ro" if is_closed else self._path,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            uri=is_closed,
        )
        # The default journal, not WAL, which would keep a destroyed secret until its next checkpoint.
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        self._opened = (file.st_dev, file.st_ino)

    def _let_go(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = self._opened = None

    def _store_id(self) -> str | None:
        assert self._connection
        try:
            row = self._connection.execute("SELECT store_id FROM key_file").fetchone()
        except sqlite3.OperationalError as error:
            if _is_without_table(error):
                return None
            raise
        return str(row[0]) if row else None

    def _change(self, statements: Iterable[tuple[str, tuple[Any, ...]]]) -> int:
        """All in one transaction; how many rows were changed."""
        if self._connection is None:
            raise KeysGone
        changed = 0
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for statement, values in statements:
                changed += max(0, self._connection.execute(statement, values).rowcount)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise self._unreachable(error) from error
        return changed

    def _each(self, statement: str, values: Iterable[tuple[Any, ...]]) -> list[KeyRow]:
        with self._lock:
            if self._connection is None:
                raise KeysGone
            try:
                return [KeyRow(*row) for some in values for row in self._connection.execute(statement, some)]
            except sqlite3.OperationalError as error:
                if _is_without_table(error):
                    return []
                raise self._unreachable(error) from error
            except sqlite3.Error as error:
                raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> StoreUnreachable:
        return unusable(self.place, error)


def _is_without_table(error: sqlite3.OperationalError) -> bool:
    return str(error).startswith("no such table")
