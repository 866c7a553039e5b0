"""What the store itself knows of its keys: whose each is, and which were destroyed; never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass

from dealflow.adapters.store.database import Database, Row, chunks

_COLUMNS = "key_id, subject, number, proof, erased, reason"
_ADD = f"""
    INSERT INTO personal_keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (key_id) DO UPDATE SET proof = excluded.proof WHERE personal_keys.proof = ''"""  # noqa: S608  no value in it
_PUT = f"""
    INSERT INTO personal_keys ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (key_id) DO UPDATE SET subject = excluded.subject, number = excluded.number, proof = excluded.proof,
        erased = excluded.erased, reason = excluded.reason"""  # noqa: S608  no value in it
_REMOVE = "DELETE FROM personal_keys WHERE key_id = ?"
_OF_SUBJECTS = f"SELECT {_COLUMNS} FROM personal_keys WHERE subject IN ({{list}})"  # noqa: S608  no value in it
_OF_IDS = f"SELECT {_COLUMNS} FROM personal_keys WHERE key_id IN ({{list}})"  # noqa: S608  no value in it
_ALL = f"SELECT {_COLUMNS} FROM personal_keys ORDER BY subject, number"  # noqa: S608  no value in it
_ERASED = "SELECT key_id FROM personal_keys WHERE erased = 1"
_ANY = "SELECT 1 AS found FROM personal_keys LIMIT 1"
_ERASE = "UPDATE personal_keys SET erased = 1 WHERE key_id = ?"
_IS_COMPLETE = "SELECT 1 AS found FROM personal_keys_known"
_COMPLETE = "INSERT INTO personal_keys_known (id) VALUES (1) ON CONFLICT (id) DO NOTHING"


@dataclass(frozen=True, slots=True)
class Registered:
    """A key that values of the store name. `proof` is what `id_of` gives for its secret, "" while nobody has seen it open one."""

    id: str
    subject: str
    number: int
    proof: str
    erased: bool = False
    reason: str = ""


class KeyRegistry:
    """A table of the store; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, subjects: Iterable[str]) -> dict[str, Registered]:
        """The newest key of each subject that has one."""
        found: dict[str, Registered] = {}
        for key in self.of_subjects(subjects):
            if key.subject not in found or found[key.subject].number < key.number:
                found[key.subject] = key
        return found

    def of_subjects(self, subjects: Iterable[str]) -> list[Registered]:
        """All keys of these subjects."""
        return self._among(_OF_SUBJECTS, subjects)

    def of_ids(self, ids: Iterable[str]) -> list[Registered]:
        """Those that are known."""
        return self._among(_OF_IDS, ids)

    def all(self) -> list[Registered]:
        """Every key, by subject and number."""
        return [_registered(row) for row in self._database.select(_ALL)]

    def erased(self) -> set[str]:
        """The ids of those that were destroyed."""
        return {row["key_id"] for row in self._database.select(_ERASED)}

    def has_any(self) -> bool:
        """Whether anything was ever encrypted."""
        return bool(self._database.select(_ANY))

    def add(self, keys: Iterable[Registered]) -> None:
        """Write keys; of one that is known only a missing proof is filled in."""
        rows = [(k.id, k.subject, k.number, k.proof, int(k.erased), k.reason) for k in keys]
        if rows:
            self._database.change(*((_ADD, row) for row in rows))

    def erase(self, ids: Iterable[str]) -> None:
        """Mark keys as destroyed, for ever."""
        statements = [(_ERASE, (each,)) for each in ids]
        if statements:
            self._database.change(*statements)

    def put(self, keys: Iterable[Registered]) -> None:
        """Write keys as they are, whatever was there."""
        rows = [(k.id, k.subject, k.number, k.proof, int(k.erased), k.reason) for k in keys]
        if rows:
            self._database.change(*((_PUT, row) for row in rows))

    def remove(self, ids: Iterable[str]) -> None:
        """Forget rows that somebody else has written."""
        statements = [(_REMOVE, (each,)) for each in ids]
        if statements:
            self._database.change(*statements)

    def is_complete(self) -> bool:
        """Whether the keys of everything in the store are known here; they are not in a store of before."""
        return bool(self._database.select(_IS_COMPLETE))

    def complete(self) -> None:
        """Say that they are."""
        self._database.change((_COMPLETE, ()))

    def _among(self, statement: str, values: Iterable[str]) -> list[Registered]:
        found: list[Registered] = []
        for some in chunks(list(values)):
            found += map(_registered, self._database.select_among(statement, some))
        return found


def _registered(row: Row) -> Registered:
    # SQLite takes any value in any column: what is none of ours differs from what it must be, and is found so.
    number = row["number"] if isinstance(row["number"], int) else 0
    return Registered(
        row["key_id"], str(row["subject"]), number, str(row["proof"]), bool(row["erased"]), str(row["reason"])
    )
