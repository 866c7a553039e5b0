"""Every encrypted value of a store, as it stands in the log."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic_core import from_json

from dealflow.adapters.store.database import Database
from dealflow.adapters.store.events.codec import StoredBytes
from dealflow.adapters.store.events.event_store import bytes_of
from dealflow.adapters.store.events.personal import PersonalPlace, personal_places

_PAGE = 500


@dataclass(frozen=True, slots=True)
class LoggedValue:
    """An encrypted value with the event in which it stands, and that one's place in the log."""

    stream: str
    version: int
    position: int
    path: str
    key_id: str
    place: PersonalPlace

    def opens(self, secret: bytes) -> bool:
        """Whether it can be decrypted with this secret."""
        return self.place.opens(self.stream, self.version, secret)


def logged_bytes(database: Database) -> Iterator[tuple[int, StoredBytes]]:
    """All events with their places, in the order of the log, a page read at a time; whatever stands in their columns."""
    statement = f"""
        SELECT {database.position} AS position, originator_id, originator_version, topic, state FROM stored_events
        WHERE {database.position} > ? ORDER BY {database.position} LIMIT ?"""  # noqa: S608  the database's own column
    position = 0
    while page := database.select(statement, (position, _PAGE)):
        for row in page:
            yield row["position"], bytes_of(row)
        position = page[-1]["position"]


def encrypted_values(database: Database) -> Iterator[LoggedValue]:
    """The values in the order of the log; events that cannot be parsed are passed over."""
    for position, event in logged_bytes(database):
        if b'"enc":{' in event.state:
            yield from _values(str(event.stream), event.version, position, event.state)


def _values(stream: str, version: int, position: int, state: bytes) -> Iterator[LoggedValue]:
    try:
        places = personal_places(from_json(state)["fact"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    for place in places:
        if (key_id := place.key_id) is not None:
            yield LoggedValue(stream, version, position, place.path, key_id, place)
