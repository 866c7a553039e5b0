"""The rows of keys against the log, which names each key where it is used, and against the keys themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic_core import from_json

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.events.codec import StoredBytes
from dealflow.adapters.store.events.personal import personal_places
from dealflow.adapters.store.events.values import logged_bytes
from dealflow.adapters.store.keys.key import KeyRow, id_of, tells_its_secret
from dealflow.adapters.store.keys.place import Erasures, KeyPlace
from dealflow.adapters.store.keys.registry import KeyRegistry, Registered
from dealflow.application.ports.key_rows import KeyDifference
from dealflow.domain.customer.stream import CUSTOMER_STREAMS, customer_of_stream
from dealflow.domain.deal.events import CustomerRekeyed
from dealflow.domain.deal.stream import DEAL_STREAMS, deal_of
from dealflow.domain.values.phrase import Phrase, phrase

# Keys of the store itself digest, and encrypt nothing: no value names them.
_OF_THE_STORE = "dealflow/"


@dataclass
class _Named:
    """Where the log names a key first, and whose it can be: theirs whom the streams that name it are about."""

    stream: str
    version: int
    streams: set[str] = field(default_factory=set)
    subjects: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A row as it is, and as it must be; None: not there. `is_known`: whether the log and the keys tell how it must be."""

    key: str
    stored: Registered | None
    right: Registered | None
    says: Phrase
    is_known: bool = True


class SqlKeyRows:
    """KeyRows over a database; safe to use from several threads."""

    def __init__(self, database: Database, registry: KeyRegistry, place: KeyPlace, erasures: Erasures) -> None:
        self._database, self._registry, self._place, self._erasures = database, registry, place, erasures

    def differing(self) -> list[KeyDifference]:
        named = self._named()
        found: list[KeyDifference] = []
        for one in self._compared(named):
            where = named.get(one.key)
            place = (where.stream, where.version) if where else ("", None)
            found.append(KeyDifference(one.key, one.says, *place))
        return found

    def put_right(self) -> int:
        known = [one for one in self._compared(self._named()) if one.is_known]
        self._registry.remove(one.key for one in known if one.right is None)
        self._registry.put(one.right for one in known if one.right is not None)
        if known:
            self._place.look_again()
        return len(known)

    def _compared(self, named: dict[str, _Named]) -> Iterator[_Compared]:
        """What differs, by key."""
        kept = {row.id: row for row in self._place.rows()}
        rows = {row.id: row for row in self._registry.all()}
        subjects = {key: row.subject for key, row in rows.items()} | {key: row.subject for key, row in kept.items()}
        destroyed = self._erasures.of(subjects)
        of_store = {key for key, row in kept.items() if row.subject.startswith(_OF_THE_STORE)}
        for key in sorted(rows.keys() | named.keys() | of_store, key=str):
            stored, there, where = rows.get(key), kept.get(key), named.get(key)
            found: _Compared | None
            if stored is None:
                found = _without_row(key, there, is_destroyed=key in destroyed)
            elif there is not None:
                found = _beside_key(stored, there, where, is_destroyed=key in destroyed)
            elif where is not None:
                found = _beside_events(stored, where, is_destroyed=key in destroyed)
            else:
                found = self._of_nobody(stored)
            if found:
                yield found

    def _of_nobody(self, stored: Registered) -> _Compared | None:
        if str(stored.subject).startswith(_OF_THE_STORE) or not self._place.is_readable:
            return None
        says = phrase(
            "the store has a row of key {key} of {subject}, which no event names and which is not among the keys",
            key=stored.id,
            subject=stored.subject,
        )
        return _Compared(stored.id, stored, None, says)

    def _named(self) -> dict[str, _Named]:
        named: dict[str, _Named] = {}
        about: dict[str, set[str]] = {}
        for _, event in logged_bytes(self._database):
            stream = str(event.stream)
            subjects = about.setdefault(stream, _own(stream))
            for key, subject in _keys_in(event, subjects):
                one = named.setdefault(key, _Named(stream, event.version))
                if subject is None:
                    one.streams.add(stream)
                else:
                    one.subjects.add(subject)
        for one in named.values():
            one.subjects.update(*(about[stream] for stream in one.streams))
        return named


