"""The stored bytes of an event: canonical JSON with its predecessor's digest in it, personal values encrypted."""

import base64
import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema, from_json

from dealflow.adapters.store.events.keys import Key, KeyStore
from dealflow.adapters.store.events.upcasting import UPCASTERS, upcast
from dealflow.application.ports.store import EventUnreadable
from dealflow.domain.deal.events import TOPICS, Fact, Recorded, Stamp

ERASED = "(erased)"
LOST = "(key lost)"
_NONCE_BYTES = 12
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """An event as a row of the store."""

    stream: str
    version: int
    topic: str
    state: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """A personal value inside a fact's JSON; `path` is bound into its encryption."""

    holder: dict[str, Any]
    name: str
    path: str


def digest(state: bytes) -> str:
    """What the successor carries: the SHA-256 of the stored bytes, in hex."""
    return hashlib.sha256(state).hexdigest()


def has_personal(fact: Fact) -> bool:
    """Whether anything in the fact is stored encrypted."""
    customer = getattr(fact, "customer", None)
    return bool(getattr(fact, "personal", ())) or (customer is not None and customer.name is not None)


def encode(stream: str, fact: Fact, stamp: Stamp, previous: str, key: Key | None) -> StoredBytes:
    """The bytes to store; `previous` is the predecessor's digest, "" for the first, `key` is needed where something is personal."""
    content = fact.model_dump(mode="json")
    for place in _personal_places(content):
        if key is None or key.secret is None:
            raise ValueError(f"{fact.topic} has personal fields and needs a key")
        place.holder[place.name] = _encrypt(place, stream, stamp.version, key.id, key.secret)
    record = {
        "fact": content,
        "prev": previous,
        "stamp": stamp.model_dump(mode="json"),
        "stream": stream,
        "topic": fact.topic,
    }
    return StoredBytes(stream, stamp.version, fact.topic, canonical(record))


def decode(stored: Sequence[StoredBytes], keys: KeyStore) -> list[Recorded]:
    """The events again, in their present shape; raise EventUnreadable for the first that cannot be read."""
    at_once = [_read_at_once(event) for event in stored]
    left = [event for event, known in zip(stored, at_once, strict=True) if known is None]
    read = iter(_read_in_steps(left, keys) if left else ())
    return [known or next(read) for known in at_once]


def _read_at_once(event: StoredBytes) -> Recorded | None:
    """Most events hold nothing encrypted and have today's shape: their bytes are read straight into stamp and fact, in half
    the time. None for any other, and for whatever is wrong.
    """
    reader = _reader(event.topic)
    if reader is None or event.topic in UPCASTERS or b'"enc":{' in event.state:
        return None
    try:
        record = reader.validate_json(event.state)
    except ValidationError:
        return None
    known = (record["stream"], record["topic"], record["stamp"].version)
    if known != (event.stream, event.topic, event.version):
        return None
    return Recorded(stream=event.stream, stamp=record["stamp"], fact=record["fact"])


@cache
def _reader(topic: str) -> SchemaValidator | None:
    """For whole records of this topic; None where it is not one of today."""
    fact_type = TOPICS.get(topic)
    if fact_type is None:
        return None
    for model in (Stamp, fact_type):
        model.model_rebuild()
    parts = {
        "stream": core_schema.str_schema(),
        "topic": core_schema.str_schema(),
        "stamp": Stamp.__pydantic_core_schema__,
        "fact": fact_type.__pydantic_core_schema__,
    }
    fields = {name: core_schema.typed_dict_field(part) for name, part in parts.items()}
    return SchemaValidator(core_schema.typed_dict_schema(fields, total=True))


def _read_in_steps(stored: Sequence[StoredBytes], keys: KeyStore) -> list[Recorded]:
    records = [_parsed(event) for event in stored]
    places = [_personal_places(record["fact"]) for record in records]
    found = _keys_of([place for group in places for place in group], keys)
    return [_recorded(*each, found) for each in zip(stored, records, places, strict=True)]


