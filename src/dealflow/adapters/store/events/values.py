"""Every encrypted value of a store, as it stands in the log."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic_core import from_json

from dealflow.adapters.store.database import Database, reachable
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


def encrypted_values(database: Database) -> Iterator[LoggedValue]:
    """The values in the order of the log, a page read at a time; events that cannot be parsed are passed over."""
    position = 0
    while True:
        with reachable(database.place):
            page = database.recorder.select_notifications(position, _PAGE, inclusive_of_start=False)
        if not page:
            return
        for event in page:
            if b'"enc":{' in event.state:
                yield from _values(str(event.originator_id), event.originator_version, event.id, event.state)
        position = page[-1].id


def _values(stream: str, version: int, position: int, state: bytes) -> Iterator[LoggedValue]:
    try:
        places = personal_places(from_json(state)["fact"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    for place in places:
        if (key_id := place.key_id) is not None:
            yield LoggedValue(stream, version, position, place.path, key_id, place)
