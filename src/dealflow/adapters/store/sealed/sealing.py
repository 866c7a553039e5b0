"""Looks after the chain of seals: says how it stands, adds a key, and begins anew where a key is lost."""

from pydantic_core import from_json, to_json

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.instants import from_micros
from dealflow.adapters.store.seal.begin import LAST_SEAL, StoreSeal
from dealflow.adapters.store.seal.chain import SealHead, next_seal, rotation_proof
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.seal.standing import Execute
from dealflow.application.audit.sealed import Begun, SealState

_BEGUN = "SELECT content FROM seals WHERE content LIKE ? ORDER BY number DESC LIMIT 1"
_OF_KEY = "SELECT 1 AS one FROM seals WHERE key_id = ? LIMIT 1"
_ADD_SEAL = "INSERT INTO seals (number, key_id, content, seal) VALUES (?, ?, ?, ?)"


class SqlSealing:
    """Sealing over a database; `now` is the database's clock as an expression, in microseconds."""

    def __init__(self, database: Database, keys: SealKeys, now: str) -> None:
        self._database, self._keys, self._now = database, keys, now

    def state(self) -> SealState:
        last = self._database.select(LAST_SEAL)
        if not last:
            return SealState(0, "", is_here=True, is_gone=bool(self._database.recorder.max_notification_id()))
        key_id = last[0]["key_id"]
        begun = [known for row in self._database.select(_BEGUN, ('{"begun":%',)) if (known := _begun(row["content"]))]
        return SealState(
            seals=last[0]["number"],
            key_id=key_id,
            is_here=self._keys.find(key_id) is not None,
            begun=begun[0] if begun else None,
        )

    def new_key(self) -> str:
        last = self._database.select(LAST_SEAL)
        if last:
            self._keys.get(last[0]["key_id"])
        return self._keys.add()

    def rotate_to(self, key_id: str) -> None:
        with self._database.alone() as execute:
            head = _head(execute)
            if not head.number or execute(_OF_KEY, (key_id,)):
                return
            proof = rotation_proof(self._keys.get(head.key_id), head.number + 1, key_id, head.seal)
            said = to_json({"rotated": proof}).decode()
            execute(_ADD_SEAL, next_seal(self._keys.get(key_id), head, key_id, said))

    def begin_anew(self, reason: str) -> SealState:
        with self._database.alone() as execute:
            seal = StoreSeal(self._keys, self._database.place)
            seal.begin(execute, _head(execute), position=self._database.position, now=self._now, reason=reason)
        return self.state()


def _begun(content: str) -> Begun | None:
    """None for what no seal says, which the check of the seal names."""
    try:
        at, reason = from_json(content)["begun"]
        return Begun(from_micros(at), str(reason))
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def _head(execute: Execute) -> SealHead:
    last = execute(LAST_SEAL, ())
    return SealHead(last[0]["number"], last[0]["key_id"], last[0]["seal"]) if last else SealHead(0, "", "")
