"""The stored bytes of an event: canonical JSON with its predecessor's digest in it, personal values encrypted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema, from_json

from dealflow.adapters.store.canonical import canonical
from dealflow.adapters.store.events.personal import PersonalPlace, PersonalValueAltered, keys_of, personal_places
from dealflow.adapters.store.events.upcasting import UPCASTERS, upcast
from dealflow.adapters.store.keys.key import Key, KeyReader
from dealflow.application.ports.store import EventUnreadable
from dealflow.domain.deal.events import TOPICS, Fact, Recorded, Stamp
from dealflow.domain.values.phrase import Phrase, phrase


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """An event as a row of the store."""

    stream: str
    version: int
    topic: str
    state: bytes


def digest(state: bytes) -> str:
    """What the successor carries: the SHA-256 of the stored bytes, in hex."""
    return hashlib.sha256(state).hexdigest()


def encode(stream: str, fact: Fact, stamp: Stamp, previous: str, key: Key | None) -> StoredBytes:
    """The bytes to store; `previous` is the predecessor's digest, "" for the first, `key` is needed where something is personal."""
    content = fact.model_dump(mode="json")
    for place in personal_places(content):
        if place.is_erased:
            continue
        if key is None or key.secret is None:
            raise ValueError(f"{fact.topic} has personal fields and needs a key")
        place.encrypt(stream, stamp.version, key.id, key.secret)
    record = {
        "fact": content,
        "prev": previous,
        "stamp": stamp.model_dump(mode="json"),
        "stream": stream,
        "topic": fact.topic,
    }
    return StoredBytes(stream, stamp.version, fact.topic, canonical(record))


def decode(stored: Sequence[StoredBytes], keys: KeyReader) -> list[Recorded]:
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


def _read_in_steps(stored: Sequence[StoredBytes], keys: KeyReader) -> list[Recorded]:
    records = [_parsed(event) for event in stored]
    places = [personal_places(record["fact"]) for record in records]
    found = keys_of([place for group in places for place in group], keys)
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


def _parsed(event: StoredBytes) -> dict[str, Any]:
    try:
        record = from_json(event.state)
        known = (record["stream"], record["topic"], record["stamp"]["version"])
        record["fact"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(event, phrase("its bytes were altered: {error}", error=str(error))) from error
    if known != (event.stream, event.topic, event.version):
        stream, topic, version = known
        says = phrase(
            "its row was altered: the bytes say {stream}, {topic}, version {version}",
            stream=stream,
            topic=topic,
            version=version,
        )
        raise _unreadable(event, says)
    return record  # type: ignore[no-any-return]


def _recorded(
    event: StoredBytes, record: dict[str, Any], places: list[PersonalPlace], keys: dict[str, Key]
) -> Recorded:
    try:
        for place in places:
            place.decrypt(event.stream, event.version, keys)
    except PersonalValueAltered as error:
        raise _unreadable(event, error.reason) from error
    topic, content = upcast(event.topic, record["fact"])
    fact_type = TOPICS.get(topic)
    if fact_type is None:
        newer = phrase("{topic} is not known to this version of dealflow; a newer one wrote it", topic=topic)
        raise _unreadable(event, newer)
    try:
        return Recorded(
            stream=event.stream, stamp=Stamp.model_validate(record["stamp"]), fact=fact_type.model_validate(content)
        )
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        # Not the error itself, which shows the values.
        raise _unreadable(event, phrase("{topic} has another shape: {faults}", topic=topic, faults=faults)) from None


def _unreadable(event: StoredBytes, reason: Phrase) -> EventUnreadable:
    return EventUnreadable(event.stream, event.version, reason)