def stamp_of(stored: StoredBytes) -> Stamp:
    """Only the stamp, without any key."""
    return Stamp.model_validate(_parsed(stored)["stamp"])


def previous_of(stored: StoredBytes) -> str:
    """The digest that it carries of its predecessor; "" for the first, and where the bytes say none."""
    try:
        return str(from_json(stored.state)["prev"])
    except (ValueError, KeyError, TypeError):
        return ""


def canonical(record: Any) -> bytes:
    """JSON with one form only: UTF-8, sorted keys, no spaces, no numbers that JSON does not have."""
    return _CANONICAL.encode(record).encode()


def _parsed(event: StoredBytes) -> dict[str, Any]:
    try:
        record = from_json(event.state)
        known = (record["stream"], record["topic"], record["stamp"]["version"])
        record["fact"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(event, f"its bytes were altered: {error}") from error
    if known != (event.stream, event.topic, event.version):
        raise _unreadable(event, "its row was altered: the bytes say {}, {}, version {}".format(*known))
    return record  # type: ignore[no-any-return]


def _recorded(event: StoredBytes, record: dict[str, Any], places: list[_Place], keys: dict[str, Key]) -> Recorded:
    for place in places:
        place.holder[place.name] = _decrypt(event, place, keys)
    topic, content = upcast(event.topic, record["fact"])
    fact_type = TOPICS.get(topic)
    if fact_type is None:
        raise _unreadable(event, f"{topic} is not known to this version of dealflow; a newer one wrote it")
    try:
        return Recorded(
            stream=event.stream, stamp=Stamp.model_validate(record["stamp"]), fact=fact_type.model_validate(content)
        )
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        # Not the error itself, which shows the values.
        raise _unreadable(event, f"{topic} has another shape: {faults}") from None


def _personal_places(fact: dict[str, Any]) -> list[_Place]:
    """Where a stored fact of any age may hold something personal."""
    fields, customer = fact.get("fields"), fact.get("customer")
    places: list[_Place] = []
    if isinstance(fields, dict):
        places += [_Place(fields, name, f"fields.{name}") for name in fact.get("personal", ()) if name in fields]
    if isinstance(customer, dict) and customer.get("name") is not None:
        places.append(_Place(customer, "name", "customer.name"))
    return places


def _keys_of(places: Sequence[_Place], keys: KeyStore) -> dict[str, Key]:
    ids: Collection[str] = {value["enc"]["key"] for place in places if _is_encrypted(value := place.holder[place.name])}
    return keys.find(ids) if ids else {}


def _is_encrypted(value: Any) -> bool:
    inner = value.get("enc") if isinstance(value, dict) else None
    return isinstance(inner, dict) and isinstance(inner.get("key"), str) and isinstance(inner.get("v"), str)


def _bound(stream: str, version: int, path: str) -> bytes:
    """A value moved to another event or field no longer decrypts."""
    return f"{stream}\n{version}\n{path}".encode()


def _encrypt(place: _Place, stream: str, version: int, key_id: str, secret: bytes) -> dict[str, Any]:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    plain = canonical(place.holder[place.name])
    sealed = nonce + AESGCM(secret).encrypt(nonce, plain, _bound(stream, version, place.path))
    return {"enc": {"key": key_id, "v": base64.b64encode(sealed).decode()}}


def _decrypt(event: StoredBytes, place: _Place, keys: dict[str, Key]) -> Any:
    value = place.holder[place.name]
    if not _is_encrypted(value):
        return value
    key = keys.get(value["enc"]["key"])
    if key is None or key.secret is None:
        return LOST if key is None else ERASED
    try:
        sealed = base64.b64decode(value["enc"]["v"], validate=True)
        bound = _bound(event.stream, event.version, place.path)
        return json.loads(AESGCM(key.secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound))
    except (InvalidTag, ValueError) as error:
        raise _unreadable(event, f"{place.path} was altered or belongs to another key") from error


def _unreadable(event: StoredBytes, reason: str) -> EventUnreadable:
    return EventUnreadable(event.stream, event.version, reason)