def _own(stream: str) -> set[str]:
    if stream.startswith(DEAL_STREAMS):
        return {f"deal:{deal_of(stream)}"}
    return {customer_of_stream(stream)} if stream.startswith(CUSTOMER_STREAMS) else set()


def _keys_in(event: StoredBytes, subjects: set[str]) -> Iterator[tuple[str, str | None]]:
    """The keys that an event names, with their subject where it says it; whom else it is about goes to `subjects`."""
    try:
        fact: dict[str, Any] = from_json(event.state)["fact"]
        if isinstance(customer := fact.get("customer"), dict):
            subjects.add(str(customer["id"]))
        places = personal_places(fact)
        said = [(str(fact["key"]), str(fact["customer_id"]))] if event.topic == CustomerRekeyed.topic else []
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # the check of the streams names it
    yield from said
    for place in places:
        if (key_id := place.key_id) is not None:
            yield key_id, None


def _without_row(key: str, there: KeyRow | None, *, is_destroyed: bool) -> _Compared:
    says = phrase("the store has no row of key {key}, which is in use", key=key)
    if there is None:
        return _Compared(key, None, None, says, is_known=False)
    proof = id_of(there.secret) if there.secret is not None else ""
    right = Registered(key, there.subject, there.number, proof, erased=is_destroyed or there.secret is None)
    return _Compared(key, None, right, says)


def _beside_key(stored: Registered, there: KeyRow, where: _Named | None, *, is_destroyed: bool) -> _Compared | None:
    if where is not None and there.subject not in where.subjects:
        says = phrase(
            "key {key} is that of {subject} where the keys are kept, and not by the events that name it",
            key=stored.id,
            subject=there.subject,
        )
        return _Compared(stored.id, stored, stored, says, is_known=False)
    if there.secret is None and where is not None and not is_destroyed:
        says = phrase(
            "key {key} of {subject} is destroyed where the keys are kept, and no event says so",
            key=stored.id,
            subject=there.subject,
        )
        return _Compared(stored.id, stored, stored, says, is_known=False)
    proof = _proof(stored, there.secret)
    gone = is_destroyed or there.secret is None
    return _differing(stored, replace(stored, subject=there.subject, number=there.number, proof=proof, erased=gone))


def _beside_events(stored: Registered, where: _Named, *, is_destroyed: bool) -> _Compared | None:
    right = replace(stored, proof=_proof(stored, None), erased=is_destroyed)
    if stored.subject in where.subjects:
        return _differing(stored, right)
    subject = min(where.subjects, default="")
    found = _differing(stored, replace(right, subject=subject))
    # Of several nobody can tell which.
    return found and replace(found, is_known=len(where.subjects) == 1)


def _proof(stored: Registered, secret: bytes | None) -> str:
    """What a row must prove its key by. One of before may share its name with another, and is proven by what it opens."""
    if tells_its_secret(stored.id):
        return stored.id if secret is not None or stored.proof else ""
    return id_of(secret) if secret is not None and not stored.proof else stored.proof


def _differing(stored: Registered, right: Registered) -> _Compared | None:
    if stored == right:
        return None
    named: dict[str, Any] = {"key": stored.id, "subject": right.subject}
    if stored.subject != right.subject:
        says = phrase(
            "the store's row calls key {key} of {subject} that of {other}", **named, other=str(stored.subject)
        )
    elif stored.erased and not right.erased:
        says = phrase("the store's row calls key {key} of {subject} destroyed, and no event says so", **named)
    elif right.erased and not stored.erased:
        says = phrase("the store's row does not say that key {key} of {subject} is destroyed", **named)
    else:
        says = phrase("the store's row of key {key} of {subject} is not as it was written", **named)
    return _Compared(stored.id, stored, right, says)
