"""The keys of the seal: a file outside the store, one key a line, to which keys are only ever added."""

import fcntl
import os
import secrets
from pathlib import Path
from threading import Lock

from dealflow.adapters.store.unusable import unusable
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import phrase

_HEAD = "# Keys of dealflow's seal. Keep a copy away from the store: without them nothing is appended, and nothing checked.\n"
_BYTES = 32
_ID_BYTES = 6


class SealKeyMissing(StoreUnreachable):
    """The key that this store is sealed with is not in the file: nothing may be written, and nothing can be checked."""

    def __init__(self, key_id: str, path: Path) -> None:
        self.key_id = key_id
        super().__init__(
            phrase(
                "key {key} of the seal is not in {file}, so nothing is written: put the key file of this store there,"
                " or name it by DEALFLOW_SEAL_KEYS; `dealflow store seal --anew` begins again where it is lost",
                key=key_id,
                file=str(path),
            )
        )


class SealKeys:
    """Secrets by the ids of their keys, read when they are first needed; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, bytes] = {}
        self._first = ""
        self._lock = Lock()

    def find(self, key_id: str) -> bytes | None:
        """The secret, None where the file does not have it; one that was added meanwhile is found. Raise StoreUnreachable."""
        with self._lock:
            if key_id not in self._known:
                self._known |= self._read()
            return self._known.get(key_id)

    def get(self, key_id: str) -> bytes:
        """The same, where nothing can be done without it: raise SealKeyMissing."""
        secret = self.find(key_id)
        if secret is None:
            raise SealKeyMissing(key_id, self.path)
        return secret

    def first(self) -> str:
        """The key of a chain that has not begun; the same until it has, however often its first append fails."""
        self._first = self._first or self.add()
        return self._first

    def add(self) -> str:
        """Make another key, durable before its id is returned; the old ones stay, for what they have sealed."""
        key_id = self.draw()
        self.keep(key_id)
        return key_id

    def draw(self) -> str:
        """Make another key, which nobody else knows before it is kept."""
        key_id = secrets.token_hex(_ID_BYTES)
        with self._lock:
            self._known[key_id] = secrets.token_bytes(_BYTES)
        return key_id

    def keep(self, key_id: str) -> None:
        """Put a key that was drawn into the file, durable when this returns."""
        with self._lock:
            try:
                self._write(f"{key_id} {self._known[key_id].hex()}\n")
            except OSError as error:
                raise self._unusable(error) from error

    def has_any(self) -> bool:
        """Whether the file has a key: then something was sealed with it. Raise StoreUnreachable."""
        with self._lock:
            return bool(self._read())

    def _write(self, line: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            # Somebody may have ended the file amid its last line.
            begin = _HEAD if size == 0 else "" if file.read(1) == b"\n" else "\n"
            file.write((begin + line).encode())
            os.fsync(file.fileno())

    def _read(self) -> dict[str, bytes]:
        try:
            lines = self.path.read_bytes().decode("ascii").splitlines()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from error
        except UnicodeDecodeError as error:
            raise self._spoilt(1) from error
        found: dict[str, bytes] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            key_id, _, secret = line.strip().partition(" ")
            try:
                found[key_id] = bytes.fromhex(secret)
            except ValueError:
                raise self._spoilt(number) from None
            if len(found[key_id]) != _BYTES:
                raise self._spoilt(number)
        return found

    def _spoilt(self, line: int) -> StoreUnreachable:
        return StoreUnreachable(
            phrase(
                "{file}:{line}: this is no key of the seal; put a copy of the file in its place",
                file=str(self.path),
                line=line,
            )
        )

    def _unusable(self, error: OSError) -> StoreUnreachable:
        return unusable(phrase("the file of the seal's keys, {file},", file=str(self.path)), error)
