"""The rows by which a customer is found from an id of another system: a keyed digest, and whose it is."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence

from dealflow.adapters.store.database import Database, chunks, listed
from dealflow.adapters.store.keys.key import KeyStore
from dealflow.application.ports.store import Append
from dealflow.domain.deal.events import ExternalIdLinked, ExternalSystem

# Whose key digests all of them: a customer is looked for before anybody knows who it is.
SUBJECT = "dealflow/external-ids"
_ANY = "SELECT 1 AS found FROM external_ids LIMIT 1"
_FIND = "SELECT customer_id FROM external_ids WHERE digest = ?"
_KNOWN = "SELECT digest FROM external_ids WHERE digest IN ({list})"
_ADD = "INSERT INTO external_ids (digest, customer_id) VALUES {list} ON CONFLICT (digest) DO NOTHING"


class SqlExternalIds:
    """ExternalIds over a database; safe to use from several threads."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database, self._keys = database, keys

    def find(self, system: ExternalSystem, value: str) -> str | None:
        # Nobody has one, so that no key is made for the question.
        if not self._database.select(_ANY):
            return None
        rows = self._database.select(_FIND, (_digest(_secret(self._keys), system, value),))
        return str(rows[0]["customer_id"]) if rows else None

    def add_missing(self, ids: Iterable[tuple[ExternalSystem, str, str]]) -> int:
        given = list(ids)
        if not given:
            return 0
        secret = _secret(self._keys)
        wanted = {_digest(secret, system, value): customer for system, value, customer in given}
        added = 0
        for some in chunks(sorted(wanted)):
            known = {row["digest"] for row in self._database.select_among(_KNOWN, some)}
            rows = [(digest, wanted[digest]) for digest in some if digest not in known]
            added += len(rows)
            self._database.change(*((listed(_ADD, 1, "(?, ?)"), row) for row in rows))
        return added


def external_rows(appends: Sequence[Append], keys: KeyStore) -> tuple[tuple[str, str], ...]:
    """The rows of the ids that these appends link: digest and customer, in order."""
    linked = [fact for append in appends for fact, _ in append.facts if isinstance(fact, ExternalIdLinked)]
    if not linked:
        return ()
    secret = _secret(keys)
    return tuple(sorted(_rows(linked, secret)))


def _rows(linked: Iterable[ExternalIdLinked], secret: bytes) -> Iterator[tuple[str, str]]:
    for fact in linked:
        yield _digest(secret, fact.system, fact.fields["id"]), fact.customer_id


def _secret(keys: KeyStore) -> bytes:
    return keys.obtain([SUBJECT])[SUBJECT].secret or b""


def _digest(secret: bytes, system: str, value: str) -> str:
    return hmac.new(secret, f"{system}\n{value}".encode(), hashlib.sha256).hexdigest()
