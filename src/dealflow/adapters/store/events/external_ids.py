"""The rows by which a customer is found from an id of another system: a keyed digest, and whose it is."""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Iterator, Sequence

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.keys.key import KeyStore
from dealflow.application.ports.external_ids import IdDifference
from dealflow.application.ports.store import Append
from dealflow.domain.deal.events import ExternalIdLinked, ExternalSystem
from dealflow.domain.values.text.alike import as_drawn

# Whose key digests all of them: a customer is looked for before anybody knows who it is.
SUBJECT = "dealflow/external-ids"
_ANY = "SELECT 1 AS found FROM external_ids LIMIT 1"
_FIND = "SELECT customer_id FROM external_ids WHERE digest = ?"
_ALL = "SELECT digest, customer_id FROM external_ids"
_REMOVE = "DELETE FROM external_ids WHERE digest = ?"
_PUT = """
    INSERT INTO external_ids (digest, customer_id) VALUES (?, ?)
    ON CONFLICT (digest) DO UPDATE SET customer_id = excluded.customer_id"""


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

    def differing(
        self, ids: Iterable[tuple[ExternalSystem, str, str]], unreadable: Collection[str]
    ) -> list[IdDifference]:
        # Rows first: what is linked meanwhile is in the events, and not yet among them.
        stored = {row["digest"]: row["customer_id"] for row in self._database.select(_ALL)}
        given = list(ids)
        secret = _secret(self._keys) if given else b""
        right = {_digest(secret, system, value): customer for system, value, customer in given}
        return [
            IdDifference(digest, stored.get(digest), right.get(digest))
            for digest in sorted(stored.keys() | right.keys(), key=str)
            if stored.get(digest) != right.get(digest)
            and not (digest not in right and stored.get(digest) in unreadable)
        ]

    def put_right(self, differences: Iterable[IdDifference]) -> None:
        statements: list[tuple[str, tuple[str, ...]]] = [
            (_REMOVE, (each.digest,)) if each.right is None else (_PUT, (each.digest, each.right))
            for each in differences
        ]
        if statements:
            self._database.change(*statements)


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
    """Ids that nobody can tell apart have one digest, and so are one customer's."""
    return hmac.new(secret, f"{system}\n{as_drawn(value)}".encode(), hashlib.sha256).hexdigest()
