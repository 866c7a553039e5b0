"""Why a database cannot be used, in one line: which one, what is wrong with it, and what to do about it."""

import errno
import re
import sqlite3
from collections.abc import Iterator

from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import Phrase, phrase

_PREAMBLE = re.compile(r"^connection failed: connection to server .*? failed: (?:FATAL:\s+)?|^connection is bad: ")
_RESTORE = phrase("put a backup in its place")
_NOT_YOURS = phrase("you must be allowed to write the file and its folder")
_NO_ROOM = phrase("make room on its disk and run this again; what did not fit was left out as a whole")
_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: phrase("another program has held it for too long: end that one and try again"),
    sqlite3.SQLITE_CANTOPEN: phrase("it must be a file that you may read and write, in a folder that you may too"),
    sqlite3.SQLITE_CORRUPT: _RESTORE,
    sqlite3.SQLITE_FULL: _NO_ROOM,
    sqlite3.SQLITE_IOERR: phrase("see that its disk has room and is sound"),
    sqlite3.SQLITE_NOTADB: _RESTORE,
    sqlite3.SQLITE_READONLY: _NOT_YOURS,
}
_OF_SYSTEM = {errno.EACCES: _NOT_YOURS, errno.EPERM: _NOT_YOURS, errno.EROFS: _NOT_YOURS, errno.ENOSPC: _NO_ROOM}
_ADDRESS = phrase("see database_url in `dealflow doctor`")
_LOGIN = phrase("check user and password in database_url")
_RIGHTS = phrase("grant this user what it needs, or open the store once as its owner")
_AWAY = phrase("see that PostgreSQL runs there and can be reached")
_OF_POSTGRES = {
    "25006": phrase("this server only reads now: set database_url to the one that writes"),
    "28": _LOGIN,
    "3D000": phrase("create the database, or correct its name in database_url"),
    "42501": _RIGHTS,
    "53100": _NO_ROOM,
    "53300": phrase("allow more connections, or run fewer parts at once"),
    "55P03": phrase("another session holds a lock: end that one and try again"),
    "57P": phrase("PostgreSQL is starting or ending: try again in a moment"),
}
# Where nobody is connected yet there is no code, only libpq's words.
_OF_CONNECTING = (
    (r"password|authentication|role \".*\" does not exist|no pg_hba\.conf entry", _LOGIN),
    (r"database \".*\" does not exist", _OF_POSTGRES["3D000"]),
    (r"too many (?:connections|clients)|connection slots are reserved", _OF_POSTGRES["53300"]),
    (r"the database system is", _OF_POSTGRES["57P"]),
    (r"permission denied", _RIGHTS),
    (
        r"refused|No such file|timed? ?out|timeout|resolve|unreachable|closed the connection|couldn't get a connection",
        _AWAY,
    ),
    (r"invalid|missing \"=\"|cannot be read", _ADDRESS),
)

# What SQLite says, word for word: they are what the catalogues translate. Other texts of drivers come out as they are.
_TEXTS = (
    phrase("file is not a database"),
    phrase("database disk image is malformed"),
    phrase("database is locked"),
    phrase("unable to open database file"),
    phrase("attempt to write a readonly database"),
    phrase("database or disk is full"),
    phrase("disk I/O error"),
)


def unusable(what: str, error: Exception, *, restore: str = _RESTORE) -> StoreUnreachable:
    """The error of a driver, or of whatever stands on it, as one of ours.

    `what` names the database, without password; `restore` is what to do about one that is damaged.
    """
    said = _first_line(error)
    advice = _advice(error, said)
    advice = restore if advice == _RESTORE else advice
    first = error.args[-1] if error.args else ""
    reason = first if isinstance(first, Phrase) else Phrase(said, {})
    return StoreUnreachable(
        phrase("{what} cannot be used: {said}; {advice}", what=what, said=reason, advice=advice)
        if advice
        else phrase("{what} cannot be used: {said}", what=what, said=reason)
    )


def empty(what: str) -> StoreUnreachable:
    """A file of no bytes in the place of a store: one is put there whole, so this one was cut."""
    return StoreUnreachable(phrase("{what} cannot be used: it is empty; {advice}", what=what, advice=_RESTORE))


def orphaned(what: str) -> StoreUnreachable:
    """The last writing of a store, without the store."""
    return StoreUnreachable(
        phrase(
            "{what} cannot be used: its file is gone and the last that was written, a file with -wal "
            "behind its name, is left; put the file back, or a backup of it, and remove what is left",
            what=what,
        )
    )


def _first_line(error: Exception) -> str:
    """What went wrong, without where it was tried and without the lines of hints that drivers add."""
    whole = error.strerror if isinstance(error, OSError) and error.strerror else str(getattr(error, "orig", error))
    lines = (line.strip() for line in whole.splitlines())
    return _PREAMBLE.sub("", next(filter(None, lines), "")) or type(error).__name__


def _advice(error: Exception, said: str) -> str | None:
    for each in _chain(error):
        if isinstance(each, sqlite3.Error):
            # The lower byte is the kind of the error, the rest says more of it.
            code: int = getattr(each, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            return _OF_SQLITE.get(code & 0xFF)
        if isinstance(each, OSError):
            return _OF_SYSTEM.get(each.errno or 0)
        state = getattr(each, "sqlstate", None)
        if state:
            return next((advice for begin, advice in _OF_POSTGRES.items() if state.startswith(begin)), None)
    return next((advice for words, advice in _OF_CONNECTING if re.search(words, said)), None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was made of: the packages in between wrap the driver's."""
    while error is not None:
        yield error
        error = error.__cause__ or getattr(error, "orig", None)
